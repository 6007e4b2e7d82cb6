//! All venues as a list for spreadsheets: the columns of [`super::import`], so that a list that went out can come in again, then state and
//! identifier. Contact data is in it: for the roles that write to venues.
use super::import::Column;
use super::input::postal_code_shown;
use super::store::import as store;
use super::{VenueId, VenueKind, VenueStatus};
use crate::audit::{self, Actor, Entry};
use crate::base::locale::Locale;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

/// Venues that are read at once.
const PAGE: i64 = 1_000;

/// A venue as a list holds it.
pub(super) struct Exported {
    pub(super) id: VenueId,
    pub(super) name: String,
    pub(super) kana: Option<String>,
    pub(super) kind: VenueKind,
    pub(super) postal_code: Option<String>,
    pub(super) address: String,
    pub(super) contact_email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) guests_per_day: Option<i32>,
    pub(super) opens_on: Option<NaiveDate>,
    pub(super) closes_on: Option<NaiveDate>,
    pub(super) status: VenueStatus,
    pub(super) reference: Option<String>,
    pub(super) posters: i64,
}

/// Every venue but applications that nobody confirmed; the head first. Who takes it along is written down.
///
/// # Errors
/// The database.
pub async fn export(tx: &mut PgConnection, now: DateTime<Utc>, actor: Actor, locale: Locale) -> Result<Vec<Vec<String>>, sqlx::Error> {
    let words = locale.words();
    let head = Column::ALL.iter().map(|column| column.title(words)).chain([words.bulk_col_state(), words.bulk_col_id()]);
    let mut rows = vec![head.collect()];
    let mut after = None;
    loop {
        let page = store::exported(tx, after, PAGE).await?;
        after = page.last().map(|venue| venue.id.0);
        rows.extend(page.into_iter().map(|venue| row(&venue, locale)));
        if after.is_none() {
            break;
        }
    }
    let detail = json!({ "venues": rows.len() - 1 });
    audit::record(tx, now, &Entry { actor, action: "venue.export", target_kind: "venue", target_id: None, detail }).await?;
    Ok(rows)
}

fn row(venue: &Exported, locale: Locale) -> Vec<String> {
    let cell = |column: &Column| match column {
        Column::Name => venue.name.clone(),
        Column::Kana => venue.kana.clone().unwrap_or_default(),
        Column::Kind => venue.kind.label(locale),
        Column::PostalCode => venue.postal_code.as_deref().map(postal_code_shown).unwrap_or_default(),
        Column::Address => venue.address.clone(),
        Column::ContactEmail => venue.contact_email.clone().unwrap_or_default(),
        Column::Phone => venue.phone.clone().unwrap_or_default(),
        Column::GuestsPerDay => venue.guests_per_day.map(|guests| guests.to_string()).unwrap_or_default(),
        Column::Tables => (venue.posters - 1).max(0).to_string(),
        Column::OpensOn => venue.opens_on.map(|day| day.to_string()).unwrap_or_default(),
        Column::ClosesOn => venue.closes_on.map(|day| day.to_string()).unwrap_or_default(),
        Column::Reference => venue.reference.clone().unwrap_or_default(),
    };
    Column::ALL.iter().map(cell).chain([venue.status.label(locale), venue.id.to_string()]).collect()
}

/// The template for a list: the head, what to put in, and an example. The last two begin with `#` and are not read.
#[must_use]
pub fn template(locale: Locale) -> Vec<Vec<String>> {
    let words = locale.words();
    let remark = |mut row: Vec<String>| {
        if let Some(first) = row.first_mut() {
            *first = format!("# {first}");
        }
        row
    };
    let head = Column::ALL.iter().map(|column| column.title(words)).collect();
    let hints = Column::ALL.iter().map(|column| column.hint(words)).collect();
    let example = [
        words.bulk_example_name(),
        words.bulk_example_kana(),
        VenueKind::Restaurant.label(locale),
        "260-0000".to_owned(),
        words.bulk_example_address(),
        "shop@example.jp".to_owned(),
        "043-000-0000".to_owned(),
        "60".to_owned(),
        "8".to_owned(),
        String::new(),
        String::new(),
        words.bulk_example_reference(),
    ];
    vec![head, remark(hints), remark(example.into())]
}
