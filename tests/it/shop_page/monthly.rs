//! The monthly letter: once for each venue and month, with the numbers of four weeks; stopped by its link or on the page.
use super::{CONTACT, Shop};
use crate::support::app::Plan;
use ashiato::base::db::DbRole;

/// Moves the clock to nine o'clock of 1 December and lets web post what is due; how many letters there are by then. Web does it by
/// itself now and then too.
async fn post(shop: &Shop) -> i64 {
    shop.app.clock.set("2026-12-01T00:00:00Z".parse().unwrap());
    ashiato::web::refresh(&shop.app.web.state).await.unwrap();
    ashiato::web::write_scans(&shop.app.web.state).await.unwrap();
    ashiato::web::post_monthly(&shop.app.web.state).await.unwrap();
    let mut owner = shop.app.db.connect(DbRole::Owner).await;
    sqlx::query_scalar("select count(*) from shop_monthly").fetch_one(&mut owner).await.unwrap()
}

/// A venue on the last day of November.
async fn eve(posters: &[&str]) -> Shop {
    Shop::with(Plan { now: "2026-11-30T03:00:00Z", ..Plan::default() }, posters).await
}

fn letters(shop: &Shop) -> Vec<String> {
    shop.app
        .sink
        .accepted()
        .into_iter()
        .filter(|mail| mail.to == CONTACT && mail.text.contains("/shop/mail/"))
        .map(|mail| mail.text)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_venue_gets_one_letter_a_month_and_its_link_stops_them() {
    let shop = eve(&["入口", "テーブル 6"]).await;
    for visitor in 0..5 {
        shop.app.check_in(&shop.venue.codes[0], &format!("v{visitor}@example.jp")).await;
    }
    let mut owner = shop.app.db.connect(DbRole::Owner).await;
    sqlx::query("update poster set created_at = '2026-10-01'").execute(&mut owner).await.unwrap();
    assert_eq!((post(&shop).await, post(&shop).await), (1, 1));
    shop.app.deliver().await;
    let sent = letters(&shop);
    assert_eq!(sent.len(), 1);
    let text = sent[0].replace("\r\n", "\n");
    assert!(text.contains("11月3日から11月30日まで") && text.contains("登録した人数：5人（5人未満の日は入れていません）"), "{text}");
    assert!(text.contains("・テーブル 6") && !text.contains("・入口"), "{text}");
    assert!(text.contains("確認していないポスターが2枚"), "{text}");
    let link = text.lines().find_map(|line| line.trim().split_once("/shop/mail/").map(|(_, token)| format!("/shop/mail/{token}"))).unwrap();
    let wants = async || -> bool {
        let mut owner = shop.app.db.connect(DbRole::Owner).await;
        sqlx::query_scalar("select monthly_mail from venue").fetch_one(&mut owner).await.unwrap()
    };
    let page = shop.app.get(&link).await.expect_status(200).unwrap().text();
    assert!(page.contains("毎月のメールを止める") && wants().await, "looking stops nothing");
    for _ in 0..2 {
        assert!(shop.app.send("POST", &link, &[], b"").await.expect_status(200).unwrap().text().contains("毎月のメールを止めました"));
    }
    assert!(!wants().await);
    assert_eq!(shop.audited().await, ["venue.monthly_mail"]);
    shop.app.get("/shop/mail/unknown").await.expect_status(404).unwrap();
    shop.app.send("POST", "/shop/mail/unknown", &[], b"").await.expect_status(404).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_none_is_closed_or_turned_it_off_meanwhile_gets_none() {
    let shop = eve(&["入口"]).await;
    shop.act("/monthly", &[("on", "no")], "?done=mail-off", "毎月のメールを止めました").await;
    assert_eq!(post(&shop).await, 0);
    shop.app.clock.set("2026-12-01T00:00:00Z".parse().unwrap());
    let mut owner = shop.app.db.connect(DbRole::Owner).await;
    let set = async |owner: &mut sqlx::PgConnection, what: &'static str| sqlx::query(what).execute(owner).await.unwrap();
    set(&mut owner, "update venue set monthly_mail = true, status = 'suspended'").await;
    assert_eq!(post(&shop).await, 0);
    set(&mut owner, "update venue set status = 'active'").await;
    assert_eq!(post(&shop).await, 1);
    set(&mut owner, "update venue set monthly_mail = false").await;
    shop.app.deliver().await;
    assert!(letters(&shop).is_empty(), "turned off between sealing and leaving");
}
