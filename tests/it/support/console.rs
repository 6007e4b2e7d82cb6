//! Officials at their desks: logged in, with the cookie that a browser would send.
use super::app::App;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::cli::demo::http::Answer;
use ashiato::official::{Role, open_session};
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
        self.session_of(id).await
    }

    /// One more session of an account.
    pub async fn session_of(&self, id: Uuid) -> Official<'_> {
        let mut connection = self.db.connect(DbRole::Web).await;
        let token = open_session(&mut connection, self.clock.now(), id).await.unwrap();
        Official { app: self, id, cookie: format!("Cookie: ashiato={}", token.expose()) }
    }
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
