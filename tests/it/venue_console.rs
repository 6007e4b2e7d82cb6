//! Venues on the officials' pages: the queue, the search, and what is decided.
use crate::support::app::{App, Plan};
use ashiato::base::config::VenuePolicy;
use ashiato::base::db::DbRole;
use ashiato::cli::demo::http::Answer;
use ashiato::official::Role;
use serde_json::json;
use uuid::Uuid;

fn holds(answer: &Answer, status: u16, words: &[&str]) {
    let text = answer.text();
    assert_eq!(answer.status, status, "{text}");
    for word in words {
        assert!(text.contains(word), "{word} is missing in {text}");
    }
}

fn done(answer: &Answer, key: &str) {
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(answer.header("Location").unwrap().ends_with(&format!("?done={key}")), "{:?}", answer.header("Location"));
}

/// An application that waits; its page.
async fn application(app: &App, name: &str) -> String {
    let token = app.token(Role::Tracer, "clerk").await;
    let body = json!({ "name": name, "kind": "restaurant", "address": "あおば市中央1-2-3", "contact_email": "shop@example.jp" });
    let made = app.api("POST", "/api/v1/venues", Some(&token), Some(body)).await.expect_status(201).unwrap().json().unwrap();
    format!("/console/venues/{}", made["id"].as_str().unwrap())
}

async fn mails(app: &App) -> Vec<String> {
    app.deliver().await;
    app.sink.accepted().into_iter().map(|mail| format!("{}\n{}", mail.subject, mail.text)).collect()
}

#[tokio::test]
async fn an_application_is_asked_about_and_approved() {
    let app = App::start().await;
    let venue = application(&app, "喫茶 ひだまり").await;
    application(&app, "喫茶ひだまり").await;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    holds(&tanaka.get("/console/venues").await, 200, &["承認を待つ申請", "2件", "同じ名前と住所", "class=\"count\">2<"]);
    holds(
        &tanaka.get(&venue).await,
        200,
        &["承認待ち", "shop@example.jp", "申請を承認する", "申請を見送る", "同じ名前と住所の店舗・施設があります"],
    );
    holds(&tanaka.get(&format!("{venue}/ask")).await, 200, &["お店に質問する", "<textarea"]);
    holds(&tanaka.form(&format!("{venue}/ask"), &[("said", " ")]).await, 422, &["エラー：", "お店へ伝えることを書いてください"]);
    let long = "あ".repeat(301);
    holds(&tanaka.form(&format!("{venue}/ask"), &[("said", &long)]).await, 422, &["300文字まで", &long]);
    done(&tanaka.form(&format!("{venue}/ask"), &[("said", "2階ですか。\nhttps://evil.example")]).await, "asked");
    done(&tanaka.form(&format!("{venue}/ask"), &[("said", "2階ですか。\nhttps://evil.example")]).await, "before");
    let sent = mails(&app).await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].contains("2階ですか。") && sent[0].contains("0120-000-000") && !sent[0].contains("https://evil"), "{sent:?}");
    holds(&tanaka.get(&venue).await, 200, &["お店への質問", "2階ですか。", "田中 健"]);
    holds(&tanaka.get("/console/venues").await, 200, &["11月22日 質問済み"]);
    done(&tanaka.form(&format!("{venue}/approve"), &[]).await, "approved");
    done(&tanaka.form(&format!("{venue}/approve"), &[]).await, "before");
    holds(&tanaka.get(&format!("{venue}?done=approved")).await, 200, &["申請を承認しました", "利用中", "承認しました"]);
    holds(&tanaka.form(&format!("{venue}/refuse"), &[("said", "遅い")]).await, 422, &["いまは「利用中」なので"]);
    assert_eq!(tanaka.get(&format!("{venue}/refuse")).await.status, 303, "nothing to confirm");
}

#[tokio::test]
async fn a_refusal_tells_the_shop_why() {
    let app = App::start().await;
    let venue = application(&app, "喫茶 ひだまり").await;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    holds(&tanaka.get(&format!("{venue}/refuse")).await, 200, &["理由を、連絡先へメールで送ります", "class=\"stop\""]);
    holds(&tanaka.form(&format!("{venue}/refuse"), &[("said", "")]).await, 422, &["エラー："]);
    done(&tanaka.form(&format!("{venue}/refuse"), &[("said", "住所が見つかりません。")]).await, "refused");
    let sent = mails(&app).await;
    assert!(sent.len() == 1 && sent[0].contains("住所が見つかりません。"), "{sent:?}");
    holds(&tanaka.get(&venue).await, 200, &["見送り"]);
}

