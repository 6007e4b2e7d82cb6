//! A venue's own page: the way in, what its owner sees and does there, and what another's session does not reach.
#[path = "shop_page/events.rs"]
mod events;
#[path = "shop_page/logging_in.rs"]
mod logging_in;
#[path = "shop_page/monthly.rs"]
mod monthly;
#[path = "shop_page/owner.rs"]
mod owner;
#[path = "shop_page/pages.rs"]
mod pages;
#[path = "shop_page/posters.rs"]
mod posters;
#[path = "shop_page/probing.rs"]
mod probing;

use crate::support::app::{App, OpenVenue, Plan};
use ashiato::cli::demo::http::Answer;

/// The mailbox of every venue that [`App::venue`] makes.
const CONTACT: &str = "shop@example.jp";

/// A venue with its owner's session.
struct Shop {
    app: App,
    venue: OpenVenue,
    session: String,
}

impl Shop {
    async fn open(posters: &[&str]) -> Self {
        Self::with(Plan::default(), posters).await
    }

    async fn with(plan: Plan, posters: &[&str]) -> Self {
        let app = App::with(plan).await;
        let venue = app.venue("喫茶 <b>\"ひだまり\"", posters).await;
        let session = app.shop_session(CONTACT).await;
        Self { app, venue, session }
    }

    fn path(&self, path: &str) -> String {
        format!("/shop/{}{path}", self.venue.id)
    }

    async fn get(&self, path: &str) -> Answer {
        self.app.as_shop(&self.session, "GET", &self.path(path), &[]).await
    }

    async fn page(&self, path: &str) -> String {
        self.get(path).await.expect_status(200).unwrap().text()
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.app.as_shop(&self.session, "POST", &self.path(path), fields).await
    }

    /// Does something, and the page says that it is done.
    async fn act(&self, path: &str, fields: &[(&str, &str)], to: &str, says: &str) {
        let answer = self.post(path, fields).await;
        let to = self.path(to);
        assert_eq!((answer.status, answer.header("Location")), (303, Some(to.as_str())), "{path}: {}", answer.text());
        let page = self.app.as_shop(&self.session, "GET", &to, &[]).await.expect_status(200).unwrap().text();
        assert!(page.contains(says) && page.contains("role=\"status\""), "{path}: {page}");
    }

    /// What the audit chain holds of this venue's own acts, oldest first.
    async fn audited(&self) -> Vec<String> {
        let mut owner = self.app.db.connect(ashiato::base::db::DbRole::Owner).await;
        let entries = "select action from audit_entry where actor_kind = 'venue' order by id";
        sqlx::query_scalar(entries).fetch_all(&mut owner).await.unwrap()
    }
}
