//! The root of the chain: the operator, whose command line has the schema owner's login.
use super::acts::{ActKind, Grant, mailbox};
use crate::audit::{self, Actor, Entry};
use crate::official::account::AccountError;
use crate::official::role::Role;
use crate::official::store::{accounts, acts, signatories as store};
use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

/// Bytes of a fingerprint: 80 bits, beyond making a second key to the same one.
const FINGERPRINT_BYTES: usize = 10;

/// A public key as two people compare it: `ABCD-EFGH-JKMN-PQRS`.
#[must_use]
pub fn fingerprint(public_key: &[u8]) -> String {
    let hash = Sha256::digest(public_key);
    let text = BASE32_NOPAD.encode(&hash[..FINGERPRINT_BYTES]);
    let groups: Vec<&str> = text.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join("-")
}

/// Gives an account power on the operator's word.
pub(in crate::official) async fn grant_by_operator(tx: &mut PgConnection, now: DateTime<Utc>, grant: &Grant) -> Result<(), sqlx::Error> {
    let standing = acts::next_standing(tx, grant.official).await?;
    let given = store::Given { official: grant.official, standing, role: grant.role, by: None, confirmed: true, now };
    // Else the role that was vouched for stays, whatever the account says.
    if grant.kind == ActKind::Role {
        store::set_role(tx, &given).await?;
    }
    store::put(tx, &given, &grant.email_sha256, grant.link.as_ref().map(|(key, until)| (key.as_slice(), *until))).await?;
    store::note_admins(tx).await
}

/// Takes an account's power away on the operator's word: it counts no more as the second administrator of others.
pub(in crate::official) async fn end_by_operator(tx: &mut PgConnection, official: Uuid, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    store::end(tx, official, now).await?;
    store::forget_admin(tx, official).await
}

/// Vouches for a token: the command line's own, or one that is made in an official's name.
pub(in crate::official) async fn vouch_for_token(tx: &mut PgConnection, token: &store::TokenSignatory<'_>) -> Result<(), sqlx::Error> {
    store::insert_token(tx, token).await.map(drop)
}

/// Vouches for the key that an account has now, in the role that was vouched for, which is returned: for who joined before there were keys, or whose key was lost.
/// `typed` is the fingerprint that the person reads on their own page; without it a key that somebody else put there would count.
///
/// # Errors
/// [`AccountError::WrongKey`] when the account has no key or another one, [`AccountError::Unknown`], [`AccountError::Disabled`].
pub async fn vouch(tx: &mut PgConnection, now: DateTime<Utc>, official: Uuid, typed: &str) -> Result<Role, AccountError> {
    let account = accounts::all(tx, now, Some(official)).await?.pop().ok_or(AccountError::Unknown)?;
    if account.standing == crate::official::AccountState::Disabled {
        return Err(AccountError::Disabled);
    }
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let key = store::key_of(tx, official).await?.ok_or(AccountError::WrongKey)?;
    if plain(&fingerprint(&key)) != plain(typed) {
        return Err(AccountError::WrongKey);
    }
    let standing = acts::next_standing(tx, official).await?;
    // An account that waits for a second administrator goes on waiting: this is about the key.
    let held = store::held(tx, official).await?;
    let (role, confirmed) = held.map_or((account.role, true), |held| (held.role, held.confirmed));
    let given = store::Given { official, standing, role, by: None, confirmed, now };
    store::put(tx, &given, &mailbox(&account.email), None).await?;
    store::set_key(tx, official, &key).await?;
    store::note_admins(tx).await?;
    let detail = json!({ "role": role.as_str() });
    let entry = Entry { actor: Actor::System, action: "official.vouch", target_kind: "official", target_id: Some(official), detail };
    audit::record(tx, now, &entry).await?;
    Ok(role)
}

/// The operator in place of the second administrator. `false`: nothing waits.
///
/// # Errors
/// The database.
pub async fn confirm_by_operator(tx: &mut PgConnection, now: DateTime<Utc>, official: Uuid) -> Result<bool, sqlx::Error> {
    let Some(waiting) = store::waiting(tx, official).await? else { return Ok(false) };
    store::confirm(tx, official, now).await?;
    store::note_admins(tx).await?;
    let detail = json!({ "role": waiting.role.as_str() });
    let entry = Entry { actor: Actor::System, action: "official.confirm", target_kind: "official", target_id: Some(official), detail };
    audit::record(tx, now, &entry).await.map(|()| true)
}