#[tokio::test]
async fn a_stopped_venue_takes_no_check_ins_until_it_is_started_again() {
    let app = App::start().await;
    let open = app.venue("喫茶 ひだまり", &["入口", "奥"]).await;
    let venue = format!("/console/venues/{}", open.id);
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let page = tanaka.get(&venue).await;
    holds(&page, 200, &["利用を止める", "奥", "使用中"]);
    let code = &open.codes[0];
    assert!(!page.text().contains(&code.replace('-', "")) && !page.text().contains(code.as_str()), "no code is shown");
    assert_eq!(app.get(&format!("/c/{code}")).await.status, 200);
    holds(&tanaka.get(&format!("{venue}/suspend")).await, 200, &["10秒以内に使えなくなります"]);
    done(&tanaka.form(&format!("{venue}/suspend"), &[]).await, "suspended");
    app.clock.advance(chrono::Duration::seconds(11));
    let dead = app.get(&format!("/c/{code}")).await;
    holds(&dead, 404, &["このコードでは登録できません"]);
    assert!(!dead.text().contains("ひだまり"));
    done(&tanaka.form(&format!("{venue}/reinstate"), &[]).await, "reinstated");
    app.clock.advance(chrono::Duration::seconds(11));
    assert_eq!(app.get(&format!("/c/{code}")).await.status, 200);
    holds(&tanaka.get(&format!("{venue}/close")).await, 200, &["元にはもどせません"]);
    done(&tanaka.form(&format!("{venue}/close"), &[]).await, "closed");
    app.clock.advance(chrono::Duration::seconds(11));
    assert_eq!(app.get(&format!("/c/{code}")).await.status, 404);
    holds(&tanaka.form(&format!("{venue}/reinstate"), &[]).await, 422, &["いまは「終了」なので"]);
    holds(&tanaka.get(&venue).await, 200, &["使用終了"]);
}

