//! The demonstration's page: one visit of the story as the venue, the health centre, the database and the visitor see it.
//! There is none in production. Every number and byte on it is read from the running service when the page is asked for.
use crate::visit::VisitRow;
use crate::web::assets;
use crate::web::error::Error;
use crate::web::page::{Frame, Language, page};
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use chrono::NaiveDate;

/// Bytes of the sealed address that are shown; all of it is noise.
const SHOWN_BYTES: usize = 12;

/// One visit as four people see it.
pub struct Views {
    /// Name of the venue.
    pub venue: String,
    /// Label of the poster that was scanned.
    pub poster: String,
    /// How many posters the venue has.
    pub posters: usize,
    /// The business date.
    pub date: NaiveDate,
    /// The last day on which the visit is kept.
    pub keep_until: NaiveDate,
    /// How many visits the venue has on that date.
    pub recorded: i64,
    /// The alert that told these people.
    pub number: String,
    /// Its notices: sent, and all.
    pub sent: i64,
    /// Rows that it matched.
    pub matched: i64,
    /// The visitor's made-up address.
    pub visitor: String,
    /// The row itself, while it is kept.
    pub row: Option<VisitRow>,
    /// Numbers of the notices in the demonstration's mailbox that the visitor got.
    pub mails: Vec<usize>,
}

/// The demonstration can look at all four places at once, as nobody can in production.
#[async_trait::async_trait]
pub trait Showcase: Send + Sync {
    /// The views; nothing before the story has been told.
    async fn views(&self) -> Result<Option<Views>, sqlx::Error>;
}

#[derive(Template)]
#[template(path = "web/demo.html")]
struct DemoPage<'a> {
    f: Frame<'a>,
    work_style: &'static str,
    v: Views,
    row: Option<PrintedVisit>,
}

/// The row in the letters of `psql`.
struct PrintedVisit {
    venue_id: String,
    visit_date: String,
    mac: String,
    epoch_id: String,
    poster_no: String,
    sealed: String,
    bytes: String,
}

impl PrintedVisit {
    fn of(row: &VisitRow) -> Self {
        let sealed = row.sealed.get(..SHOWN_BYTES).unwrap_or(&row.sealed);
        Self {
            venue_id: row.venue_id.to_string(),
            visit_date: row.visit_date.to_string(),
            mac: hex(&row.mac),
            epoch_id: row.epoch_id.to_string(),
            poster_no: row.poster_no.to_string(),
            sealed: hex(sealed),
            bytes: row.sealed.len().to_string(),
        }
    }
}

/// Two bytes a group, as dumps show them.
fn hex(bytes: &[u8]) -> String {
    bytes.chunks(2).map(|pair| data_encoding::HEXLOWER.encode(pair)).collect::<Vec<_>>().join(" ")
}

/// `GET /demo`
pub(crate) async fn show(language: Language, state: Data<State>) -> Result<HttpResponse, Error> {
    let showcase = state.showcase.as_deref().ok_or_else(Error::not_found)?;
    let views = showcase.views().await?.ok_or_else(Error::not_found)?;
    let row = views.row.as_ref().map(PrintedVisit::of);
    page(StatusCode::OK, &DemoPage { f: language.frame(&state.service), work_style: assets::work_style_path(), v: views, row })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stand_in_pairs() {
        assert_eq!(hex(&[0x6b, 0x1e, 0x90]), "6b1e 90");
        assert_eq!(hex(&[]), "");
    }
}
