//! Officials at their desks: logged in, with the cookie that a browser would send.
use super::app::App;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::base::token::Token;
use ashiato::cli::demo::http::Answer;
use ashiato::keys::PersonalKey;
use ashiato::official::{Role, believe_acts, open_session};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::types::Uuid;

/// A made-up official with an open session.
pub struct Official<'a> {
    app: &'a App,
    /// The account.
    pub id: Uuid,
    cookie: String,
}

impl App {
    /// A new account of this role, and a session for it.
    pub async fn official(&self, role: Role, name: &str) -> Official<'_> {
        let mut connection = self.db.connect(DbRole::Owner).await;
        let id = Uuid::new_v4();
        sqlx::query("insert into official (id, email, name, role, created_at) values ($1, $2, $3, $4, $5)")
            .bind(id)
            .bind(format!("official-{id}@example.jp"))
            .bind(name)
            .bind(role.as_str())
            .bind(self.clock.now())
            .execute(&mut connection)
            .await
            .unwrap();
        employ(&mut connection, self.clock.now(), id).await;
        self.session_of(id).await
    }

    /// Lets the worker look at what was done to accounts, as it does each second.
    pub async fn vouch(&self) {
        let mut notifier = self.db.connect(DbRole::Notifier).await;
        believe_acts(&mut notifier, self.clock.now()).await.unwrap();
    }

    /// One more session of an account.
    pub async fn session_of(&self, id: Uuid) -> Official<'_> {
        let mut connection = self.db.connect(DbRole::Web).await;
        let token = open_session(&mut connection, self.clock.now(), id, &key_of(id)).await.unwrap();
        Official { app: self, id, cookie: format!("Cookie: ashiato={}", token.expose()) }
    }
}

/// The signing key of a made-up account that never typed a password.
pub fn key_of(id: Uuid) -> PersonalKey {
    PersonalKey::of_token(&Token::from_client(&id.simple().to_string()).unwrap())
}

/// What joining leaves behind, in short: a credential, and a key that the operator vouches for.
pub async fn employ(owner: &mut sqlx::PgConnection, now: chrono::DateTime<chrono::Utc>, id: Uuid) {
    let key = key_of(id).public();
    let joined =
        "insert into official_credential (official_id, password, totp_sealed, totp_hash, totp_last_step, set_at, key_salt, key_sealed,
                      public_key) values ($1, '', '', 'sha1', 0, $2, $3, '', $4)";
    sqlx::query(joined).bind(id).bind(now).bind([0_u8; 16].as_slice()).bind(key.as_slice()).execute(&mut *owner).await.unwrap();
    sqlx::query("update official set joined_at = $2 where id = $1").bind(id).bind(now).execute(&mut *owner).await.unwrap();
    let vouched = "insert into signatory (official_id, email_sha256, role, standing, confirmed, public_key, was_admin, since)
                   select id, sha256(convert_to(email, 'UTF8')), role, 1, true, $2, role = 'admin', $3 from official where id = $1";
    sqlx::query(vouched).bind(id).bind(key.as_slice()).bind(now).execute(owner).await.unwrap();
}

impl Official<'_> {
    /// `GET path` with the cookie.
    pub async fn get(&self, path: &str) -> Answer {
        self.app.send("GET", path, &[&self.cookie], b"").await
    }

    /// A form of our own page, as a browser posts it.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let headers = [&self.cookie, "Content-Type: application/x-www-form-urlencoded", "Sec-Fetch-Site: same-origin"];
        self.app.send("POST", path, &headers, body.join("&").as_bytes()).await
    }

    /// The line that a browser would send with every request.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }
}
