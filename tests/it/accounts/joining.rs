//! From an invitation to an account that logs in.
use super::person::{PASSWORD, Person, invitation, path_of, secret_on};
use crate::support::app::App;
use crate::support::logs;
use ashiato::audit;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::official::{INVITATION_DAYS, RECOVERY_CODES, Role, TotpHash, TotpSecret};
use chrono::Duration;

#[tokio::test]
async fn from_a_link_to_the_first_page() {
    logs::capture();
    let app = App::start().await;
    let person = Person::join(&app, Role::Tracer, "Tanaka.Ken@City.example.jp", "田中 健").await;
    assert_eq!(person.recovery_codes.len(), RECOVERY_CODES);
    let answer = person.log_in().await;
    assert_eq!((answer.header("Location"), answer.header("Cache-Control")), (Some("/console"), Some("no-store")));
    let mut owner = app.db.connect(DbRole::Owner).await;
    assert_eq!(audit::verify(&mut owner).await.unwrap().entries, 3, "invited, joined, logged in");
    let page = person.get("/console").await.expect_status(200).unwrap().text();
    assert!(page.contains("田中 健（調査担当）"), "who is logged in");
    let email: String = sqlx::query_scalar("select email from official").fetch_one(&mut owner).await.unwrap();
    assert_eq!(email, "tanaka.ken@city.example.jp", "one spelling");
    let secret = person.secret.grouped().replace(' ', "");
    let (logged, entries) = (logs::text(), audit_text(&app).await);
    for (what, text) in [
        ("password", PASSWORD),
        ("secret", secret.as_str()),
        ("recovery code", &person.recovery_codes[0]),
        ("address", "tanaka.ken@"),
        ("cookie", person.cookie().split('=').nth(1).unwrap()),
    ] {
        assert!(!entries.contains(text), "the {what} is in the audit chain");
        assert!(!logged.contains(text), "the {what} is in the log");
    }
}

async fn audit_text(app: &App) -> String {
    let mut owner = app.db.connect(DbRole::Owner).await;
    let rows: Vec<String> =
        sqlx::query_scalar("select action || ' ' || detail::text from audit_entry order by id").fetch_all(&mut owner).await.unwrap();
    rows.join("\n")
}

