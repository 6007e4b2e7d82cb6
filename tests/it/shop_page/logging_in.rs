//! The way in: by link, by digits, once, for a while; and whose venues it reaches.
use super::{CONTACT, Shop};
use crate::support::app::App;
use ashiato::cli::demo::http::Answer;
use chrono::Duration;

/// Asks for the page by this address; the path at which the digits are typed.
async fn ask(app: &App, email: &str) -> String {
    let page = app.form("/shop/login", &[("email", email)]).await.expect_status(200).unwrap().text();
    let start = page.find("action=\"/shop/login/").unwrap() + "action=\"".len();
    page[start..].split('"').next().unwrap().to_owned()
}

fn letters(app: &App) -> Vec<String> {
    app.sink
        .accepted()
        .into_iter()
        .filter(|mail| mail.to.eq_ignore_ascii_case(CONTACT) && mail.text.contains("/venues/open/"))
        .map(|mail| mail.text)
        .collect()
}

fn link(letter: &str) -> String {
    let line = letter.lines().find(|line| line.contains("/venues/open/")).unwrap();
    line[line.find("/venues").unwrap()..].trim().to_owned()
}

fn digits(letter: &str) -> String {
    letter.lines().map(|line| line.trim().replace(' ', "")).find(|line| line.len() == 8 && line.parse::<u32>().is_ok()).unwrap()
}

