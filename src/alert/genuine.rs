//! `/alerts/check`: is this mail from us?
use super::{AlertNumber, Texts, store};
use crate::base::clock::Zone;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// A released alert, as anybody with its number may see it. Says nothing of venues, dates of visits or people.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Genuine {
    /// The number as it stands in the mail.
    pub number: AlertNumber,
    /// The calendar date on which its first notices left.
    pub released: NaiveDate,
    /// The full words of the mail, in the form that names no venue.
    pub text: Texts,
    /// Whether some mails also name the venue and the date.
    pub names_venues: bool,
    /// The alert was a mistake, and those who got it were told so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Corrected>,
}

/// The correction of an alert.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Corrected {
    /// Its own number.
    pub number: AlertNumber,
    /// The calendar date on which it left.
    pub released: NaiveDate,
}

/// The alert of a number that a person typed, if one was released under it: a draft, a held or a stopped one has told nobody,
/// so its number proves nothing.
pub async fn check_number(conn: &mut PgConnection, zone: Zone, number: &AlertNumber) -> Result<Option<Genuine>, sqlx::Error> {
    let released = store::released(conn, number).await?;
    Ok(released.map(|mut found| {
        let names_venues = found.texts.named.take().is_some();
        Genuine {
            number: number.clone(),
            released: zone.today(found.at),
            text: found.texts,
            names_venues,
            corrected: found.corrected.map(|(number, at)| Corrected { number, released: zone.today(at) }),
        }
    }))
}
