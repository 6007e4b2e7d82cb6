//! What an owner sees of their venue and changes: numbers, data, words for visitors, the city's questions, the end.
use super::{CONTACT, Shop};
use crate::support::app::Plan;
use ashiato::base::config::VenuePolicy;
use ashiato::official::Role;
use serde_json::json;

const DATA: [(&str, &str); 7] = [
    ("name", "喫茶 ひだまり"),
    ("kana", "ｷｯｻ ﾋﾀﾞﾏﾘ"),
    ("postal_code", "123-4567"),
    ("address", "あおば市中央1-2-3"),
    ("phone", "０１２３（４５）６７８９"),
    ("guests_per_day", "１２０人"),
    ("day_starts_minutes", "300"),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = DATA.into_iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    kept.chain(changes.iter().copied()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_number_appears_when_it_is_final_and_below_five_it_is_hidden() {
    let mut shop = Shop::open(&["入口", "テーブル 1"]).await;
    for visitor in 0..4 {
        shop.app.check_in(&shop.venue.codes[0], &format!("v{visitor}@example.jp")).await;
    }
    let other = shop.app.venue("二号店", &["入口"]).await;
    for visitor in 0..5 {
        shop.app.check_in(&other.codes[0], &format!("v{visitor}@example.jp")).await;
    }
    let page = shop.page("").await;
    assert!(page.contains("<td>今日</td>") && page.contains("表で見る（31日分）") && !page.contains("11月22日"), "{page}");
    assert!(page.contains("その日の人数は、次の日の朝6時に出ます"), "{page}");
    // Until six a venue may still count its night to the day before.
    shop.app.clock.set("2026-11-22T20:59:59Z".parse().unwrap());
    shop.session = shop.app.shop_session(CONTACT).await;
    assert!(!shop.page("").await.contains("11月22日"));
    shop.app.clock.set("2026-11-22T21:00:00Z".parse().unwrap());
    let page = shop.page("").await;
    assert!(page.contains("11月22日（日）</th><td class=\"r\">5未満") && !page.contains(">4<") && page.contains("<td>昨日</td>"), "{page}");
    assert!(page.contains("<svg class=\"chart\""), "{page}");
    let path = format!("/shop/{}?lang=en", other.id);
    let english = shop.app.as_shop(&shop.session, "GET", &path, &[]).await.expect_status(200).unwrap().text();
    assert!(
        english.contains("<td class=\"r\">5</td>") && english.contains("&lt;5") && english.contains("at six the next morning"),
        "{english}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn data_are_changed_and_no_code_changes_with_them() {
    let shop = Shop::open(&["入口"]).await;
    assert!(shop.page("/edit").await.contains("value=\"喫茶 &#60;b&#62;&#34;ひだまり&#34;\""));
    let message = "ラストオーダーは21時です。<b>&";
    let fields = with(&[("message", message), ("may_be_named", "yes"), ("listed", "yes")]);
    shop.act("/edit", &fields, "?done=moved", "市の担当が見直します").await;
    shop.act("/edit", &fields, "?done=saved", "保存しました").await;
    let mut owner = shop.app.db.connect(ashiato::base::db::DbRole::Owner).await;
    let stored = "select name, kana, phone, guests_per_day, day_starts_minutes, may_be_named and listed, reviewed_at is null from venue";
    let stored: (String, String, String, i32, i16, bool, bool) = sqlx::query_as(stored).fetch_one(&mut owner).await.unwrap();
    let expected = ("喫茶 ひだまり".into(), "キッサ ヒダマリ".into(), "0123-45-6789".into(), 120, 300, true, true);
    assert_eq!(stored, expected);
    let tracer = shop.app.token(Role::Tracer, "clerk").await;
    let found = shop.app.api("GET", "/api/v1/venues?q=%E3%81%8D%E3%81%A3%E3%81%95", Some(&tracer), None).await.json().unwrap();
    assert_eq!(found["venues"][0]["id"], json!(shop.venue.id), "found by its new kana");
    shop.app.clock.advance(chrono::Duration::seconds(11));
    shop.app.get(&format!("/c/{}", shop.venue.codes[0])).await.expect_status(200).unwrap();
    let done = shop.app.check_in(&shop.venue.codes[0], "hanako@example.jp").await.text();
    assert!(done.contains("お店から") && done.contains("ラストオーダーは21時です。&#60;b&#62;&#38;"), "{done}");
    assert_eq!(shop.audited().await, ["venue.edit", "venue.edit"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_said_at_its_field_and_nothing_is_changed() {
    let shop = Shop::open(&["入口"]).await;
    let long = "あ".repeat(81);
    for (field, typed, says) in [
        ("name", "a\r\nBcc: x@example.jp", "使えない文字があります"),
        ("name", "a\u{202E}b", "使えない文字があります"),
        ("postal_code", "123", "郵便番号は7桁"),
        ("phone", "119", "電話番号は10〜15桁"),
        ("guests_per_day", "0", "1から100000まで"),
        ("day_starts_minutes", "361", "1から100000まで"),
        ("message", "くわしくは example.jp へ", "リンク、サイトの名前、メールアドレスは入れられません"),
        ("message", "{{7*7}}", "使えない文字があります"),
        ("message", &long, "長すぎます"),
    ] {
        let page = shop.post("/edit", &with(&[(field, typed)])).await.expect_status(422).unwrap().text();
        assert!(page.contains(says) && page.contains("<title>エラー："), "{field} {typed:?}: {page}");
        assert!(page.contains("value=\"あおば市中央1-2-3\""), "what was typed is kept");
    }
    let two = shop.post("/edit", &with(&[("phone", "1"), ("postal_code", "")])).await.expect_status(422).unwrap().text();
    assert!(two.contains("href=\"#z\"") && two.contains("href=\"#p\"") && !two.contains("autofocus"), "{two}");
    assert!(shop.audited().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_city_asks_and_the_owner_answers_on_their_page() {
    let shop = Shop::open(&["入口"]).await;
    let tracer = shop.app.token(Role::Tracer, "tanaka").await;
    let ask = format!("/api/v1/venues/{}/ask", shop.venue.id);
    assert!(!shop.page("").await.contains("市の担当からの質問"));
    shop.act("/answer", &[("answer", "はい")], "?done=already", "何も変えていません").await;
    let question = json!({ "question": "入口は\n二つですか <b>" });
    shop.app.api("POST", &ask, Some(&tracer), Some(question)).await.expect_status(200).unwrap();
    shop.app.deliver().await;
    let letter = shop.app.sink.accepted().into_iter().rfind(|mail| mail.to == CONTACT).unwrap().text;
    assert!(letter.contains("/shop\n") || letter.contains("/shop\r\n"), "the letter says where: {letter}");
    let page = shop.page("").await;
    assert!(page.contains("市の担当からの質問") && page.contains("二つですか &#60;b&#62;"), "{page}");
    let key = |page: &str, nth: usize| {
        let rest = page.split("name=\"question\" value=\"").nth(nth).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let older = key(&page, 1);
    // A second question does not push the first away.
    shop.app.clock.advance(chrono::TimeDelta::minutes(11));
    let question = json!({ "question": "席はいくつですか" });
    shop.app.api("POST", &ask, Some(&tracer), Some(question)).await.expect_status(200).unwrap();
    let page = shop.page("").await;
    let newer = key(&page, 1);
    assert!(newer != older && key(&page, 2) == older && page.matches("<textarea").count() == 2, "{page}");
    let long = "あ".repeat(301);
    for (typed, says) in [("", "お返事を書いてください"), (long.as_str(), "300文字まで"), ("a\0", "使えない文字")] {
        let page = shop.post("/answer", &[("question", &older), ("answer", typed)]).await;
        assert!(
            (page.status == 422 && page.text().contains(says) && page.text().matches("aria-invalid").count() == 1)
                || (page.status == 400 && typed.contains('\0')),
            "{typed:?} {}",
            page.status
        );
    }
    let answer = [("question", older.as_str()), ("answer", "はい、\n二つです")];
    shop.act("/answer", &answer, "?done=answered", "返事を送りました").await;
    shop.act("/answer", &answer, "?done=already", "何も変えていません").await;
    let page = shop.page("").await;
    assert!(page.contains("二つです") && page.matches("<textarea").count() == 1 && key(&page, 1) == newer, "{page}");
    let desk = shop.app.official(Role::Tracer, "suzuki").await;
    let shown = desk.get(&format!("/console/venues/{}", shop.venue.id)).await.expect_status(200).unwrap().text();
    assert!(shown.contains("お店の返事") && shown.contains("はい、\n二つです"), "{shown}");
    // It stands in the queue until somebody has read it.
    let queue = desk.get("/console/venues").await.text();
    assert!(
        queue.contains("お店からの返事") && queue.contains("返事あり") && !queue.contains("まだ読んでいない返事はありません"),
        "{queue}"
    );
    let read = format!("/console/venues/{}/answers/read", shop.venue.id);
    for done in ["done=read", "done=before"] {
        let answer = desk.form(&read, &[]).await;
        assert!(answer.status == 303 && answer.header("Location").unwrap().ends_with(done), "{:?}", answer.header("Location"));
    }
    assert!(desk.get("/console/venues?list=answered").await.text().contains("まだ読んでいない返事はありません"));
    let shown = desk.get(&format!("/console/venues/{}", shop.venue.id)).await.text();
    assert_eq!(shown.matches("お店の返事を読みました").count(), 1, "on record once: {shown}");
    // A decision says as much.
    shop.act("/answer", &[("question", &newer), ("answer", "12です")], "?done=answered", "返事を送りました").await;
    assert!(desk.get("/console/venues").await.text().contains("返事あり"));
    shop.app.clock.advance(chrono::TimeDelta::minutes(1));
    desk.form(&format!("/console/venues/{}/suspend", shop.venue.id), &[]).await;
    assert!(!desk.get("/console/venues").await.text().contains("返事あり"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_application_reads_why() {
    let shop = Shop::with(Plan { venue_policy: VenuePolicy::Instant, ..Plan::default() }, &["入口"]).await;
    let mut owner = shop.app.db.connect(ashiato::base::db::DbRole::Owner).await;
    sqlx::query("update venue set status = 'pending'").execute(&mut owner).await.unwrap();
    assert!(shop.page("").await.contains("担当者が確かめています"));
    let tracer = shop.app.token(Role::Tracer, "tanaka").await;
    let refuse = format!("/api/v1/venues/{}/refuse", shop.venue.id);
    let reason = json!({ "reason": "住所が見つかりません" });
    shop.app.api("POST", &refuse, Some(&tracer), Some(reason)).await.expect_status(200).unwrap();
    let page = shop.page("").await;
    assert!(page.contains("登録できませんでした") && page.contains("住所が見つかりません"), "{page}");
    shop.get("/edit").await.expect_status(404).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_kills_every_code_keeps_the_visits_and_tells_the_mailbox() {
    let shop = Shop::open(&["入口", "レジ"]).await;
    shop.app.check_in(&shop.venue.codes[0], "hanako@example.jp").await;
    assert!(shop.page("/close").await.contains("31日で消えます"));
    shop.act("/close", &[], "?done=closed", "利用を終わりにしました").await;
    shop.act("/close", &[], "?done=already", "何も変えていません").await;
    shop.app.clock.advance(chrono::Duration::seconds(11));
    for code in &shop.venue.codes {
        shop.app.get(&format!("/c/{code}")).await;
        shop.app.get(&format!("/c/{code}")).await.expect_status(404).unwrap();
    }
    let mut owner = shop.app.db.connect(ashiato::base::db::DbRole::Owner).await;
    let visits: i64 = sqlx::query_scalar("select count(*) from visit").fetch_one(&mut owner).await.unwrap();
    assert_eq!(visits, 1);
    shop.app.deliver().await;
    assert!(shop.app.sink.accepted().into_iter().rfind(|mail| mail.to == CONTACT).unwrap().text.contains("利用を終わりにしました"));
    assert_eq!(shop.audited().await, ["venue.close"]);
    shop.post("/posters", &[("label", "裏口")]).await.expect_status(409).unwrap();
}
