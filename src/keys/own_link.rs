//! Seals under the link to a person's own page (`/my/{token}`). The link's token is half of every key here and is stored
//! nowhere, so what lies in the database is closed to everybody, the worker included, until its owner comes with the link.
use super::cipher::RowKey;
use super::key_store::blocking;
use super::{MAC_LEN, Opener};
use crate::base::email_address::{EmailAddress, MAX_ADDRESS_BYTES};
use crate::base::secret::derive;
use crate::base::token::Token;
use chrono::NaiveDate;
use sqlx::error::Error as DbError;
use uuid::Uuid;
use zeroize::Zeroizing;

const ADDRESS_PLACE: &[u8] = b"ashiato own link address v1";
const PAGE_PLACE: &[u8] = b"ashiato own page v1";
/// Every address takes the same room.
const ADDRESS_SIZE: usize = 256;
const _: () = assert!(MAX_ADDRESS_BYTES <= ADDRESS_SIZE);
/// A page is padded to multiples of this: some twelve visits, so its length tells little about how many there are.
const PAGE_STEP: usize = 1_024;

impl Opener {
    /// Seals who asked for a link, so that it takes this worker *and* the link to open it. `None` cannot happen at this length.
    #[must_use]
    pub fn hide(&self, token: &Token, address: &EmailAddress) -> Option<Vec<u8>> {
        let text = address.expose().as_bytes();
        let key = RowKey::new(&self.keys().own_link_key(token));
        key.seal(ADDRESS_PLACE, ADDRESS_SIZE, |into| into[..text.len()].copy_from_slice(text))
    }

    /// The reverse of [`Opener::hide`]; `None` with another link or another worker's keys.
    #[must_use]
    pub fn reveal(&self, token: &Token, sealed: &[u8]) -> Option<EmailAddress> {
        let text = RowKey::new(&self.keys().own_link_key(token)).open(ADDRESS_PLACE, sealed)?;
        let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
        EmailAddress::parse(std::str::from_utf8(&text[..end]).ok()?).ok()
    }

    /// Which row of each venue's day would be this person's, in the order of `venues`. `None`: the date's keys are destroyed.
    /// About 3 µs each, off the tasks' threads.
    ///
    /// # Errors
    /// The directory, as [`sqlx::Error::Io`], so that it is tried again.
    pub async fn macs(&self, date: NaiveDate, venues: Vec<Uuid>, address: &EmailAddress) -> Result<Option<Vec<[u8; MAC_LEN]>>, DbError> {
        let address = address.clone();
        let macs = blocking(self.keys(), move |keys| {
            let day = keys.day(date)?;
            Ok(day.map(|day| venues.iter().map(|venue| day.mac_key.mac(*venue, date, &address)).collect()))
        });
        macs.await.map_err(|error| DbError::Io(std::io::Error::other(error)))
    }
}

/// Seals a text for whoever holds the link. `None` only beyond 64 GiB.
#[must_use]
pub fn seal_for_link(token: &Token, text: &[u8]) -> Option<Vec<u8>> {
    let length = (LENGTH_BYTES + text.len()).next_multiple_of(PAGE_STEP);
    let stated = u32::try_from(text.len()).ok()?;
    page_key(token).seal(PAGE_PLACE, length, |into| {
        into[..LENGTH_BYTES].copy_from_slice(&stated.to_be_bytes());
        into[LENGTH_BYTES..LENGTH_BYTES + text.len()].copy_from_slice(text);
    })
}

/// The reverse of [`seal_for_link`]; `None` with another link, or when it was altered.
#[must_use]
pub fn open_with_link(token: &Token, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut text = page_key(token).open(PAGE_PLACE, sealed)?;
    let (length, rest) = text.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok().filter(|length| *length <= rest.len())?;
    text.drain(..LENGTH_BYTES);
    text.truncate(length);
    Some(text)
}

/// A page's length stands before its text, big-endian.
const LENGTH_BYTES: usize = 4;

fn page_key(token: &Token) -> RowKey {
    RowKey::new(&derive(token.expose().as_bytes(), b"ashiato own page v1"))
}

#[cfg(test)]
mod tests {
    use super::super::KeyStore;
    use super::super::cipher::{NONCE_LEN, TAG_LEN};
    use super::super::files::tests::Scratch;
    use super::*;

    #[test]
    fn an_address_opens_with_its_link_and_its_notifier_alone() {
        let scratch = Scratch::new();
        let notifier = |name: &str| Opener::new(KeyStore::init(&scratch.0.join(name)).unwrap());
        let (ours, other) = (notifier("ours"), notifier("other"));
        let (token, address) = (Token::random(), EmailAddress::parse("Hanako@example.jp").unwrap());
        let sealed = ours.hide(&token, &address).unwrap();
        assert_eq!(sealed.len(), NONCE_LEN + ADDRESS_SIZE + TAG_LEN);
        assert_eq!(ours.reveal(&token, &sealed).unwrap().expose(), "Hanako@example.jp");
        assert!(ours.reveal(&Token::random(), &sealed).is_none());
        assert!(other.reveal(&token, &sealed).is_none());
        assert!(open_with_link(&token, &sealed).is_none(), "the link alone is not enough");
    }

    #[test]
    fn a_page_opens_with_its_link_and_its_length_tells_little() {
        let token = Token::random();
        for length in [0, 1, PAGE_STEP - LENGTH_BYTES, PAGE_STEP] {
            let text = vec![b'x'; length];
            let sealed = seal_for_link(&token, &text).unwrap();
            let steps = if length > PAGE_STEP - LENGTH_BYTES { 2 } else { 1 };
            assert_eq!(sealed.len(), NONCE_LEN + steps * PAGE_STEP + TAG_LEN);
            assert_eq!(*open_with_link(&token, &sealed).unwrap(), text);
            assert!(open_with_link(&Token::random(), &sealed).is_none());
        }
    }

    #[tokio::test]
    async fn macs_are_those_of_the_date_and_end_with_its_key() {
        let scratch = Scratch::new();
        let keys = KeyStore::init(&scratch.0.join("keys")).unwrap();
        let date: NaiveDate = "2026-11-22".parse().unwrap();
        let (day, _) = keys.day_or_new(date).unwrap();
        let (opener, address) = (Opener::new(keys.clone()), EmailAddress::parse("taro@example.jp").unwrap());
        let venues: Vec<Uuid> = (1..4).map(Uuid::from_u128).collect();
        let expected: Vec<_> = venues.iter().map(|venue| day.mac_key.mac(*venue, date, &address)).collect();
        assert_eq!(opener.macs(date, venues.clone(), &address).await.unwrap().unwrap(), expected);
        keys.destroy_day(date).unwrap();
        assert!(opener.macs(date, venues, &address).await.unwrap().is_none());
    }
}
