//! A venue that the city entered is activated by its owner: one scan, or one typing, of the code on a printed letter.
//!
//! **The code** looks like a poster's and is a secret: who holds it may switch the venue on and name its mailbox. It is stored
//! nowhere. It is computed from the data key of this use, the venue and the edition of its letter, and the database keeps a keyed hash to
//! find it by, so a stolen dump opens nothing. Hence the same letter can be printed again, today's download and tomorrow's carry
//! the same codes, and no envelope that is under way dies because somebody printed twice. A letter in the wrong hands is
//! replaced: the next edition has another code, and the old one is dead ([`renew`]). A change of `SECRET_KEY` leaves
//! the data key and so all letters as they are.
//!
//! Opening the link uses nothing up, for link previews and mail scanners open links; only the button activates. Unknown, replaced
//! and expired codes get one answer. A mailbox that the owner names on that page is proven by the usual letter before it is used.
use super::confirmation::{UnprovenMailbox, new_confirmation};
use super::proof::Proof;
use super::store::activation as store;
use super::{City, VenueError, VenueId, VenueKind, VenueStatus, letters, store as venues};
use crate::audit::{Actor, Target};
use crate::base::code::{CODE_LEN, PosterCode};
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::base::secret::{KEY_LEN, SecretUse};
use crate::keys::DataKeys;
use crate::official::Act;
use chrono::{DateTime, Duration, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use sqlx::PgConnection;
use std::collections::HashMap;
use zeroize::Zeroizing;

/// How long a code is good from the last printing of its letter: letters lie about, and a season may pass before a venue opens.
pub const VALID_DAYS: i64 = 180;
const CODE_LABEL: &[u8] = b"ashiato activation code v1";
const STORED_LABEL: &[u8] = b"ashiato activation stored v1";

/// Makes codes, and the hashes by which they are found.
pub struct ActivationKey(Zeroizing<[u8; KEY_LEN]>);

impl ActivationKey {
    /// The key of this service.
    #[must_use]
    pub fn new(keys: &DataKeys) -> Self {
        Self(Zeroizing::new(*keys.key(SecretUse::VenueActivation)))
    }

    fn code(&self, venue: VenueId, edition: i16) -> PosterCode {
        let hash = self.hash(CODE_LABEL, &[venue.0.as_bytes(), &edition.to_be_bytes()]);
        let mut bytes = [0; CODE_LEN - 1];
        bytes.copy_from_slice(&hash[..CODE_LEN - 1]);
        PosterCode::from_bytes(bytes)
    }

    fn stored(&self, code: &PosterCode) -> [u8; 32] {
        self.hash(STORED_LABEL, &[code.as_str().as_bytes()])
    }

    fn hash(&self, label: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        // HMAC takes keys of any length (RFC 2104 §2), so this cannot fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else { std::process::abort() };
        mac.update(label);
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }
}

/// The content of a letter besides the venue.
#[derive(Clone, PartialEq, Eq)]
pub struct Activation {
    /// The code as it is typed: `ABCD-EFGH-JKMN`.
    pub code: String,
    /// The link in the QR code.
    pub url: String,
    /// The code is good before this.
    pub expires_at: DateTime<Utc>,
}

/// The page behind a letter's QR code (GET shows, POST activates).
#[must_use]
pub fn activation_url(base_url: &str, code: &PosterCode) -> String {
    format!("{base_url}/venues/activate/{}", code.as_str())
}

/// The codes for the letters of those of `venues` that are still `invited`; every one is good for [`VALID_DAYS`] from now.
/// Whoever asks for them prints them: it is written down that they did.
///
/// # Errors
/// The database.
pub async fn letters<With>(
    act: &mut Act<'_, City, With>,
    key: &ActivationKey,
    base_url: &str,
    venues: &[VenueId],
) -> Result<HashMap<VenueId, Activation>, sqlx::Error> {
    let expires_at = act.now + Duration::days(VALID_DAYS);
    let editions = store::lock_editions(&mut act.tx, venues).await?;
    let codes: Vec<_> = editions.into_iter().map(|(venue, edition)| (venue, edition, key.code(venue, edition))).collect();
    let stored: Vec<_> = codes.iter().map(|(venue, edition, code)| (*venue, *edition, key.stored(code))).collect();
    store::put(&mut act.tx, &stored, act.now, expires_at).await?;
    if !codes.is_empty() {
        let target = Target { kind: "venue", id: (venues.len() == 1).then(|| venues[0].0) };
        act.record("venue.print_letters", target, json!({ "letters": codes.len() })).await?;
    }
    let activation = |code: PosterCode| Activation { code: code.grouped(), url: activation_url(base_url, &code), expires_at };
    Ok(codes.into_iter().map(|(venue, _, code)| (venue, activation(code))).collect())
}

/// Kills the code of a letter in the wrong hands. The next letter that is printed has another one.
///
/// # Errors
/// [`VenueError::Unknown`], [`VenueError::WrongTransition`] when the venue is not `invited` any more, [`VenueError::Db`].
pub async fn renew<With>(act: &mut Act<'_, City, With>, key: &ActivationKey, id: VenueId) -> Result<(), VenueError> {
    let venue = venues::lock_venue(&mut act.tx, id).await?.ok_or(VenueError::Unknown)?;
    if venue.status != VenueStatus::Invited {
        return Err(VenueError::WrongTransition { from: venue.status, to: VenueStatus::Invited });
    }
    let edition = store::lock_editions(&mut act.tx, &[id]).await?.first().map_or(1, |(_, edition)| edition.saturating_add(1));
    let stored = key.stored(&key.code(id, edition));
    store::put(&mut act.tx, &[(id, edition, stored)], act.now, act.now + Duration::days(VALID_DAYS)).await?;
    act.record("venue.renew_letter", id, json!({ "edition": edition })).await?;
    Ok(())
}

/// The content of the page behind a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// The venue.
    pub id: VenueId,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: VenueKind,
    /// Where it is.
    pub address: String,
    /// Where it stands; anything but `invited` means that the code was used.
    pub status: VenueStatus,
    /// The language of its letters.
    pub locale: Locale,
}

