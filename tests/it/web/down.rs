//! The database goes away and comes back: nobody is told "registered" in vain, nobody types twice, nothing has to be restarted.
use super::html::Page;
use crate::recorder::tcp_proxy::TcpProxy;
use crate::support::app::{App, Plan};
use crate::support::db::Db;
use ashiato::base::db::DbRole;
use percent_encoding::percent_decode_str;
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a visitor at a door waits for a page at all: the recorder's own deadline and the pool's, with room for a busy machine.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// A service whose way to its database leads through a proxy.
struct House {
    app: App,
    proxy: TcpProxy,
    socket: PathBuf,
}

impl House {
    async fn new() -> Self {
        let db = Db::fresh().await;
        let (database, query) = db.url().strip_prefix("postgres:///").unwrap().split_once('?').unwrap();
        let host = query.split('&').find_map(|pair| pair.strip_prefix("host=")).unwrap();
        let socket = PathBuf::from(percent_decode_str(host).decode_utf8().unwrap().into_owned());
        let user = query.split('&').find_map(|pair| pair.strip_prefix("user=")).unwrap().to_owned();
        let proxy = TcpProxy::to(&socket).await;
        let url = proxy.url(database).replace("ashiato@", &format!("{user}@"));
        let app = App::with(Plan { database_url: Some(url), db: Some(db), ..Plan::default() }).await;
        Self { app, proxy, socket }
    }

    async fn visits(&self) -> i64 {
        sqlx::query_scalar("select count(*) from visit").fetch_one(&mut self.app.db.connect(DbRole::Owner).await).await.unwrap()
    }

    /// Checks in until it works again; everybody else gets the page that keeps what was typed.
    async fn until_it_works(&self, path: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let answer = self.app.form(path, &[("email", "jiro@example.jp")]).await;
            if answer.status == 200 {
                return;
            }
            assert_eq!(answer.status, 503);
            assert!(Instant::now() < deadline, "check-ins do not work again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn a_visitor_is_told_the_truth_and_need_not_type_again() {
    let house = House::new().await;
    let venue = house.app.venue("喫茶 ひだまり", &["入口", "奥"]).await;
    let [known, unasked] = &venue.codes[..] else { panic!("two posters") };
    let (known, unasked) = (format!("/c/{known}?lang=en"), format!("/c/{unasked}?lang=en"));
    assert_eq!(house.app.form(&known, &[("email", "hanako@example.jp")]).await.status, 200);
    house.proxy.shut();
    for (path, named) in [(&known, true), (&unasked, false)] {
        let started = Instant::now();
        let answer = house.app.form(path, &[("email", "Ta\"ro <x>@example.jp")]).await;
        // What is behind a poster that nobody asked for cannot be known; then the address is not judged yet.
        if named {
            assert_eq!(answer.status, 422);
        }
        let answer = house.app.form(path, &[("email", "taro+\"<b>\"@example.jp")]).await;
        assert!([422, 503].contains(&answer.status));
        let answer = house.app.form(path, &[("email", " taro+&b@example.jp")]).await;
        assert_eq!((answer.status, answer.header("Retry-After")), (503, Some("5")));
        crate::routes::wears_its_headers(path, &answer);
        let page = Page::checked(path, &answer.text(), "en");
        assert_eq!(page.field("email").get("value"), Some(" taro+&b@example.jp"), "the address is kept");
        assert_eq!(page.forms(), [("POST".to_owned(), path.as_str())]);
        assert_eq!(answer.text().contains("喫茶 ひだまり"), named);
        assert!(answer.text().contains("role=\"alert\""));
        assert!(started.elapsed() < Duration::from_secs(20), "nobody waits for long");
    }
    assert_eq!(house.app.get(&known).await.status, 200, "the form of a poster in memory is there");
    assert_eq!(house.visits().await, 1);
    house.proxy.open(&house.socket);
    house.until_it_works(&known).await;
    house.until_it_works(&unasked).await;
    assert_eq!(house.visits().await, 2, "the same person at the same venue");
}

#[tokio::test]
async fn everything_else_says_503_and_works_again() {
    let house = House::new().await;
    let token = house.app.token(ashiato::official::Role::Admin, "admin").await;
    let code = house.app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    house.proxy.shut();
    let fields = [("name", "店"), ("kind", "shop"), ("postal_code", "123-4567"), ("address", "a"), ("contact_email", "shop@example.jp")];
    let check_in = json!({ "code": code, "email": "hanako@example.jp" });
    let answers = [
        ("form", house.app.get(&format!("/c/{code}")).await),
        ("apply", house.app.form("/venues/apply", &fields).await),
        ("number", house.app.get("/alerts/check?number=AB3K-9QXZ").await),
        ("readiness", house.app.get("/readyz").await),
        ("program", house.app.api("POST", "/api/v1/check-ins", None, Some(check_in)).await),
        ("official", house.app.api("POST", "/api/v1/cases", Some(&token), Some(json!({}))).await),
    ];
    for (what, answer) in &answers {
        assert_eq!((answer.status, answer.header("Retry-After")), (503, Some("5")), "{what}");
        crate::routes::wears_its_headers(what, answer);
        assert!(!answer.text().to_lowercase().contains("postgres"), "{what}");
    }
    for path in ["/", "/about", "/privacy", "/c", "/venues/apply", "/healthz", "/api/v1/openapi.json"] {
        assert_eq!(house.app.get(path).await.status, 200, "{path} needs no database");
    }
    house.proxy.open(&house.socket);
    house.until_it_works(&format!("/c/{code}")).await;
    assert_eq!(house.app.form("/venues/apply", &fields).await.status, 200);
    house.app.until_ready().await;
}

#[tokio::test]
async fn a_database_that_is_silent_is_not_waited_for_for_ever() {
    for asked_before in [false, true] {
        let house = House::new().await;
        let path = format!("/c/{}", house.app.venue("喫茶 ひだまり", &["入口"]).await.codes[0]);
        if asked_before {
            assert_eq!(house.app.get(&path).await.status, 200);
        }
        house.proxy.fall_silent();
        let started = Instant::now();
        let answer = house.app.form(&path, &[("email", "hanako@example.jp")]).await;
        let waited = started.elapsed();
        assert_eq!((answer.status, answer.header("Retry-After")), (503, Some("5")));
        assert_eq!(Page::checked("busy", &answer.text(), "ja").field("email").get("value"), Some("hanako@example.jp"));
        assert!(waited < LONGEST_WAIT, "{waited:?}, asked before: {asked_before}");
        house.proxy.open(&house.socket);
        house.until_it_works(&path).await;
    }
}
