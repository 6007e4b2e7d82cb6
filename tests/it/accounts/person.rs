//! A made-up official with a mailbox, a password, an app on the phone, and a browser.
use crate::support::app::App;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::cli::demo::http::Answer;
use ashiato::official::Act;
use ashiato::official::{By, Invitation, NewOfficial, Role, TotpHash, TotpSecret, invite};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::types::Uuid;
use std::sync::Mutex;

/// What everybody here uses as a password.
pub const PASSWORD: &str = "川べりの猫は七匹";

/// Fields of a form.
pub type Fields<'a> = &'a [(&'a str, &'a str)];

/// Somebody with an account.
pub struct Person<'a> {
    pub app: &'a App,
    pub id: Uuid,
    pub email: String,
    pub secret: TotpSecret,
    pub recovery_codes: Vec<String>,
    cookie: Mutex<Option<String>>,
}

/// An invitation from the command line.
pub async fn invitation(app: &App, role: Role, email: &str, name: &str) -> Invitation {
    let mut connection = app.db.connect(DbRole::Owner).await;
    let mut act = Act::without_letters(&mut connection, app.clock.now(), By::Operator).await.unwrap();
    let new = NewOfficial::parse(email, name, role.as_str()).unwrap();
    let made = invite(&mut act, &new).await.unwrap();
    act.commit().await.unwrap();
    made
}

/// The path of an invitation's page.
pub fn path_of(invitation: &Invitation) -> String {
    format!("/console/invitation/{}", invitation.token.expose())
}

/// The secret that stands on the page of an invitation's second step.
pub fn secret_on(page: &str) -> TotpSecret {
    let start = page.split("<span class=\"code\">").nth(1).expect("the page shows the secret");
    TotpSecret::from_seed(start.split('<').next().unwrap(), TotpHash::Sha1).unwrap()
}

/// The recovery codes on a page.
pub fn codes_on(page: &str) -> Vec<String> {
    page.split("<li class=\"code\">").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

fn encoded(fields: Fields<'_>) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

impl<'a> Person<'a> {
    /// Joins by invitation: password, app, recovery codes. Not logged in yet; the app's present code is used up.
    pub async fn join(app: &'a App, role: Role, email: &str, name: &str) -> Self {
        let invitation = invitation(app, role, email, name).await;
        Self::follow(app, &path_of(&invitation), email, invitation.official).await
    }

    /// Follows an invitation's link to its end.
    pub async fn follow(app: &'a App, path: &str, email: &str, id: Uuid) -> Self {
        let chosen = app.form(path, &[("password", PASSWORD), ("again", PASSWORD)]).await.expect_status(200).unwrap();
        let secret = secret_on(&chosen.text());
        let code = secret.code(app.clock.now());
        let done = app.form(&format!("{path}/confirm"), &[("totp", &code)]).await.expect_status(200).unwrap();
        let recovery_codes = codes_on(&done.text());
        app.vouch().await;
        Self { app, id, email: email.to_owned(), secret, recovery_codes, cookie: Mutex::default() }
    }

    /// Waits for the next code of the app, which nobody has used yet, and reads it.
    pub fn next_code(&self) -> String {
        self.app.clock.advance(chrono::Duration::seconds(30));
        self.secret.code(self.app.clock.now())
    }

    /// The code of this moment.
    pub fn code(&self) -> String {
        self.secret.code(self.app.clock.now())
    }

    /// Tries to log in.
    pub async fn try_log_in(&self, password: &str, code: &str) -> Answer {
        self.app.form("/console/login", &[("email", &self.email), ("password", password), ("totp", code)]).await
    }

    /// Logs in with the next code and keeps the cookie.
    pub async fn log_in(&self) -> Answer {
        let answer = self.try_log_in(PASSWORD, &self.next_code()).await.expect_status(303).unwrap();
        self.keep_cookie(&answer);
        answer
    }

    /// Joins and logs in.
    pub async fn at_work(app: &'a App, role: Role, email: &str, name: &str) -> Self {
        let person = Self::join(app, role, email, name).await;
        person.log_in().await;
        person
    }

    /// Keeps the cookie that an answer sets, as a browser does.
    pub fn keep_cookie(&self, answer: &Answer) {
        let set = answer.header("Set-Cookie").expect("a cookie is set");
        for part in ["Path=/", "HttpOnly", "SameSite=Strict"] {
            assert!(set.contains(part), "{part} is missing in the cookie");
        }
        *self.cookie.lock().unwrap() = Some(format!("Cookie: {}", set.split(';').next().unwrap()));
    }

    /// The line that the browser sends.
    pub fn cookie(&self) -> String {
        self.cookie.lock().unwrap().clone().expect("logged in before")
    }

    /// `GET path` with the cookie.
    pub async fn get(&self, path: &str) -> Answer {
        self.app.send("GET", path, &[&self.cookie()], b"").await
    }

    /// A form of our own page.
    pub async fn form(&self, path: &str, fields: Fields<'_>) -> Answer {
        let cookie = self.cookie();
        let headers = [cookie.as_str(), "Content-Type: application/x-www-form-urlencoded", "Sec-Fetch-Site: same-origin"];
        self.app.send("POST", path, &headers, encoded(fields).as_bytes()).await
    }
}