/// Looks a code up without using anything up. `None`: unknown, replaced or expired.
pub async fn peek(
    conn: &mut PgConnection,
    key: &ActivationKey,
    now: DateTime<Utc>,
    code: &PosterCode,
) -> Result<Option<Invited>, sqlx::Error> {
    store::by_code(conn, key.stored(code), now).await
}

/// Why a code activated nothing.
#[derive(Debug, thiserror::Error)]
pub enum ActivateError {
    /// Unknown, replaced, expired, or the venue was closed meanwhile: one answer for all.
    #[error("this code activates nothing")]
    Refused,
    /// The letter that proves the mailbox, or the database.
    #[error(transparent)]
    Venue(#[from] VenueError),
}

impl From<sqlx::Error> for ActivateError {
    fn from(error: sqlx::Error) -> Self {
        Self::Venue(error.into())
    }
}

/// A mailbox that the owner names while activating, and the secrets of the letter that proves it.
pub struct NamedMailbox<'a> {
    /// Where letters shall go.
    pub contact: &'a EmailAddress,
    /// Fresh secrets.
    pub proof: &'a Proof,
}

/// Activates the venue. Twice is harmless: the second time nothing changes and no letter goes out.
///
/// # Errors
/// See [`ActivateError`].
pub async fn activate<By>(
    act: &mut Act<'_, By>,
    key: &ActivationKey,
    code: &PosterCode,
    mailbox: Option<NamedMailbox<'_>>,
) -> Result<Invited, ActivateError> {
    let found = store::by_code(&mut act.tx, key.stored(code), act.now).await?.ok_or(ActivateError::Refused)?;
    // Two clicks come one after the other.
    let status = venues::lock_venue(&mut act.tx, found.id).await?.ok_or(ActivateError::Refused)?.status;
    match status {
        VenueStatus::Invited => {}
        VenueStatus::Active | VenueStatus::Suspended => return Ok(Invited { status, ..found }),
        _ => return Err(ActivateError::Refused),
    }
    store::activate(&mut act.tx, found.id, act.now).await?;
    if let Some(NamedMailbox { contact, proof }) = mailbox {
        let unproven = UnprovenMailbox { venue: found.id, name: &found.name, contact, locale: found.locale };
        let new = new_confirmation(unproven, proof, act.now);
        store::name_mailbox(&mut act.tx, found.id, contact).await?;
        venues::put_confirmation(&mut act.tx, found.id, proof, act.now, new.expires_at).await?;
        act.post(&letters::of_active(new.letter)).await.map_err(VenueError::from)?;
    }
    let detail = json!({ "from": VenueStatus::Invited, "to": VenueStatus::Active });
    act.record_as(Actor::Venue(found.id.0), "venue.activate", found.id, detail).await?;
    Ok(Invited { status: VenueStatus::Active, ..found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_made_again_from_the_same_and_from_nothing_else() {
        let key = ActivationKey::new(&DataKeys::random());
        let (venue, other) = (VenueId::random(), VenueId::random());
        assert_eq!(key.code(venue, 1), key.code(venue, 1));
        let codes = [key.code(venue, 1), key.code(venue, 2), key.code(other, 1), ActivationKey::new(&DataKeys::random()).code(venue, 1)];
        for (place, code) in codes.iter().enumerate() {
            assert!(codes[place + 1..].iter().all(|other| other != code));
            assert_eq!(PosterCode::parse(&code.grouped()).as_ref(), Ok(code), "it can be typed");
        }
        assert_ne!(key.stored(&codes[0])[..11], *codes[0].as_str().as_bytes(), "the stored hash is not the code");
    }
}