#[tokio::test]
async fn nothing_that_logs_somebody_in_lies_in_clear_in_the_database() {
    let app = App::start().await;
    let person = Person::join(&app, Role::Admin, "k@city.example.jp", "係").await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    let (password, sealed): (String, Vec<u8>) =
        sqlx::query_as("select password, totp_sealed from official_credential").fetch_one(&mut owner).await.unwrap();
    assert!(password.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{password}");
    let secret = data_encoding::BASE32_NOPAD.decode(person.secret.grouped().replace(' ', "").as_bytes()).unwrap();
    assert!(sealed.len() > secret.len() && !sealed.windows(secret.len()).any(|window| window == secret));
    let tables: String =
        sqlx::query_scalar("select string_agg(r::text, '') from official_recovery_code r").fetch_one(&mut owner).await.unwrap();
    for code in &person.recovery_codes {
        assert!(!tables.contains(code) && !tables.contains(&code.replace('-', "")));
    }
}

#[tokio::test]
async fn opening_a_link_uses_nothing_up_and_finishing_it_does() {
    let app = App::start().await;
    let made = invitation(&app, Role::Viewer, "k@city.example.jp", "係").await;
    let path = path_of(&made);
    for _ in 0..3 {
        let page = app.get(&path).await.expect_status(200).unwrap().text();
        assert!(!page.contains("otpauth") && !page.contains("class=\"qr\""), "no secret before a password");
    }
    let early = app.form(&format!("{path}/confirm"), &[("totp", "123456")]).await;
    assert_eq!(early.status, 200, "the first step is shown again");
    let person = Person::follow(&app, &path, "k@city.example.jp", made.official).await;
    for (method, path) in
        [("GET", path.clone()), ("POST", path.clone()), ("POST", format!("{path}/confirm")), ("POST", format!("{path}/seed"))]
    {
        let answer = if method == "GET" { app.get(&path).await } else { app.form(&path, &[("totp", &person.code())]).await };
        assert_eq!(answer.status, 404, "{method} {path}");
    }
    person.log_in().await;
}

#[tokio::test]
async fn an_invitation_ends_at_its_very_moment() {
    let app = App::start().await;
    let path = path_of(&invitation(&app, Role::Viewer, "k@city.example.jp", "係").await);
    app.clock.advance(Duration::days(INVITATION_DAYS) - Duration::microseconds(1));
    app.get(&path).await.expect_status(200).unwrap();
    app.clock.advance(Duration::microseconds(1));
    app.get(&path).await.expect_status(404).unwrap();
    let late = app.form(&path, &[("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(late.status, 404);
}

#[tokio::test]
async fn passwords_are_judged_with_a_sentence_beside_the_field() {
    let app = App::start().await;
    let path = path_of(&invitation(&app, Role::Viewer, "igarashi.eri@city.example.jp", "五十嵐 恵理").await);
    let long = "川べりの猫は七匹".repeat(16);
    for (password, again, said) in [
        ("", "", "短すぎます。8文字以上にしてください。"),
        ("tk8vRqz", "tk8vRqz", "短すぎます。8文字以上にしてください。"),
        (&format!("{long}x"), "", "長すぎます。128文字までにしてください。"),
        (&"x".repeat(10_000), "", "長すぎます。128文字までにしてください。"),
        ("Password1!", "Password1!", "よく使われるため"),
        ("あおば市あおば市1", "", "市やサービス、ご自分の名前"),
        ("Igarashi-Eri!", "", "市やサービス、ご自分の名前"),
        ("tk8v\u{202E}Rqz2", "", "使えない文字"),
        (PASSWORD, "川べりの猫は八匹", "2つのパスワードがちがいます"),
    ] {
        let answer = app.form(&path, &[("password", password), ("again", again)]).await;
        assert_eq!(answer.status, 422, "{said}");
        let page = answer.text();
        assert!(page.contains(said) && page.contains("aria-invalid=\"true\""), "{said}: {page}");
        assert!(password.is_empty() || !page.contains(password), "a password is never shown again");
    }
    let nul = app.send("POST", &path, &["Content-Type: application/x-www-form-urlencoded"], b"password=abc%00defgh").await;
    assert_eq!(nul.status, 400);
    app.form(&path, &[("password", &long), ("again", &long)]).await.expect_status(200).unwrap();
}

#[tokio::test]
async fn a_hardware_token_takes_the_place_of_the_app() {
    let app = App::start().await;
    let path = path_of(&invitation(&app, Role::Viewer, "k@city.example.jp", "係").await);
    let chosen = app.form(&path, &[("password", PASSWORD), ("again", PASSWORD)]).await.expect_status(200).unwrap();
    let shown = secret_on(&chosen.text());
    let seed = format!("{path}/seed");
    for (text, said) in
        [("", "シードの長さ"), ("zz zz", "16進数または"), (&"ab".repeat(65), "シードの長さ"), (&"0a".repeat(5_000), "シードの長さ")]
    {
        let answer = app.form(&seed, &[("seed", text), ("hash", "sha256")]).await;
        assert_eq!(answer.status, 422, "{said}");
        assert!(answer.text().contains(said), "{said}");
    }
    let hex = "3132333435363738393031323334353637383930313233343536373839303132";
    app.form(&seed, &[("seed", hex), ("hash", "sha256")]).await.expect_status(200).unwrap();
    let token = TotpSecret::from_seed(hex, TotpHash::Sha256).unwrap();
    let now = app.clock.now();
    let confirm = format!("{path}/confirm");
    app.form(&confirm, &[("totp", &shown.code(now))]).await.expect_status(422).unwrap();
    app.form(&confirm, &[("totp", &token.code(now))]).await.expect_status(200).unwrap();
}
