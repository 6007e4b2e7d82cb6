//! How often one client may do what costs others something: fill the disk, have mails sent, guess codes and numbers.
//!
//! A fixed table of atomic cells (GCRA, the leaky bucket as a meter): constant memory, no lock, and no client address is kept,
//! only the time at which a slot is free again. The slot is a keyed hash of the client's network, so two clients may rarely share
//! one; limits are generous enough for that, and for the hundreds of phones behind a carrier's one IPv4 address.
use crate::web::client::{self, Client};
use crate::web::error::Error;
use crate::web::state::State;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Slots of the table: 64 Ki × 8 bytes = 512 KiB.
const SLOTS: usize = 1 << 16;

/// A kind of request that is limited. Each has its own budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// A check-in; its rate is a setting.
    CheckIn,
    /// Something that sends a mail to an address that the client names.
    Mail,
    /// A guess: digits, a token, an alert's number.
    Guess,
    /// A log-in of an official; beyond this each account slows down by itself.
    LogIn,
}

/// A budget: `burst` at once, then one every `every_micros`.
#[derive(Clone, Copy, Debug)]
struct Budget {
    burst: u64,
    every_micros: u64,
}

impl Budget {
    /// The budget of a client. Those whom a proxy hides are many: one of them must not use up what all need. At the door
    /// nothing is limited then, for the recorder's queue is bounded; elsewhere they share a budget of [`HIDDEN_CROWD`].
    fn of(self, act: Act, client: Client) -> Option<Self> {
        match (client, act) {
            (Client::Network(_), _) => Some(self),
            (Client::BehindProxy(_), Act::CheckIn) => None,
            (Client::BehindProxy(_), _) => Some(Self { burst: self.burst * HIDDEN_CROWD, every_micros: self.every_micros / HIDDEN_CROWD }),
        }
    }
}

/// The table.
pub struct Limiter {
    slots: Box<[AtomicU64]>,
    hasher: RandomState,
    started: Instant,
    check_ins_per_second: u32,
}

/// Check-ins at once: half a minute's worth, for a door that opens.
const CHECK_IN_BURST_SECONDS: u64 = 30;
/// So many clients together may do what one may, where a proxy does not say who they are: the visitors of a city who act
/// at once. A machine that guesses or bombs is still held to a few dozen acts a second.
const HIDDEN_CROWD: u64 = 100;
/// Mails to named addresses: an event organiser enters a dozen venues in a row; a mail bomber wants thousands.
const MAIL: Budget = Budget { burst: 20, every_micros: 60_000_000 };
/// Guesses: somebody who mistypes again and again; a machine wants millions.
const GUESS: Budget = Budget { burst: 60, every_micros: 1_000_000 };

/// Log-ins: a whole office behind one address at eight in the morning; a machine that tries names wants thousands.
const LOG_IN: Budget = Budget { burst: 120, every_micros: 1_000_000 };

impl Limiter {
    /// A table with `check_ins_per_second` for one client's network; 0 = no limit on check-ins.
    #[must_use]
    pub fn new(check_ins_per_second: u32) -> Self {
        let slots = std::iter::repeat_with(|| AtomicU64::new(0)).take(SLOTS).collect();
        Self { slots, hasher: RandomState::new(), started: Instant::now(), check_ins_per_second }
    }

    fn budget(&self, act: Act) -> Option<Budget> {
        match act {
            Act::CheckIn if self.check_ins_per_second == 0 => None,
            Act::CheckIn => {
                let rate = u64::from(self.check_ins_per_second);
                Some(Budget { burst: rate * CHECK_IN_BURST_SECONDS, every_micros: 1_000_000 / rate })
            }
            Act::Mail => Some(MAIL),
            Act::Guess => Some(GUESS),
            Act::LogIn => Some(LOG_IN),
        }
    }

    /// Whether `client` may do `act` at `micros` after the table's start; counts it if so.
    fn allow(&self, act: Act, client: Client, micros: u64) -> bool {
        let Some(budget) = self.budget(act).and_then(|budget| budget.of(act, client)) else {
            return true;
        };
        let hash = self.hasher.hash_one((act, client));
        let slot = usize::try_from(hash % SLOTS as u64).unwrap_or(0);
        let Some(slot) = self.slots.get(slot) else {
            return true;
        };
        let ahead = budget.every_micros * budget.burst;
        let next = |free_at: u64| {
            let after = free_at.max(micros) + budget.every_micros;
            (after <= micros + ahead).then_some(after)
        };
        slot.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }
}

/// 429 when the client behind this request has used up its budget for `act`.
pub(crate) fn check(request: &HttpRequest, state: &State, act: Act) -> Result<(), Error> {
    let client = client::of(request, state);
    let micros = u64::try_from(state.limiter.started.elapsed().as_micros()).unwrap_or(u64::MAX / 2);
    if state.limiter.allow(act, client, micros) { Ok(()) } else { Err(Error::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> std::net::IpAddr {
        text.parse().unwrap()
    }

    fn net(text: &str) -> Client {
        Client::Network(ip(text))
    }

    #[test]
    fn a_budget_is_its_burst_and_then_its_pace() {
        let limiter = Limiter::new(0);
        let allowed = |micros| limiter.allow(Act::Mail, net("192.0.2.1"), micros);
        assert_eq!((0..100).filter(|_| allowed(5)).count() as u64, MAIL.burst);
        assert!(!allowed(5 + MAIL.every_micros - 1));
        assert!(allowed(5 + MAIL.every_micros));
        assert!(!allowed(5 + MAIL.every_micros));
    }

    #[test]
    fn acts_and_clients_have_budgets_of_their_own() {
        let limiter = Limiter::new(0);
        while limiter.allow(Act::Mail, net("192.0.2.1"), 0) {}
        assert!(limiter.allow(Act::Guess, net("192.0.2.1"), 0));
        assert!(limiter.allow(Act::Mail, net("192.0.2.2"), 0));
        while limiter.allow(Act::Guess, net("2001:db8:1:1::"), 0) {}
        assert!(!limiter.allow(Act::Guess, net("2001:db8:1:1::"), 0), "one customer");
        assert!(limiter.allow(Act::Guess, net("2001:db8:1:2::"), 0), "another");
    }

    #[test]
    fn check_ins_follow_their_setting() {
        let unlimited = Limiter::new(0);
        assert!((0..10_000).all(|_| unlimited.allow(Act::CheckIn, net("192.0.2.1"), 0)));
        let limited = Limiter::new(20);
        let at_once = (0..10_000).filter(|_| limited.allow(Act::CheckIn, net("192.0.2.1"), 0)).count() as u64;
        assert_eq!(at_once, 20 * CHECK_IN_BURST_SECONDS);
    }

    #[test]
    fn who_cannot_be_told_apart_has_no_limit_at_the_door_and_a_wide_one_elsewhere() {
        let limiter = Limiter::new(20);
        let hidden = Client::BehindProxy(ip("10.0.0.1"));
        assert!((0..100_000).all(|_| limiter.allow(Act::CheckIn, hidden, 0)));
        let at_once = (0..10_000).filter(|_| limiter.allow(Act::Mail, hidden, 0)).count() as u64;
        assert_eq!(at_once, MAIL.burst * HIDDEN_CROWD);
        assert!(!limiter.allow(Act::Mail, hidden, MAIL.every_micros / HIDDEN_CROWD - 1));
        assert!(limiter.allow(Act::Mail, hidden, MAIL.every_micros / HIDDEN_CROWD));
        assert!(limiter.allow(Act::Mail, net("10.0.0.1"), 0), "the proxy's own machine is somebody else");
    }
}
