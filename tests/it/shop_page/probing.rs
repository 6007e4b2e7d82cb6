//! What an owner cannot find out by trying, and who else's mailbox cannot be got at.
use super::{CONTACT, Shop};
use crate::support::app::{App, Plan};
use ashiato::base::config::VenuePolicy;
use ashiato::base::db::DbRole;
use ashiato::official::Role;
use ashiato::venue::confirmation::{MAILBOX_HOURS, MAX_LETTERS_TO_MAILBOX};
use chrono::Duration;
use serde_json::json;

/// Whoever holds a venue can check anybody's address in. If their page moved when, and only when, the visit was new, it would tell them
/// whether somebody had been there that day.
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_cannot_find_out_whether_somebody_was_there() {
    let mut shop = Shop::open(&["入口", "裏 A", "裏 B"]).await;
    for visitor in ["hanako", "taro", "jiro", "shiro", "goro"] {
        shop.app.check_in(&shop.venue.codes[0], &format!("{visitor}@example.jp")).await;
    }
    // A poster for each that nobody else has seen.
    let (was_there, was_not) = ("hanako@example.jp", "nobody@example.jp");
    let look = async |shop: &Shop| {
        let pages = format!("{}{}", shop.page("").await, shop.page("/posters").await);
        let scanned = pages.matches("<td>今日</td>").count() + pages.matches("<td>昨日</td>").count();
        (scanned, pages)
    };
    assert_eq!(look(&shop).await.0, 2, "the entrance, on both pages");
    shop.app.check_in(&shop.venue.codes[1], was_there).await;
    assert_eq!(look(&shop).await.0, 4);
    shop.app.check_in(&shop.venue.codes[2], was_not).await;
    let (scanned, pages) = look(&shop).await;
    assert_eq!(scanned, 6, "one more each time, whoever it was");
    assert!(!pages.contains("11月22日"), "and no number moves: {pages}");
    // The next morning either poster was scanned yesterday.
    shop.app.clock.set("2026-11-22T21:00:00Z".parse().unwrap());
    shop.session = shop.app.shop_session(CONTACT).await;
    assert_eq!(look(&shop).await.0, 6);
    let mut web = shop.app.db.connect(DbRole::Web).await;
    let column = sqlx::query("select poster_no from visit").fetch_all(&mut web).await;
    assert!(column.is_err(), "the web process cannot even read it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_owners_round_ends_with_their_mailbox() {
    let shop = Shop::open(&["入口"]).await;
    let begun = shop.post("/check", &[]).await.expect_status(303).unwrap();
    let line = begun.head.lines().find(|line| line.to_ascii_lowercase().starts_with("set-cookie: shop-check=")).unwrap();
    let cookie = format!("Cookie: shop-check={}", line.split_once('=').unwrap().1.split(';').next().unwrap());
    let path = format!("/c/{}", shop.venue.codes[0]);
    let scan = async || shop.app.send("GET", &path, &[&cookie], b"").await.expect_status(200).unwrap().text();
    assert!(scan().await.contains("これは1番「入口」です"));
    let tracer = shop.app.token(Role::Tracer, "tanaka").await;
    let to = format!("/api/v1/venues/{}/contact", shop.venue.id);
    let moved = shop.app.api("POST", &to, Some(&tracer), Some(json!({ "contact_email": "new@example.jp" }))).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    assert!(scan().await.contains("name=\"email\""), "whoever began it is a visitor now");
    shop.get("").await.expect_status(404).unwrap();
}

/// Applications in a stranger's name: the stranger's mailbox is not filled, and few digits can be guessed that would open their page.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_few_letters_whoever_applies_in_their_name() {
    let app = App::with(Plan { venue_policy: VenuePolicy::Instant, ..Plan::default() }).await;
    let apply = async |name: &str, contact: &str| {
        let fields = [("name", name), ("kind", "shop"), ("postal_code", "1234567"), ("address", "本町1"), ("contact_email", contact)];
        app.form("/venues/apply", &fields).await.status
    };
    let mut owner = app.db.connect(DbRole::Owner).await;
    for name in ["一", "二", "三"] {
        assert_eq!(apply(name, "Stranger@example.jp").await, 200);
    }
    // Each asked for its letter again until it may not.
    let set = async |owner: &mut sqlx::PgConnection, letters: i64| {
        let set = "update venue_confirmation set letters = $1 - 20 where venue_id in (select id from venue where name = '三')";
        sqlx::query("update venue_confirmation set letters = 10").execute(&mut *owner).await.unwrap();
        sqlx::query(set).bind(i16::try_from(letters).unwrap()).execute(owner).await.unwrap();
    };
    set(&mut owner, MAX_LETTERS_TO_MAILBOX - 1).await;
    app.deliver().await;
    assert_eq!(apply("四", "stranger@EXAMPLE.jp").await, 200, "the last");
    assert_eq!(apply("五", "stranger@example.jp").await, 429);
    assert_eq!(apply("六", "other@example.jp").await, 200, "another mailbox is another's");
    app.deliver().await;
    let got = app.sink.accepted().into_iter().filter(|mail| mail.to.eq_ignore_ascii_case("stranger@example.jp")).count();
    assert_eq!(got, 4, "those that were written down");
    let names: Vec<String> = sqlx::query_scalar("select name from venue order by created_at").fetch_all(&mut owner).await.unwrap();
    assert!(!names.contains(&"五".to_owned()), "nothing is left of it");
    sqlx::query("update venue set status = 'active' where name = '三'").execute(&mut owner).await.unwrap();
    assert_eq!(apply("七", "stranger@example.jp").await, 200, "what the stranger confirmed counts no more");
    set(&mut owner, MAX_LETTERS_TO_MAILBOX).await;
    app.clock.advance(Duration::hours(MAILBOX_HOURS));
    ashiato::web::refresh(&app.web.state).await.unwrap();
    assert_eq!(apply("八", "stranger@example.jp").await, 200, "a day later");
}
