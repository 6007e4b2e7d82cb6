//! Slows guessing down without ever locking anybody out: a lock would be a way to lock others out.
//! A try first takes its turn in its throttles. A try during a throttle's pause is neither looked at nor counted.
//! - **account and network**: a few mistakes are free, then each doubles the pause, up to [`LONGEST_PAUSE`]. Whoever hammers on an
//!   account from one network slows down themselves, and whoever shares that network.
//! - **account**: many mistakes from networks that the account was never logged in to slow down all such networks, up to
//!   [`LONGEST_ACCOUNT_PAUSE`]. A network with a log-in in the last [`KNOWN`] is not held up by strangers.
//!
//! A network for itself, whatever the account, is `web::limit`'s business. Accounts that do not exist have throttles like others.
use super::credential_keys::CredentialKeys;
use super::store::throttles as store;
use chrono::{DateTime, Duration, Utc};
use sqlx::{PgConnection, PgPool};
use std::net::IpAddr;

/// Mistakes of one account from one network that cost nothing.
pub const FREE_TRIES: i32 = 3;
/// Longest pause of one account and one network.
pub const LONGEST_PAUSE: Duration = Duration::seconds(60);
/// Mistakes of one account from unknown networks that cost nothing.
pub const FREE_ACCOUNT_TRIES: i32 = 20;
/// Longest pause that strangers can cause elsewhere.
pub const LONGEST_ACCOUNT_PAUSE: Duration = Duration::seconds(8);
/// Mistakes are forgotten after this time without another.
pub const MEMORY: Duration = Duration::hours(1);
/// How long a network is known to an account after a log-in.
pub const KNOWN: Duration = Duration::days(30);

/// The pause is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("wait {} seconds", .0.num_seconds())]
pub struct Wait(pub Duration);

/// The pause after so many mistakes: nothing, then 1, 2, 4 … seconds.
fn pause(tries: i32, free: i32, longest: Duration) -> Duration {
    let doublings = u32::try_from(tries - free).unwrap_or(0).min(16);
    if tries < free { Duration::zero() } else { Duration::seconds(1_i64 << doublings).min(longest) }
}

/// The throttles of one try.
pub(super) struct Throttles {
    own: [u8; 32],
    account: Option<[u8; 32]>,
}

/// A turn that was given: how many tries the throttle has seen since the last success, this one included.
pub(super) struct Turn {
    pub(super) tries: i32,
}

impl Throttles {
    /// The throttles of a log-in to `account`, as it was typed, from `network`.
    pub(super) fn of_log_in(credential_keys: &CredentialKeys, account: &str, network: IpAddr) -> Self {
        let network = network.to_string();
        Self {
            own: credential_keys.throttle(&[b"log-in", account.as_bytes(), network.as_bytes()]),
            account: Some(credential_keys.throttle(&[b"account", account.as_bytes()])),
        }
    }

    /// The throttle of somebody who is logged in and shows the second factor again.
    pub(super) fn of_proof(credential_keys: &CredentialKeys, official: uuid::Uuid) -> Self {
        Self { own: credential_keys.throttle(&[b"proof", official.as_bytes()]), account: None }
    }

    /// Takes a turn and commits it: the try counts as a mistake until [`Self::succeeded`] says otherwise, so tries at the same
    /// time win nothing.
    pub(super) async fn take(&self, pool: &PgPool, now: DateTime<Utc>) -> Result<Result<Turn, Wait>, sqlx::Error> {
        let mut tx = pool.begin().await?;
        store::forget(&mut tx, now).await?;
        let own = store::enter(&mut tx, &self.own, now, now + MEMORY).await?;
        let tries = own.tries_at(now);
        if let Err(wait) = own.ready(now, pause(tries, FREE_TRIES, LONGEST_PAUSE)) {
            return Ok(Err(wait));
        }
        if let Some(account) = self.account.filter(|_| own.known_until <= now) {
            let all = store::enter(&mut tx, &account, now, now + MEMORY).await?;
            let tries = all.tries_at(now);
            if let Err(wait) = all.ready(now, pause(tries, FREE_ACCOUNT_TRIES, LONGEST_ACCOUNT_PAUSE)) {
                return Ok(Err(wait));
            }
            store::count(&mut tx, &account, tries.saturating_add(1), now, now + MEMORY).await?;
        }
        let tries = tries.saturating_add(1);
        store::count(&mut tx, &self.own, tries, now, (now + MEMORY).max(own.known_until)).await?;
        tx.commit().await?;
        Ok(Ok(Turn { tries }))
    }

    /// Clears the throttles after a right proof: it was no guess. The network counts as known from now on.
    pub(super) async fn succeeded(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        store::clear(conn, &self.own, now, now + KNOWN).await?;
        if let Some(account) = self.account {
            store::remove(conn, &account).await?;
        }
        Ok(())
    }
}

/// A throttle as it is stored.
pub(super) struct Throttle {
    pub(super) tries: i32,
    pub(super) tried_at: DateTime<Utc>,
    pub(super) known_until: DateTime<Utc>,
}

impl Throttle {
    fn tries_at(&self, now: DateTime<Utc>) -> i32 {
        if now - self.tried_at >= MEMORY { 0 } else { self.tries }
    }

    fn ready(&self, now: DateTime<Utc>, pause: Duration) -> Result<(), Wait> {
        let left = self.tried_at + pause - now;
        if left > Duration::zero() { Err(Wait(left)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_nothing_to_their_bound() {
        let seconds = |tries| pause(tries, FREE_TRIES, LONGEST_PAUSE).num_seconds();
        let grown: Vec<_> = (0..12).map(seconds).collect();
        assert_eq!(grown, [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(seconds(i32::MAX), 60);
    }

    #[test]
    fn mistakes_are_forgotten_in_time() {
        let at: DateTime<Utc> = "2026-11-22T03:00:00Z".parse().unwrap();
        let throttle = Throttle { tries: 9, tried_at: at, known_until: at };
        assert_eq!(throttle.tries_at(at + MEMORY - Duration::microseconds(1)), 9);
        assert_eq!(throttle.tries_at(at + MEMORY), 0);
        assert!(throttle.ready(at + LONGEST_PAUSE, LONGEST_PAUSE).is_ok());
        assert_eq!(throttle.ready(at, LONGEST_PAUSE), Err(Wait(LONGEST_PAUSE)));
    }
}
