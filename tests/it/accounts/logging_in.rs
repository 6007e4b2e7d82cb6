//! Let in, or not: codes that count once, sessions that end, guesses that are slowed down and nobody locked out.
use super::person::{PASSWORD, Person};
use crate::support::app::App;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::base::slow_hash::HASHES_AT_ONCE;
use ashiato::official::{
    ABSOLUTE, FREE_ACCOUNT_TRIES, FREE_TRIES, Factor, IDLE, LONGEST_ACCOUNT_PAUSE, LogInError, RECOVERY_CODES, Role, Typed, log_in,
};
use chrono::Duration;

const KEN: &str = "tanaka.ken@city.example.jp";

#[tokio::test]
async fn a_code_counts_once() {
    let app = App::start().await;
    let ken = Person::join(&app, Role::Tracer, KEN, "田中 健").await;
    let refused = ken.try_log_in(PASSWORD, &ken.code()).await;
    assert_eq!(refused.status, 422, "the code that finished the invitation is used up");
    let code = ken.next_code();
    ken.try_log_in(PASSWORD, &code).await.expect_status(303).unwrap();
    assert_eq!(ken.try_log_in(PASSWORD, &code).await.status, 422, "seen over the shoulder, it is worth nothing");
    ken.try_log_in(PASSWORD, &ken.next_code()).await.expect_status(303).unwrap();
}

#[tokio::test]
async fn two_browsers_with_one_code_let_one_in() {
    let app = App::start().await;
    let ken = Person::join(&app, Role::Tracer, KEN, "田中 健").await;
    let code = ken.next_code();
    let (one, other) = tokio::join!(ken.try_log_in(PASSWORD, &code), ken.try_log_in(PASSWORD, &code));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
}

