//! The operator's own hand: the first account has no other origin, so there is no default one.
use super::person::Person;
use crate::support::app::App;
use ashiato::audit;
use ashiato::base::db::DbRole;
use ashiato::official::Role;
use std::process::{Command, Output};

async fn run(app: &App, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ashiato"));
    command.args(arguments).env("DATABASE_URL", app.db.url()).env("BASE_URL", "https://trace.city.example.jp/").env("RUST_LOG", "warn");
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn the_first_account_comes_from_the_command_line() {
    let app = App::start().await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    let accounts: i64 = sqlx::query_scalar("select count(*) from official").fetch_one(&mut owner).await.unwrap();
    assert_eq!(accounts, 0, "no default account");
    let link = said(&run(&app, &["official", "invite", "Midori@City.example.jp", "--role", "admin", "--name", "佐藤 みどり"]).await);
    assert!(link.starts_with("https://trace.city.example.jp/console/invitation/") && link.lines().count() == 1, "the link alone");
    let again = run(&app, &["official", "invite", "midori@city.example.jp", "--role", "viewer"]).await;
    assert!(!again.status.success() && again.stdout.is_empty());
    assert!(String::from_utf8_lossy(&again.stderr).contains("an account with this address exists"));
    let reset = said(&run(&app, &["official", "reset", "midori@city.example.jp"]).await);
    assert_ne!(reset, link, "a lost link is made anew");
    let (_, old) = link.trim().rsplit_once('/').unwrap();
    assert_eq!(app.get(&format!("/console/invitation/{old}")).await.status, 404);
    let id = sqlx::query_scalar("select id from official").fetch_one(&mut owner).await.unwrap();
    let path = reset.trim().strip_prefix("https://trace.city.example.jp").unwrap().to_owned();
    // The program's clock is the machine's, the service's the test's: the link must be good for both.
    sqlx::query("update official_invitation set expires_at = '2027-01-01'").execute(&mut owner).await.unwrap();
    Person::follow(&app, &path, "midori@city.example.jp", id).await.log_in().await;
    let list = said(&run(&app, &["official", "list"]).await);
    assert_eq!(list, "midori@city.example.jp\tadmin\tactive\t佐藤 みどり\n");
    let last = run(&app, &["official", "disable", "midori@city.example.jp"]).await;
    assert!(!last.status.success() && String::from_utf8_lossy(&last.stderr).contains("the last admin"));
    assert!(audit::verify(&mut owner).await.unwrap().entries >= 4);
}

#[tokio::test]
async fn accounts_are_disabled_and_enabled_and_tokens_listed_and_revoked() {
    let app = App::start().await;
    said(&run(&app, &["official", "invite", "ken@city.example.jp", "--role", "tracer"]).await);
    said(&run(&app, &["official", "disable", "KEN@city.example.jp"]).await);
    assert_eq!(said(&run(&app, &["official", "list"]).await), "ken@city.example.jp\ttracer\tdisabled\tken\n");
    said(&run(&app, &["official", "enable", "ken@city.example.jp"]).await);
    let token = said(&run(&app, &["token", "create", "--role", "viewer", "--name", "night desk"]).await);
    assert_eq!(app.api("GET", "/api/v1/alerts/x", Some(token.trim()), None).await.status, 404);
    let list = said(&run(&app, &["token", "list"]).await);
    assert!(list.contains("\tviewer\tactive\t-\tnight desk\n") && !list.contains(token.trim()), "{list}");
    let id = list.split('\t').next().unwrap().to_owned();
    said(&run(&app, &["token", "revoke", &id]).await);
    assert_eq!(app.api("GET", "/api/v1/alerts/x", Some(token.trim()), None).await.status, 401);
    assert!(!run(&app, &["token", "revoke", &id]).await.status.success());
    for (arguments, code, said) in [
        (&["official", "disable", "nobody@city.example.jp"][..], 1, "no official has this address"),
        (&["official", "disable", "nobody"], 2, "the @ is missing"),
        (&["official", "invite", "a@b", "--role", "viewer"], 2, "EMAIL: the domain is incomplete"),
        (&["official", "invite", "a@city.example.jp", "--role", "viewer", "--name", "a\u{202E}b"], 2, "--name: control"),
        (&["official", "invite", "a@city.example.jp", "--role", "root"], 2, "possible values"),
        (&["official", "invite", "a@city.example.jp"], 2, "--role"),
    ] {
        let output = run(&app, arguments).await;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(code) && stderr.contains(said), "{arguments:?} {:?}: {stderr}", output.status.code());
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[tokio::test]
async fn the_operator_gives_back_what_somebody_took_from_every_admin() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, "midori@city.example.jp", "佐藤 みどり").await;
    for act in ["role", "disable"] {
        sqlx::query("insert into official_act (kind, official_id, standing, role, acted_at) values ($1, $2, 0, 'viewer', now())")
            .bind(act)
            .bind(midori.id)
            .execute(&mut app.db.connect(DbRole::Web).await)
            .await
            .unwrap();
    }
    app.vouch().await;
    let counts = async || -> (String, bool, bool) {
        sqlx::query_as("select role, ended_at is null, public_key is not null from signatory where official_id = $1")
            .bind(midori.id)
            .fetch_one(&mut app.db.connect(DbRole::Owner).await)
            .await
            .unwrap()
    };
    assert_eq!(counts().await, ("viewer".into(), false, true), "taking away needs no signature");
    said(&run(&app, &["official", "role", "midori@city.example.jp", "--role", "admin"]).await);
    assert_eq!(counts().await, ("admin".into(), true, true), "with the key of before");
    midori.log_in().await;
    let fields = [("name", "田中 健"), ("email", "ken@city.example.jp"), ("role", "tracer")];
    midori.form("/console/officials/invite", &fields).await.expect_status(303).unwrap();
    app.vouch().await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    let believed: bool = sqlx::query_scalar("select believed from official_act where kind = 'invite'").fetch_one(&mut owner).await.unwrap();
    assert!(believed);
}
