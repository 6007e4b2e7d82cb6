//! Cases on the officials' pages, as a browser without script sees them.
use crate::support::app::App;
use crate::support::console::Official;
use ashiato::base::db::DbRole;
use ashiato::cli::demo::http::Answer;
use ashiato::official::Role;
use uuid::Uuid;

const NONCE: &str = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";

/// Where an answer sends to, without its question.
fn sent_to(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("Location").unwrap().split('?').next().unwrap().to_owned()
}

fn holds(answer: &Answer, status: u16, words: &[&str]) {
    let text = answer.text();
    assert_eq!(answer.status, status, "{text}");
    for word in words {
        assert!(text.contains(word), "{word} is missing in {text}");
    }
}

async fn opened(official: &Official<'_>, reference: &str) -> String {
    let fields = [("nonce", &*Uuid::new_v4().to_string()), ("reference", reference), ("onset", "2026-11-20"), ("tested", "")];
    sent_to(&official.form("/console/cases", &fields).await)
}

async fn count(app: &App, statement: &'static str) -> i64 {
    sqlx::query_scalar(statement).fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap()
}

#[tokio::test]
async fn from_the_telephone_to_a_draft_in_four_clicks() {
    let app = App::start().await;
    let venue = app.venue("喫茶 ひだまり", &["入口"]).await.id;
    app.venue("ひだまり薬局", &["入口"]).await;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    holds(&tanaka.get("/console/cases").await, 200, &["感染報告はまだありません", "/console/cases/new"]);
    holds(&tanaka.get("/console/cases/new").await, 200, &["患者の名前は書かないでください", "name=\"nonce\""]);
    let case = opened(&tanaka, "HC-2026-1184").await;
    holds(
        &tanaka.get(&format!("{case}?done=opened")).await,
        200,
        &["感染報告 HC-2026-1184", "報告を登録しました", "先に、立ち寄り先を選んでください"],
    );
    let found = tanaka.get(&format!("{case}?q=%EF%BE%8B%EF%BE%80%EF%BE%9E%EF%BE%8F%EF%BE%98")).await;
    holds(&found, 200, &["2件", "喫茶 ひだまりを選ぶ", &format!("venue={venue}")]);
    let calendar = tanaka.get(&format!("{case}?q=hidamari&venue={venue}")).await;
    holds(
        &calendar,
        200,
        &[
            "喫茶 ひだまりを利用した日",
            "見つかりませんでした",
            "2026年11月18日（水） 目安の日",
            "2026年11月17日（火）<",
            "発症の2日前（11月18日）",
        ],
    );
    let text = calendar.text();
    let disabled = |date: &str| {
        let start = text.find(&format!("value=\"{date}\"")).unwrap_or_else(|| panic!("{date} is in the calendar"));
        text[start..].split('>').next().unwrap().contains("disabled")
    };
    for (date, expected) in [("2026-10-26", true), ("2026-10-27", false), ("2026-11-22", false), ("2026-11-23", true)] {
        assert_eq!(disabled(date), expected, "{date}");
    }
    let added = tanaka.form(&format!("{case}/stays"), &[("venue", &venue), ("date", "2026-11-20"), ("date", "2026-11-21")]).await;
    assert_eq!(sent_to(&added), case);
    let shown = tanaka.get(&format!("{case}?done=added&venue={venue}")).await;
    holds(
        &shown,
        200,
        &[
            "立ち寄り先を加えました",
            "2026年11月20日（金） 目安の日 追加済み",
            "下書き",
            "/console/alerts/",
            "喫茶 ひだまりの2026年11月21日（土）を取り除く",
        ],
    );
    holds(&shown, 200, &["田中 健", "立ち寄り先を加えました"]);
    holds(&tanaka.get("/console/cases").await, 200, &["HC-2026-1184", "発症 11月20日", "お知らせ 未提出"]);
    assert_eq!(count(&app, "select count(*) from alert_stay").await, 2);
    sent_to(&tanaka.form(&format!("{case}/stays/remove"), &[("venue", &venue), ("date", "2026-11-21")]).await);
    assert_eq!(count(&app, "select count(*) from alert_stay").await, 1, "the draft follows");
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_case() {
    let app = App::start().await;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let form = |reference| [("nonce", NONCE), ("reference", reference), ("onset", ""), ("tested", "2026-11-21")];
    let first = tanaka.form("/console/cases", &form("R8-1")).await;
    let again = tanaka.form("/console/cases", &form("R8-1")).await;
    assert_eq!(sent_to(&first), sent_to(&again));
    assert!(again.header("Location").unwrap().contains("opened_before"));
    assert_ne!(sent_to(&first), sent_to(&tanaka.form("/console/cases", &form("R8-2")).await), "corrected in the same form");
    let (one, two) = (form("R8-3"), form("R8-3"));
    let (one, two) = tokio::join!(tanaka.form("/console/cases", &one), tanaka.form("/console/cases", &two));
    assert_eq!(sent_to(&one), sent_to(&two), "at the same moment");
    assert_eq!(count(&app, "select count(*) from case_report").await, 3);
    let other = opened(&tanaka, "R8-1").await;
    holds(&tanaka.get(&other).await, 200, &["同じ番号の報告が、ほかにもあります", &sent_to(&first)]);
}

#[tokio::test]
async fn who_the_patient_is_gets_refused_and_the_rest_is_kept() {
    let app = App::start().await;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let fields = [("nonce", NONCE), ("reference", "<b>山田太郎</b>"), ("onset", "2026-11-23"), ("tested", "きのう")];
    let answer = tanaka.form("/console/cases", &fields).await;
    let words = [
        "エラー：",
        "名前や住所は書かないでください",
        "まだ来ていない日です",
        "日付として読み取れません",
        "きのう",
        "&#60;b&#62;山田太郎",
        NONCE,
    ];
    holds(&answer, 422, &words);
    assert_eq!(count(&app, "select count(*) from case_report").await, 0);
    let english = tanaka.form("/console/cases?lang=en", &[("nonce", NONCE), ("reference", "")]).await;
    holds(&english, 422, &["Error: ", "Enter the case number.", "lang=\"en\""]);
    assert_eq!(count(&app, "select count(*) from case_report").await, 0);
    let case = opened(&tanaka, "R8-1").await;
    for (note, complaint) in [
        ("佐藤さんと会食", "名前のようです"),
        ("taro@example.jp に連絡", "メールアドレスのようです"),
        ("043-222-3333", "電話番号のようです"),
        (" ", "メモを書いてください"),
    ] {
        holds(&tanaka.form(&format!("{case}/notes"), &[("note", note)]).await, 422, &[complaint, note.trim(), "autofocus"]);
    }
    for _ in 0..2 {
        sent_to(&tanaka.form(&format!("{case}/notes"), &[("note", "患者さんに電話。\n<script>alert(1)</script>")]).await);
    }
    let shown = tanaka.get(&case).await;
    holds(&shown, 200, &["患者さんに電話。\n&#60;script&#62;", "田中 健"]);
    assert_eq!(count(&app, "select count(*) from case_note").await, 1, "sent twice, noted once");
}

#[tokio::test]
async fn impossible_stays_are_named_and_nothing_is_half_done() {
    let app = App::start().await;
    let venue = app.venue("喫茶 ひだまり", &["入口"]).await.id;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let case = opened(&tanaka, "R8-1").await;
    let stays = format!("{case}/stays");
    let answer = tanaka.form(&stays, &[("venue", &venue), ("date", "2026-11-21"), ("date", "2026-11-23"), ("date", "2026-10-01")]).await;
    holds(
        &answer,
        422,
        &[
            "まだ登録していません",
            "11月23日は、まだ来ていない日です",
            "10月1日は古すぎます",
            "10月27日からです",
            "value=\"2026-11-21\" checked",
        ],
    );
    holds(&tanaka.form(&stays, &[("venue", &venue)]).await, 422, &["立ち寄り先の日を選んでください"]);
    holds(&tanaka.form(&stays, &[("date", "2026-11-21")]).await, 422, &["立ち寄り先の日を選んでください"]);
    let nowhere = Uuid::new_v4().to_string();
    holds(&tanaka.form(&stays, &[("venue", &nowhere), ("date", "2026-11-21")]).await, 422, &["登録されていません"]);
    assert_eq!(tanaka.form(&stays, &[("venue", &venue), ("date", "../etc")]).await.status, 400);
    let mut many = vec![("venue", venue.as_str())];
    many.extend(std::iter::repeat_n(("date", "2026-11-21"), 10_000));
    holds(&tanaka.form(&stays, &many).await, 413, &["長すぎて"]);
    holds(&tanaka.form(&stays, &many[..201]).await, 400, &["長すぎて"]);
    assert_eq!(count(&app, "select count(*) from stay").await, 0);
    sent_to(&tanaka.form(&stays, &many[..200]).await);
    assert!(tanaka.form(&stays, &many[..2]).await.header("Location").unwrap().contains("added_before"), "the same day again is harmless");
    assert_eq!(count(&app, "select count(*) from stay").await, 1);
    sqlx::query("update venue set status = 'closed'").execute(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    sent_to(&tanaka.form(&stays, &[("venue", &venue), ("date", "2026-11-20")]).await);
    sqlx::query("update venue set status = 'refused'").execute(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    holds(&tanaka.form(&stays, &[("venue", &venue), ("date", "2026-11-19")]).await, 422, &["受け付けたことがありません"]);
}

#[tokio::test]
async fn a_closed_case_and_a_submitted_stay_stay_as_they_are() {
    let app = App::start().await;
    let venue = app.venue("喫茶 ひだまり", &["入口"]).await.id;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let case = opened(&tanaka, "R8-1").await;
    let day = [("venue", venue.as_str()), ("date", "2026-11-21")];
    sent_to(&tanaka.form(&format!("{case}/stays"), &day).await);
    sqlx::query("update alert set submitted_at = created_at, submitted_by = created_by")
        .execute(&mut app.db.connect(DbRole::Owner).await)
        .await
        .unwrap();
    holds(&tanaka.form(&format!("{case}/stays/remove"), &day).await, 422, &["取り除けません"]);
    holds(&tanaka.get(&case).await, 200, &["提出済み"]);
    holds(&tanaka.get("/console/cases").await, 200, &["お知らせ 提出済み"]);
    sent_to(&tanaka.form(&format!("{case}/close"), &[]).await);
    let more = [("venue", venue.as_str()), ("date", "2026-11-20")];
    holds(&tanaka.form(&format!("{case}/stays"), &more).await, 422, &["この報告は終了しています"]);
    holds(&tanaka.form(&format!("{case}/dates"), &[("onset", ""), ("tested", "")]).await, 422, &["この報告は終了しています"]);
    holds(&tanaka.get(&case).await, 200, &["この報告を再開する"]);
    sent_to(&tanaka.form(&format!("{case}/reopen"), &[]).await);
    sent_to(&tanaka.form(&format!("{case}/dates"), &[("onset", ""), ("tested", "2026/11/22")]).await);
    holds(
        &tanaka.form(&format!("{case}/dates"), &[("onset", "2027-01-01"), ("tested", "")]).await,
        422,
        &["まだ来ていない日です", "2027-01-01"],
    );
    holds(&tanaka.get(&format!("{case}?venue={venue}")).await, 200, &["検査の2日前（11月20日）"]);
}

#[tokio::test]
async fn a_viewer_looks_and_is_offered_nothing_to_do() {
    let app = App::start().await;
    let venue = app.venue("喫茶 ひだまり", &["入口"]).await.id;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let case = opened(&tanaka, "R8-1").await;
    sent_to(&tanaka.form(&format!("{case}/stays"), &[("venue", &venue), ("date", "2026-11-21")]).await);
    let viewer = app.official(Role::Viewer, "鈴木 花").await;
    let shown = viewer.get(&case).await;
    holds(&shown, 200, &["喫茶 ひだまり", "R8-1"]);
    assert!(!shown.text().replace("/console/logout", "").contains("method=\"post\" action=\"/console/cases"), "no form");
    assert!(!viewer.get("/console/cases").await.text().contains("/console/cases/new"));
    for act in ["stays", "stays/remove", "dates", "notes", "close", "reopen"] {
        assert_eq!(viewer.form(&format!("{case}/{act}"), &[("note", "a")]).await.status, 403, "{act}");
    }
    assert_eq!(viewer.get(&format!("/console/cases/{}", Uuid::new_v4())).await.status, 404);
}

#[tokio::test]
async fn what_a_search_finds_comes_as_a_piece_of_the_page_too() {
    let app = App::start().await;
    for number in 0..21 {
        app.venue(&format!("さくら {number:02}"), &["入口"]).await;
    }
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let case = opened(&tanaka, "R8-1").await;
    let piece = tanaka.get(&format!("{case}/venues?q=%E3%82%B5%E3%82%AF%E3%83%A9")).await;
    holds(&piece, 200, &["次の20件", "さくら 00を選ぶ", "role=\"status\""]);
    assert!(!piece.text().contains("<html") && !piece.text().contains("さくら 20を選ぶ"));
    let text = piece.text();
    let more = text.split("href=\"").find(|link| link.contains("after=")).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let rest = tanaka.get(more.split('#').next().unwrap()).await;
    holds(&rest, 200, &["さくら 20を選ぶ"]);
    assert_eq!(tanaka.get(&format!("{case}/venues?q=")).await.text().trim(), "");
    holds(&tanaka.get(&format!("{case}/venues?q=%3Cscript%3E")).await, 200, &["見つかりませんでした"]);
    let page = tanaka.get(&case).await.text();
    let script = page.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap();
    holds(&app.get(script).await, 200, &["fetch"]);
}