#[tokio::test]
async fn every_refusal_is_the_same_answer() {
    let app = App::start().await;
    let ken = Person::join(&app, Role::Tracer, KEN, "田中 健").await;
    let code = ken.next_code();
    let post = |email: &'static str, password: &'static str, code: String| {
        let app = &app;
        async move {
            let fields = [("email", email), ("password", password), ("totp", code.as_str())];
            let answer = app.form("/console/login", &fields).await;
            (answer.status, answer.text().replace(email, "EMAIL"))
        }
    };
    let wrong_password = post(KEN, "wrong password", code.clone()).await;
    let wrong_code = post(KEN, PASSWORD, "000000".into()).await;
    let unknown = post("nobody@city.example.jp", PASSWORD, code.clone()).await;
    sqlx::query("update official set disabled_at = now()").execute(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    let disabled = post(KEN, PASSWORD, code).await;
    assert_eq!(wrong_password.0, 422);
    assert!(wrong_password.1.contains("どれかがちがいます") && wrong_password.1.contains("EMAIL"));
    for (what, other) in [("wrong code", wrong_code), ("unknown", unknown), ("disabled", disabled)] {
        assert_eq!(other, wrong_password, "{what}");
    }
}

#[tokio::test]
async fn a_session_ends_by_itself_after_half_an_hour_without_use_and_after_twelve_hours() {
    let app = App::start().await;
    let ken = Person::at_work(&app, Role::Tracer, KEN, "田中 健").await;
    app.clock.advance(IDLE - Duration::microseconds(1));
    ken.get("/console").await.expect_status(200).unwrap();
    app.clock.advance(IDLE);
    assert_eq!(ken.get("/console").await.header("Location"), Some("/console/login?next=%2Fconsole"));
    ken.log_in().await;
    let steps = ABSOLUTE.num_minutes() / 20;
    for step in 1..=steps {
        app.clock.advance(Duration::minutes(20));
        let status = ken.get("/console").await.status;
        assert_eq!(status, if step < steps { 200 } else { 303 }, "after {} minutes", 20 * step);
    }
}

#[tokio::test]
async fn a_log_in_leads_back_to_where_one_wanted_to_go_and_out_again() {
    let app = App::start().await;
    let ken = Person::join(&app, Role::Tracer, KEN, "田中 健").await;
    let code = ken.next_code();
    let fields = [("email", KEN), ("password", PASSWORD), ("totp", code.as_str()), ("next", "/console?done=x&lang=en")];
    let answer = app.form("/console/login", &fields).await.expect_status(303).unwrap();
    assert_eq!(answer.header("Location"), Some("/console?done=x&lang=en"));
    ken.keep_cookie(&answer);
    let code = ken.next_code();
    let fields = [("email", KEN), ("password", PASSWORD), ("totp", code.as_str()), ("next", "//evil.example/console")];
    let again = app.form("/console/login", &fields).await.expect_status(303).unwrap();
    assert_eq!(again.header("Location"), Some("/console"));
    assert_ne!(again.header("Set-Cookie"), answer.header("Set-Cookie"), "every log-in has a session of its own");
    let out = ken.form("/console/logout", &[]).await.expect_status(303).unwrap();
    assert_eq!(out.header("Location"), Some("/console/login"));
    assert!(out.header("Set-Cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(ken.get("/console").await.status, 303, "the server has ended it, whatever the browser keeps");
}

#[tokio::test]
async fn a_recovery_code_lets_in_once() {
    let app = App::start().await;
    let ken = Person::join(&app, Role::Tracer, KEN, "田中 健").await;
    let try_with = |code: String| {
        let app = &app;
        async move { app.form("/console/recover", &[("email", KEN), ("password", PASSWORD), ("code", &code)]).await }
    };
    let typed = ken.recovery_codes[0].to_lowercase().replace('-', " ");
    let answer = try_with(typed.clone()).await.expect_status(303).unwrap();
    assert_eq!(answer.header("Location"), Some("/console/account?done=recovered"));
    assert_eq!(try_with(typed).await.status, 422);
    try_with(ken.recovery_codes[1].clone()).await.expect_status(303).unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from official_recovery_code where used_at is null")
        .fetch_one(&mut app.db.connect(DbRole::Owner).await)
        .await
        .unwrap();
    assert_eq!(usize::try_from(left).unwrap(), RECOVERY_CODES - 2);
    let wrong = app.form("/console/recover", &[("email", KEN), ("password", "wrong one"), ("code", &ken.recovery_codes[2])]).await;
    assert_eq!(wrong.status, 422);
    try_with(ken.recovery_codes[2].clone()).await.expect_status(303).unwrap();
}

#[tokio::test]
async fn mistakes_slow_down_and_never_lock_out() {
    let app = App::start().await;
    let ken = Person::join(&app, Role::Tracer, KEN, "田中 健").await;
    for email in [KEN, "nobody@city.example.jp"] {
        let fields = [("email", email), ("password", "wrong one"), ("totp", "123456")];
        let attempt = || app.form("/console/login", &fields);
        for _ in 0..FREE_TRIES {
            assert_eq!(attempt().await.status, 422, "{email}");
        }
        for (pause, said) in [(1, "1 秒"), (2, "2 秒"), (4, "4 秒")] {
            let slowed = attempt().await;
            assert_eq!((slowed.status, slowed.header("Retry-After")), (429, Some(pause.to_string().as_str())), "{email}");
            assert!(slowed.text().contains(said), "{email}: {said}");
            app.clock.advance(Duration::seconds(pause) - Duration::milliseconds(1));
            assert_eq!(attempt().await.status, 429, "{email}");
            app.clock.advance(Duration::milliseconds(1));
            assert_eq!(attempt().await.status, 422, "{email}");
        }
    }
    let code = ken.next_code();
    ken.try_log_in(PASSWORD, &code).await.expect_status(303).unwrap();
    let code = ken.next_code();
    assert_eq!(ken.try_log_in("wrong one", &code).await.status, 422, "the throttle is clear again");
    ken.try_log_in(PASSWORD, &code).await.expect_status(303).unwrap();
}

#[tokio::test]
async fn what_cannot_be_right_costs_no_try_and_is_named() {
    let app = App::start().await;
    let long = "x".repeat(10_000);
    for (email, password, code, said) in [
        ("", "p", "123456", "メールアドレスを入れてください。"),
        ("tanaka", "p", "123456", "「@」が入っていません。"),
        (long.as_str(), "p", "123456", "長すぎます。"),
        ("a@\u{202E}example.jp", "p", "123456", "このアドレスには届けられません。"),
        (KEN, "", "123456", "パスワードを入れてください。"),
        (KEN, "p", "", "6桁の数字を入れてください。"),
        (KEN, "p", "12345", "6桁の数字を入れてください。"),
        (KEN, "p", long.as_str(), "6桁の数字を入れてください。"),
    ] {
        for _ in 0..=FREE_TRIES {
            let answer = app.form("/console/login", &[("email", email), ("password", password), ("totp", code)]).await;
            assert_eq!(answer.status, 422, "{said}");
            assert!(answer.text().contains(said), "{said}");
        }
    }
    let nul = app.form("/console/login", &[("email", KEN), ("password", "a\0b"), ("totp", "123456")]).await;
    assert_eq!(nul.status, 400);
    let huge = app.form("/console/login", &[("email", KEN), ("password", &long), ("totp", "123456")]).await;
    assert_eq!(huge.status, 422, "a password of 10,000 characters is a wrong one, and no work");
}

#[tokio::test]
async fn a_hundred_at_once_are_hashed_two_at_a_time() {
    let app = App::start().await;
    let names: Vec<_> = (0..100).map(|no| format!("official-{no}@city.example.jp")).collect();
    let mut waiting = tokio::task::JoinSet::new();
    for name in names {
        let address = app.address;
        waiting.spawn(async move {
            let body = format!("email={}&password=wrong+one&totp=123456", name.replace('@', "%40"));
            let headers = ["Content-Type: application/x-www-form-urlencoded"];
            ashiato::cli::demo::http::send(address, "POST", "/console/login", &headers, body.as_bytes()).await.unwrap().status
        });
    }
    let mut refused = 0;
    while let Some(status) = waiting.join_next().await {
        let status = status.unwrap();
        assert!(matches!(status, 422 | 503), "{status}");
        refused += usize::from(status == 422);
    }
    assert!(refused > 10, "{refused} were looked at");
    assert!((1..=HASHES_AT_ONCE).contains(&app.web.state.hasher.most_at_once()));
}

#[tokio::test]
async fn whoever_hammers_on_an_account_does_not_keep_its_owner_out_elsewhere() {
    let app = App::start().await;
    let ken = Person::join(&app, Role::Tracer, KEN, "田中 健").await;
    let try_from = async |network: &str, password: &str, code: &str| {
        let typed = Typed { email: KEN, password, factor: Factor::Code(code) };
        let state = &app.web.state;
        log_in(&state.pool, state.credential_keys().unwrap(), app.clock.now(), network.parse().unwrap(), &typed).await.map(drop)
    };
    let home = "192.0.2.7";
    try_from(home, PASSWORD, &ken.next_code()).await.unwrap();
    for _ in 0..200 {
        assert!(matches!(try_from("198.51.100.1", "wrong one", "123456").await, Err(LogInError::Refused | LogInError::Wait(_))));
    }
    try_from("203.0.113.5", PASSWORD, &ken.next_code()).await.unwrap();
    // Many networks at once: now all that are unknown to the account wait a moment, and no longer.
    for no in 0..FREE_ACCOUNT_TRIES {
        let outcome = try_from(&format!("198.51.100.{}", no + 10), "wrong one", "123456").await;
        assert!(matches!(outcome, Err(LogInError::Refused)), "{no}");
    }
    let code = ken.next_code();
    let (outside, inside) = ("203.0.113.99", home);
    app.clock.advance(Duration::seconds(-30));
    let Err(LogInError::Wait(wait)) = try_from(outside, PASSWORD, &code).await else { panic!("strangers are slowed down") };
    assert!(wait.0 <= LONGEST_ACCOUNT_PAUSE);
    try_from(inside, PASSWORD, &code).await.unwrap();
    app.clock.advance(Duration::seconds(30));
    try_from(outside, PASSWORD, &ken.next_code()).await.unwrap();
}

#[tokio::test]
async fn a_weaker_hash_is_renewed_when_its_owner_comes_by() {
    let app = App::start().await;
    let ken = Person::join(&app, Role::Tracer, KEN, "田中 健").await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    let params = argon2::Params::new(8, 1, 1, None).unwrap();
    let weak = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let weak = argon2::PasswordHasher::hash_password(&weak, PASSWORD.as_bytes()).unwrap().to_string();
    sqlx::query("update official_credential set password = $1").bind(&weak).execute(&mut owner).await.unwrap();
    ken.try_log_in("wrong one", &ken.next_code()).await.expect_status(422).unwrap();
    let stored = async |owner: &mut sqlx::PgConnection| {
        sqlx::query_scalar::<_, String>("select password from official_credential").fetch_one(owner).await.unwrap()
    };
    assert_eq!(stored(&mut owner).await, weak);
    ken.try_log_in(PASSWORD, &ken.code()).await.expect_status(303).unwrap();
    assert!(stored(&mut owner).await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    ken.try_log_in(PASSWORD, &ken.next_code()).await.expect_status(303).unwrap();
}

#[tokio::test]
async fn a_flood_of_mistakes_leaves_few_entries_and_no_names() {
    let app = App::start().await;
    for _ in 0..10 {
        app.form("/console/login", &[("email", "nobody@city.example.jp"), ("password", "wrong one"), ("totp", "123456")]).await;
        app.clock.advance(Duration::seconds(60));
    }
    let mut owner = app.db.connect(DbRole::Owner).await;
    let entries: Vec<String> =
        sqlx::query_scalar("select action || detail::text from audit_entry order by id").fetch_all(&mut owner).await.unwrap();
    let expected: Vec<_> = [1, 2, 4, 8].map(|tries| format!("official.log_in_refused{{\"tries\":{tries}}}")).into();
    assert_eq!(entries, expected);
    let throttles: String = sqlx::query_scalar("select string_agg(l::text, '') from login_lane l").fetch_one(&mut owner).await.unwrap();
    assert!(!throttles.contains("nobody") && !throttles.contains("127.0.0.1"));
}

/// Median over tries that take turns, so that a busy machine slows down both. Without the decoy the ratio is above ten.
#[tokio::test]
async fn a_stranger_cannot_tell_by_the_clock_whether_an_account_exists() {
    let app = App::start().await;
    let _ken = Person::join(&app, Role::Tracer, KEN, "田中 健").await;
    let mut taken = [Vec::new(), Vec::new()];
    for no in 0..15 {
        for (email, taken) in [KEN, "nobody@city.example.jp"].into_iter().zip(&mut taken) {
            app.clock.advance(Duration::seconds(61));
            let typed = Typed { email, password: "wrong one", factor: Factor::Code("123456") };
            let (state, network) = (&app.web.state, format!("192.0.2.{no}").parse().unwrap());
            let started = std::time::Instant::now();
            let outcome = log_in(&state.pool, state.credential_keys().unwrap(), app.clock.now(), network, &typed).await;
            taken.push(started.elapsed());
            assert!(matches!(outcome, Err(LogInError::Refused)), "{email}");
        }
    }
    let [known, unknown] = taken.map(|mut taken| {
        taken.sort_unstable();
        taken[taken.len() / 2].as_secs_f64()
    });
    assert!((0.5..2.0).contains(&(known / unknown)), "{known} s, {unknown} s");
}

/// The one who typed everything right is not told that something was wrong with it.
#[tokio::test]
async fn a_second_factor_that_does_not_open_is_the_services_fault() {
    let app = App::start().await;
    let ken = Person::join(&app, Role::Tracer, KEN, "田中 健").await;
    let damage = "update official_credential set totp_sealed = set_byte(totp_sealed, 20, 255 - get_byte(totp_sealed, 20))";
    sqlx::query(damage).execute(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    let answer = ken.try_log_in(PASSWORD, &ken.next_code()).await;
    assert!(answer.status == 503 && answer.text().contains("サービスの鍵が合いません"), "{}", answer.text());
    let guess = ken.try_log_in("wrong password", &ken.next_code()).await;
    assert_eq!(guess.status, 422, "who does not know the password learns nothing");
    let fields = [("email", KEN), ("password", PASSWORD), ("code", ken.recovery_codes[0].as_str())];
    app.form("/console/recover", &fields).await.expect_status(303).unwrap();
}