#[tokio::test]
async fn what_nobody_reviewed_is_listed_marked_and_looked_at() {
    let app = App::with(Plan { venue_policy: VenuePolicy::Instant, ..Plan::default() }).await;
    let open = app.venue("喫茶 ひだまり", &["入口"]).await;
    sqlx::query("update venue set reviewed_at = null").execute(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    let tanaka = app.official(Role::Approver, "田中 健").await;
    let venue = format!("/console/venues/{}", open.id);
    holds(&tanaka.get("/console/venues").await, 200, &["未確認の店舗・施設", "1件", "喫茶 ひだまり"]);
    holds(&tanaka.get("/console/venues?q=%E3%83%92%E3%83%80%E3%83%9E%E3%83%AA").await, 200, &["未確認", "利用中"]);
    done(&tanaka.form(&format!("{venue}/review"), &[]).await, "reviewed");
    holds(&tanaka.get("/console/venues").await, 200, &["未確認の店舗・施設はありません"]);
    done(&tanaka.form(&format!("{venue}/kana"), &[("kana", "きっさ ひだまり")]).await, "kana");
    holds(&tanaka.get("/console/venues?q=%E3%82%AD%E3%83%83%E3%82%B5").await, 200, &["きっさ ひだまり"]);
    holds(&tanaka.form(&format!("{venue}/kana"), &[("kana", &"あ".repeat(101))]).await, 422, &["エラー：", "100文字まで"]);
}

#[tokio::test]
async fn the_whole_queue_is_read_page_by_page() {
    let app = App::start().await;
    for number in 0..21 {
        application(&app, &format!("店 {number:02}")).await;
        app.clock.advance(chrono::Duration::seconds(1));
    }
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let first = tanaka.get("/console/venues").await;
    holds(&first, 200, &["21件", "店 00", "店 19", "/console/venues?list=waiting"]);
    assert!(!first.text().contains("店 20") && first.text().find("店 00") < first.text().find("店 19"), "oldest first");
    holds(&tanaka.get("/console/venues?list=waiting").await, 200, &["店 20"]);
    holds(&tanaka.get("/console/venues?q=%E3%81%AA%E3%81%84").await, 200, &["見つかりませんでした", "ポスターのコード"]);
}

#[tokio::test]
async fn a_viewer_sees_no_contact_and_decides_nothing() {
    let app = App::start().await;
    let venue = application(&app, "<i>喫茶</i>").await;
    let viewer = app.official(Role::Viewer, "鈴木 花").await;
    let shown = viewer.get(&venue).await;
    holds(&shown, 200, &["&#60;i&#62;喫茶", "承認待ち"]);
    assert!(!shown.text().contains("shop@example.jp") && !shown.text().contains("/approve"));
    assert!(!viewer.get("/console/venues").await.text().contains("class=\"count\""), "no tasks of theirs");
    for act in ["approve", "review", "ask", "refuse", "suspend", "reinstate", "close", "kana"] {
        assert_eq!(viewer.form(&format!("{venue}/{act}"), &[("said", "a")]).await.status, 403, "{act}");
    }
    for act in ["ask", "refuse", "suspend", "close"] {
        assert_eq!(viewer.get(&format!("{venue}/{act}")).await.status, 403, "{act}");
    }
    assert_eq!(viewer.get(&format!("/console/venues/{}", Uuid::new_v4())).await.status, 404);
}

#[tokio::test]
async fn a_lost_mailbox_is_replaced_and_both_mailboxes_are_told() {
    let app = App::start().await;
    let venue = application(&app, "喫茶 ひだまり").await;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let contact = format!("{venue}/contact");
    holds(&tanaka.get(&contact).await, 200, &["連絡先のメールアドレスを変える", "いまの連絡先：shop@example.jp"]);
    holds(
        &tanaka.form(&contact, &[("email", "new"), ("checked", "")]).await,
        422,
        &["エラー：", "「@」が入っていません", "確かめてから", "value=\"new\"", "href=\"#c\""],
    );
    holds(&tanaka.form(&contact, &[("email", "new@example.jp")]).await, 422, &["確かめてから", "value=\"new@example.jp\""]);
    assert!(mails(&app).await.is_empty(), "nothing half done");
    // What waits has no posters to show yet: no link.
    done(&tanaka.form(&contact, &[("email", "new@example.jp"), ("checked", "yes")]).await, "contact");
    done(&tanaka.form(&contact, &[("email", "new@example.jp"), ("checked", "yes")]).await, "before");
    let told = app_mails(&app).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|(_, text)| !text.contains("http") && text.contains("0120-000-000")), "{told:?}");
    let (left, taken) = (of(&told, "shop@example.jp"), of(&told, "new@example.jp"));
    assert!(left.contains("別のメールアドレスに変えました") && !left.contains("new@example.jp"), "{left}");
    assert!(taken.contains("このメールアドレスに変えました"), "{taken}");
    // Once active the newest mailbox gets a link, and the older letter's is dead.
    done(&tanaka.form(&format!("{venue}/approve"), &[]).await, "approved");
    let old = link(of(&app_mails(&app).await, "new@example.jp"));
    let token = app.token(Role::Tracer, "clerk").await;
    let id = venue.rsplit('/').next().unwrap();
    let move_to = |to: &str| json!({ "contact_email": to });
    let path = format!("/api/v1/venues/{id}/contact");
    app.api("POST", &path, Some(&token), Some(move_to("no address"))).await.expect_status(422).unwrap();
    app.api("POST", &path, Some(&token), Some(move_to("third@example.jp"))).await.expect_status(200).unwrap();
    let new = link(of(&app_mails(&app).await, "third@example.jp"));
    assert_eq!((app.get(&old).await.status, app.get(&new).await.status), (404, 200));
    // What is closed stays as it is.
    done(&tanaka.form(&format!("{venue}/close"), &[]).await, "closed");
    assert_eq!(tanaka.get(&contact).await.status, 303);
    holds(&tanaka.form(&contact, &[("email", "late@example.jp"), ("checked", "yes")]).await, 422, &["いまは「終了」なので"]);
    app.api("POST", &path, Some(&token), Some(move_to("late@example.jp"))).await.expect_status(409).unwrap();
}

/// All mails so far: to whom, and what.
async fn app_mails(app: &App) -> Vec<(String, String)> {
    app.deliver().await;
    app.sink.accepted().into_iter().map(|mail| (mail.to.clone(), format!("{}\n{}", mail.subject, mail.text))).collect()
}

/// The newest mail to somebody.
fn of<'a>(mails: &'a [(String, String)], to: &str) -> &'a str {
    mails.iter().rev().find(|(whom, _)| whom == to).map(|(_, text)| text.as_str()).unwrap()
}

/// The path of the link in a letter.
fn link(text: &str) -> String {
    let begin = text.find("/venues/confirm/").unwrap();
    text[begin..].split_whitespace().next().unwrap().to_owned()
}