fn session(answer: &Answer) -> String {
    assert_eq!((answer.status, answer.header("Location")), (303, Some("/shop")), "{}", answer.text());
    answer.header("Set-Cookie").unwrap().strip_prefix("shop=").unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_the_page_once_and_looking_at_it_uses_nothing_up() {
    let shop = Shop::open(&["入口"]).await;
    let app = &shop.app;
    ask(app, "Shop@Example.JP").await;
    app.deliver().await;
    let open = link(&letters(app)[0]);
    for _ in 0..2 {
        let page = app.get(&open).await.expect_status(200).unwrap();
        assert!(page.header("Set-Cookie").is_none() && page.text().contains("ページを開く"));
    }
    let session = session(&app.send("POST", &open, &[], b"").await);
    let to = app.as_shop(&session, "GET", "/shop", &[]).await;
    assert_eq!((to.status, to.header("Location")), (303, Some(shop.path("").as_str())), "one venue: straight to it");
    assert!(app.as_shop(&session, "GET", &shop.path(""), &[]).await.expect_status(200).unwrap().text().contains("登録した人数"));
    app.get(&open).await.expect_status(404).unwrap();
    let again = app.send("POST", &open, &[], b"").await.expect_status(404).unwrap();
    assert!(again.header("Set-Cookie").is_none());
    assert!(app.get(&format!("{open}?lang=en")).await.text().contains("This link does not work"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_answered_alike_and_gets_no_mail() {
    let shop = Shop::open(&["入口"]).await;
    let app = &shop.app;
    let mask = |page: &str| page.split("/shop/login/").map(|part| part.get(36..).unwrap_or(part).to_owned()).collect::<Vec<_>>().join("");
    let known = app.form("/shop/login", &[("email", CONTACT)]).await.expect_status(200).unwrap().text();
    let unknown = app.form("/shop/login", &[("email", "nobody@example.jp")]).await.expect_status(200).unwrap().text();
    assert_eq!(mask(&known), mask(&unknown));
    app.deliver().await;
    assert_eq!(letters(app).len(), 1);
    assert!(app.sink.accepted().iter().all(|mail| mail.to != "nobody@example.jp"));
    let mut owner = app.db.connect(ashiato::base::db::DbRole::Owner).await;
    let contacts: Vec<Option<String>> =
        sqlx::query_scalar("select contact from shop_link order by contact").fetch_all(&mut owner).await.unwrap();
    assert_eq!(contacts, [Some(CONTACT.to_owned()), None], "a stranger's address is not kept");
    for (typed, says) in
        [("", "メールアドレスを入れてください"), ("shop", "「@」が入っていません"), ("a@b.jp\r\nBcc: x@example.jp", "届けられません")]
    {
        let page = app.form("/shop/login", &[("email", typed)]).await.expect_status(422).unwrap().text();
        assert!(page.contains(says) && page.contains("autofocus"), "{typed:?}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_are_typed_five_times_at_most_and_good_for_an_hour() {
    let shop = Shop::open(&["入口"]).await;
    let app = &shop.app;
    let (first, second, third) = (ask(app, CONTACT).await, ask(app, CONTACT).await, ask(app, CONTACT).await);
    app.deliver().await;
    let right: Vec<String> = letters(app).iter().map(|letter| digits(letter)).collect();
    // Which letter belongs to which page is not said by their order: the right digits open one of the three.
    let wrong = |code: &str| if code == "00000000" { "00000001" } else { "00000000" };
    app.form(&first, &[("code", "1234")]).await.expect_status(422).unwrap();
    for _ in 0..5 {
        app.form(&first, &[("code", wrong(&right[0]))]).await.expect_status(422).unwrap();
    }
    for code in &right {
        let page = app.form(&first, &[("code", code)]).await.expect_status(422).unwrap().text();
        assert!(page.contains("5回まちがえたとき"), "no try is left: {page}");
    }
    let mut opened = 0;
    for code in &right {
        let answer = app.form(&second, &[("code", code)]).await;
        opened += usize::from(answer.status == 303);
    }
    assert_eq!(opened, 1, "its own digits, once");
    app.clock.advance(Duration::hours(1));
    for code in &right {
        app.form(&third, &[("code", code)]).await.expect_status(422).unwrap();
    }
    app.form(&format!("/shop/login/{}", uuid::Uuid::new_v4()), &[("code", &right[0])]).await.expect_status(422).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mailbox_gets_five_letters_an_hour_whoever_asks() {
    let shop = Shop::open(&["入口"]).await;
    for _ in 0..6 {
        ask(&shop.app, CONTACT).await;
    }
    shop.app.deliver().await;
    assert_eq!(letters(&shop.app).len(), 5);
    shop.app.clock.advance(Duration::hours(1));
    ask(&shop.app, CONTACT).await;
    shop.app.deliver().await;
    assert_eq!(letters(&shop.app).len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_reaches_its_own_mailbox_venues_and_ends_after_twelve_hours() {
    let shop = Shop::open(&["入口"]).await;
    let app = &shop.app;
    let other = app.shop_session("other@example.jp").await;
    for path in [
        "",
        "/posters",
        "/posters/1",
        "/posters/1/rotate",
        "/files/1.svg",
        "/files/1.png",
        "/kit.pdf",
        "/edit",
        "/check",
        "/pause",
        "/close",
    ] {
        app.as_shop(&other, "GET", &shop.path(path), &[]).await.expect_status(404).unwrap();
        app.as_shop(&shop.session, "GET", &shop.path(path), &[]).await.expect_status(200).unwrap();
    }
    for path in [
        "/posters",
        "/posters/1/label",
        "/posters/1/rotate",
        "/posters/1/revoke",
        "/edit",
        "/check",
        "/check/code",
        "/check/end",
        "/pause",
        "/unpause",
        "/close",
        "/monthly",
        "/answer",
    ] {
        let fields = [("label", "裏口"), ("code", shop.venue.codes[0].as_str()), ("answer", "はい")];
        app.as_shop(&other, "POST", &shop.path(path), &fields).await.expect_status(404).unwrap();
    }
    assert!(shop.audited().await.is_empty(), "nothing of it was done");
    let none = app.as_shop(&other, "GET", "/shop", &[]).await.expect_status(200).unwrap().text();
    assert!(none.contains("このメールアドレスの店舗・施設はありません"));
    app.venue("二号店", &["入口"]).await;
    let list = app.as_shop(&shop.session, "GET", "/shop", &[]).await.expect_status(200).unwrap().text();
    assert!(list.contains("二号店") && list.contains("喫茶 &#60;b&#62;"), "{list}");
    // The contact was replaced: the old mailbox reaches the venue no more.
    let mut owner = app.db.connect(ashiato::base::db::DbRole::Owner).await;
    let replace = sqlx::query("update venue set contact_email = 'Other@example.jp' where id = $1::uuid").bind(&shop.venue.id);
    replace.execute(&mut owner).await.unwrap();
    shop.get("").await.expect_status(404).unwrap();
    app.as_shop(&other, "GET", &shop.path(""), &[]).await.expect_status(200).unwrap();
    app.clock.advance(Duration::hours(12));
    let late = app.as_shop(&other, "GET", &shop.path(""), &[]).await;
    assert_eq!((late.status, late.header("Location")), (303, Some("/shop/login")));
    let refused = app.as_shop(&other, "POST", &shop.path("/close"), &[]).await.expect_status(401).unwrap().text();
    assert!(refused.contains("もう一度ページを開いてください") && refused.contains("/shop/login"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_ends_the_session_and_no_other_site_acts_in_it() {
    let shop = Shop::open(&["入口"]).await;
    let cookie = format!("Cookie: shop={}", shop.session);
    for foreign in [&[cookie.as_str(), "Sec-Fetch-Site: cross-site"][..], &[&cookie, "Origin: https://evil.example"], &[&cookie]] {
        shop.app.send("POST", &shop.path("/pause"), foreign, b"").await.expect_status(403).unwrap();
    }
    let left = shop.app.as_shop(&shop.session, "POST", "/shop/logout", &[]).await;
    assert_eq!((left.status, left.header("Location")), (303, Some("/shop/login")));
    assert!(left.header("Set-Cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(shop.get("").await.status, 303);
}
