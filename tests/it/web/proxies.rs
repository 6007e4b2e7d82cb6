//! Reverse proxies: what they say about clients, in whatever form, and what holds while one says nothing.
use crate::support::app::{App, Plan};
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::official::{self, Alarm, AlarmKind};
use ashiato::web::{self, READABLE_AGAIN, UNREADABLE_SECONDS};
use chrono::Duration;

/// Check-ins that one client may make at once with a rate of one a second.
const AT_ONCE: usize = 30;

/// The proxy's line for each check-in.
type Header = fn(usize) -> String;

/// A service behind a proxy on this machine, one check-in a second for each client, and the path of a poster.
async fn behind_a_proxy() -> (App, String) {
    let app = App::with(Plan { check_in_rate: 1, trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..Plan::default() }).await;
    let path = format!("/c/{}", app.venue("喫茶 ひだまり", &["入口"]).await.codes[0]);
    (app, path)
}

/// How many of so many check-ins are taken; `header` is the proxy's line for each.
async fn taken(app: &App, path: &str, count: usize, header: impl Fn(usize) -> Option<String>) -> usize {
    let mut taken = 0;
    for number in 0..count {
        let line = header(number);
        let headers: Vec<&str> = line.iter().map(String::as_str).chain(["Content-Type: application/x-www-form-urlencoded"]).collect();
        let answer = app.send("POST", path, &headers, b"email=hanako%40example.jp").await;
        assert!([200, 429].contains(&answer.status), "{}", answer.status);
        taken += usize::from(answer.status == 200);
    }
    taken
}

async fn open(app: &App) -> Vec<Alarm> {
    let alarms = official::open_alarms(&mut app.db.connect(DbRole::Web).await).await.unwrap();
    alarms.into_iter().filter(|alarm| alarm.kind == AlarmKind::ProxyUnreadable).collect()
}

#[tokio::test]
async fn each_visitor_behind_a_proxy_is_a_client_of_its_own_in_every_form() {
    let (app, path) = behind_a_proxy().await;
    let count = AT_ONCE + 10;
    let forms: [(&str, Header); 6] = [
        ("with a port", |n| format!("X-Forwarded-For: 198.51.{n}.7:51000")),
        ("IPv6 with a port", |n| format!("X-Forwarded-For: [2001:db8:0:{n:x}::7]:443")),
        ("IPv6 in brackets", |n| format!("X-Forwarded-For: [2001:db8:1:{n:x}::7]")),
        ("quoted, behind another", |n| format!("X-Forwarded-For: 6.6.6.6, \"203.0.{n}.7\", 127.0.0.2:80")),
        ("Forwarded", |n| format!("Forwarded: for=\"[2001:db8:2:{n:x}::7]:443\";proto=https")),
        ("Forwarded without quotes", |n| format!("Forwarded: proto=https;For=192.0.{n}.9")),
    ];
    for (form, header) in forms {
        assert_eq!(taken(&app, &path, count, |number| Some(header(number))).await, count, "{form}");
    }
    // One client is still one client, whatever its port and whatever it claims to stand behind.
    let same = |number: usize| Some(format!("X-Forwarded-For: 6.6.6.{number}, 198.51.100.7:{}", 50_000 + number));
    let held = taken(&app, &path, count, same).await;
    assert!((AT_ONCE..count).contains(&held), "{held} of {count}");
    web::watch(&app.web.state).await.unwrap();
    assert_eq!(open(&app).await, []);
}

#[tokio::test]
async fn a_proxy_that_hides_its_clients_is_told_once_and_turns_nobody_away() {
    let (app, path) = behind_a_proxy().await;
    let count = AT_ONCE + 10;
    for hidden in [None, Some("X-Forwarded-For: unknown"), Some("Forwarded: for=_hidden"), Some("X-Forwarded-For: 198.51.100.7, nonsense")]
    {
        let all = taken(&app, &path, count, |_| hidden.map(ToOwned::to_owned)).await;
        assert_eq!(all, count, "{hidden:?}");
    }
    web::watch(&app.web.state).await.unwrap();
    web::watch(&app.web.state).await.unwrap();
    assert_eq!(open(&app).await.len(), 1);
    let entries: i64 =
        sqlx::query_scalar("select count(*) from audit_entry where action = 'alarm.raise' and detail::text like '%proxy_unreadable%'")
            .fetch_one(&mut app.db.connect(DbRole::Owner).await)
            .await
            .unwrap();
    assert_eq!(entries, 1, "said once, not for each request");

    // It is mended. Another process may still see it, so the alarm stays for a while.
    app.clock.set(app.clock.now() + Duration::seconds(UNREADABLE_SECONDS));
    let mended = |number: usize| Some(format!("X-Forwarded-For: 198.51.{number}.7:51000"));
    taken(&app, &path, 1, mended).await;
    web::watch(&app.web.state).await.unwrap();
    assert_eq!(open(&app).await.len(), 1);
    app.clock.set(app.clock.now() + READABLE_AGAIN);
    web::watch(&app.web.state).await.unwrap();
    assert_eq!(open(&app).await.len(), 1, "nobody came meanwhile, so nothing is known");
    taken(&app, &path, 1, mended).await;
    web::watch(&app.web.state).await.unwrap();
    assert_eq!(open(&app).await, []);
}
