//! Who may use which route: every route of the table, asked by everybody there is, with a token and with the console's cookie.
use super::{filled, wears_its_headers};
use crate::support::app::App;
use crate::support::say;
use ashiato::audit::Actor;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::base::token::Token;
use ashiato::cli::demo::http::Answer;
use ashiato::official::{Role, create_token, revoke_token};
use ashiato::web::routes::table;
use std::collections::BTreeSet;
use uuid::Uuid;

/// How one proves who one is to a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Not at all.
    All,
    /// By a token, or not at all.
    Open,
    /// By a token.
    Token,
    /// By the console's cookie.
    Console,
    /// By a venue's cookie.
    Shop,
}

/// A line of `access.txt`.
pub struct AccessLine {
    pub by: By,
    pub roles: Vec<Role>,
    pub method: &'static str,
    pub path: &'static str,
}

/// The second writing.
pub fn lines() -> Vec<AccessLine> {
    include_str!("access.txt").lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

fn line(text: &'static str) -> AccessLine {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [by, roles, method, path] = words[..] else { panic!("{text}: four words a line") };
    let by = match by {
        "all" => By::All,
        "open" => By::Open,
        "token" => By::Token,
        "desk" => By::Console,
        "shop" => By::Shop,
        other => panic!("{other}: all, open, token, desk or shop"),
    };
    assert_eq!(roles.len(), Role::ALL.len(), "{text}");
    let roles = roles.chars().zip("VTPAM".chars().zip(Role::ALL)).filter_map(|(said, (letter, role))| {
        assert!(said == letter || said == '.', "{text}: {said} stands where {letter} should");
        (said == letter).then_some(role)
    });
    AccessLine { by, roles: roles.collect(), method, path }
}

#[test]
fn every_route_is_written_down_and_no_other() {
    let written: Vec<(&str, &str)> = lines().iter().map(|line| (line.method, line.path)).collect();
    let once: BTreeSet<_> = written.iter().copied().collect();
    assert_eq!(written.len(), once.len(), "a route stands in access.txt twice");
    let built: Vec<_> = table().into_iter().map(|(_, method, path)| (method.to_string(), path)).collect();
    let built: BTreeSet<_> = built.iter().map(|(method, path)| (method.as_str(), *path)).collect();
    let (new, gone): (Vec<_>, Vec<_>) = (built.difference(&once).collect(), once.difference(&built).collect());
    assert!(new.is_empty() && gone.is_empty(), "write down in tests/it/routes/access.txt: {new:?}\nstrike out there: {gone:?}");
    assert_eq!(Role::ALL, [Role::Viewer, Role::Tracer, Role::Approver, Role::Auditor, Role::Admin]);
}

/// What a caller shows.
enum Shows {
    Nothing,
    /// A bearer token, and the role that it stands for.
    Token(String, Option<Role>),
    /// The account whose session's cookie it sends, and its role.
    Cookie(Uuid, Role),
    /// A cookie that is nobody's.
    Stranger(String),
    /// The cookie of a venue's session, each time a new one of this mailbox.
    Shop(&'static str),
}

/// Everybody who may knock.
async fn everybody(app: &App) -> Vec<(String, Shows)> {
    let mut all = vec![("anonymous".to_owned(), Shows::Nothing)];
    for role in Role::ALL {
        all.push((format!("{role} by token"), Shows::Token(app.token(role, role.as_str()).await, Some(role))));
        all.push((format!("{role} by cookie"), Shows::Cookie(app.official(role, role.as_str()).await.id, role)));
    }
    let mut owner = app.db.connect(DbRole::Owner).await;
    let now = app.clock.now();
    let (id, revoked) = create_token(&mut owner, now, "gone", Role::Admin, None).await.unwrap();
    assert!(revoke_token(&mut owner, now, id, Actor::System).await.unwrap());
    let shop = shop(app).await;
    for (name, token) in [
        ("a shop", shop.as_str()),
        ("a revoked token", revoked.expose()),
        ("a token never given out", Token::random().expose()),
        ("no token at all", "x"),
    ] {
        all.push((format!("{name}, as a token"), Shows::Token(token.to_owned(), None)));
        all.push((format!("{name}, as a cookie"), Shows::Stranger(token.to_owned())));
    }
    all.push(("a shop by cookie".into(), Shows::Shop("books@example.jp")));
    all.push(("a token that is good, as a cookie".into(), Shows::Stranger(app.token(Role::Admin, "admin").await)));
    all
}

/// The secret of the link that a venue was mailed.
async fn shop(app: &App) -> String {
    let fields = [
        ("name", "青葉書店"),
        ("kind", "shop"),
        ("postal_code", "123-4567"),
        ("address", "あおば市本町4-5"),
        ("contact_email", "books@example.jp"),
    ];
    app.form("/venues/apply", &fields).await.expect_status(200).unwrap();
    app.deliver().await;
    let mails = app.sink.accepted();
    let letter = &mails.iter().find(|mail| mail.to == "books@example.jp").unwrap().text;
    letter.lines().find_map(|line| line.trim().rsplit_once("/venues/confirm/")).map(|(_, token)| token.to_owned()).unwrap()
}

/// The refusal that the second writing demands, if any.
fn refusal(line: &AccessLine, shows: &Shows) -> Option<u16> {
    let judged = |role: &Role| if line.roles.contains(role) { None } else { Some(403) };
    match (line.by, shows) {
        (By::All, _)
        | (By::Open, Shows::Nothing | Shows::Cookie(..) | Shows::Stranger(_) | Shows::Shop(_))
        | (By::Shop, Shows::Shop(_)) => None,
        (By::Open | By::Token, Shows::Token(_, Some(role))) | (By::Console, Shows::Cookie(_, role)) => judged(role),
        // The console asks for its cookie and takes no token: a page sends to the log-in, an act is refused.
        (By::Console | By::Shop, _) => Some(if line.method == "GET" { 303 } else { 401 }),
        (By::Open | By::Token, _) => Some(401),
    }
}

/// Asks as that caller. Each request of an official comes with a session of its own, for some end the session that they come with.
async fn ask(app: &App, line: &AccessLine, shows: &Shows, code: &str) -> Answer {
    let credential = match shows {
        Shows::Nothing => None,
        Shows::Token(token, _) => Some(format!("Authorization: Bearer {token}")),
        Shows::Cookie(id, _) => Some(app.session_of(*id).await.cookie().to_owned()),
        Shows::Stranger(token) => Some(format!("Cookie: ashiato={token}; shop={token}")),
        Shows::Shop(contact) => Some(format!("Cookie: shop={}", app.shop_session(contact).await)),
    };
    let headers: Vec<&str> = credential.iter().map(String::as_str).chain(["Sec-Fetch-Site: same-origin"]).collect();
    app.send(line.method, &filled(line.path, code), &headers, b"").await
}

#[tokio::test]
async fn access_is_what_was_written_down() {
    let app = App::start().await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    let (callers, lines) = (everybody(&app).await, lines());
    for (name, shows) in &callers {
        for line in &lines {
            let what = format!("{name}: {} {}", line.method, line.path);
            let answer = ask(&app, line, shows, &code).await;
            let is_login = |to: &str| to.starts_with("/console/login?next=") || (to == "/shop/login" && line.method == "GET");
            let to_login = answer.status == 303 && answer.header("Location").is_some_and(is_login);
            let refused = Some(answer.status).filter(|status| matches!(status, 401 | 403) || to_login);
            assert_eq!(refused, refusal(line, shows), "{what}");
            assert!(answer.status < 500, "{what}: {}", answer.status);
            assert_eq!(answer.header("WWW-Authenticate"), (answer.status == 401).then_some("Bearer"), "{what}");
            wears_its_headers(&what, &answer);
        }
    }
    say(&format!("access table: {} routes x {} callers = {} answers", lines.len(), callers.len(), lines.len() * callers.len()));
}

#[test]
fn the_law_sees_what_it_forbids() {
    let desk = line("desk .TP.M POST /x");
    assert_eq!(refusal(&desk, &Shows::Cookie(Uuid::nil(), Role::Viewer)), Some(403));
    assert_eq!(refusal(&desk, &Shows::Cookie(Uuid::nil(), Role::Admin)), None);
    assert_eq!(refusal(&desk, &Shows::Token("x".into(), Some(Role::Admin))), Some(401));
    assert_eq!(refusal(&line("desk VTPAM GET /x"), &Shows::Nothing), Some(303));
    assert_eq!(refusal(&line("token VTPAM GET /x"), &Shows::Cookie(Uuid::nil(), Role::Admin)), Some(401));
    assert_eq!(refusal(&line("open .TP.M POST /x"), &Shows::Token("x".into(), None)), Some(401));
    assert_eq!(refusal(&line("all VTPAM GET /x"), &Shows::Token("x".into(), None)), None);
    for bad in ["desk VTPA GET /x", "desk TVPAM GET /x", "some VTPAM GET /x", "desk VTPAM GET"] {
        assert!(std::panic::catch_unwind(|| line(bad)).is_err(), "{bad}");
    }
}
