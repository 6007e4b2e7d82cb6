//! Day keys, mac keys and epochs: seals addresses for the worker, and forgets on time (docs/DESIGN.md §3 "Secrecy of addresses").
//!
//! A web process holds a [`Sealer`]: it can seal, and cannot open even what it sealed a moment ago once the epoch's row key is
//! gone. The worker holds a [`KeyStore`] (a directory outside Postgres) and an [`Opener`].
//!
//! Invariants:
//! - Nothing is sealed for a key whose signature does not verify under the pinned [`NotifierPublicKey`]; a date without a good
//!   key is *not ready*, and nothing is ever kept in clear instead.
//! - Every sealed value is bound to its place (visit or letter, date, epoch): moved elsewhere it does not open.
//! - An epoch is committed to the database before the first row names it.
//! - When [`shred`] has run, no copy of the database opens an address of that date or confirms one.
mod canary;
mod cipher;
mod data_key;
mod day_key;
mod epoch;
mod files;
mod high_water;
mod identity;
mod key_store;
mod mac;
mod opener;
mod own_link;
mod person;
mod personal;
mod process;
mod publish;
mod sealed;
mod sealer;
mod secret_box;
mod shred;
mod store;

pub use canary::{CANARY_LATE, CANARY_MEMORY, Canaries, CanaryHealth, canary_health, last_opened};
pub use data_key::{DataKeyError, DataKeys, Settled, begin_with, discard, finish, must_grow, settle, wrappings};
pub use files::KeyFileError;
pub use high_water::{HighWater, SYNC_EVERY};
pub use identity::{BadNotifierKey, NotifierPublicKey};
pub use key_store::KeyStore;
pub use mac::MAC_LEN;
pub use opener::{OpenedVisit, Opener, SealedLetterRow, SealedRow, Unopenable};
pub use own_link::{open_with_link, seal_for_link};
pub use person::PersonScope;
pub use personal::{Lock, PUBLIC_KEY_LEN, PersonalKey, SIGNATURE_LEN, has_signed};
pub use process::{PROCESS_GONE, ProcessKind, ProcessMark, RunningProcess, forget_processes, running_processes};
pub use publish::{DAYS_AHEAD, PublishedDays};
pub use sealed::{MAX_LETTER_BYTES, MAX_SEALED_BYTES, MAX_SEALED_VISIT_BYTES};
pub use sealer::{LetterNotSealed, NotReady, SealedLetter, SealedVisit, Sealer};
pub use secret_box::SecretBox;
pub use shred::{days_with_keys, shred};

use chrono::{Datelike, NaiveDate};

/// Why keys could not be made, published or taken up. A date is no secret; nothing else of what was processed is named.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The database did not answer.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
    /// A file of the worker's directory.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The worker has not published this date's key.
    #[error("no day key is published for {0}")]
    NoDayKey(NaiveDate),
    /// The published key is not signed by the worker that `NOTIFIER_PUBLIC_KEY` names, or was signed for another date.
    #[error("the day key of {0} is not signed by the notifier named in NOTIFIER_PUBLIC_KEY")]
    BadSignature(NaiveDate),
    /// The signed bytes are no point of the curve.
    #[error("the day key of {0} is no P-256 key")]
    BadPublicKey(NaiveDate),
    /// The worker has not handed over this date's mac key.
    #[error("no mac key is there for {0}; is the notifier running?")]
    NoMacKey(NaiveDate),
    /// The mac key was wrapped under another data key, or for another date: the worker wraps it anew at its next turn.
    #[error("the mac key of {0} does not unwrap; is the worker running?")]
    Unwrap(NaiveDate),
    /// The mac key is not the one whose hash the worker signed.
    #[error("the mac key of {0} is not the one that the notifier signed")]
    WrongMacKey(NaiveDate),
    /// The key that wraps mac keys is not at hand.
    #[error(transparent)]
    DataKey(#[from] DataKeyError),
    /// [`Sealer::refresh`] was called inside a transaction: an epoch that is rolled back would lose the visits sealed under it.
    #[error("keys cannot be refreshed inside a transaction")]
    InTransaction,
    /// These dates' published keys come from another worker's directory, so this one can never open them.
    #[error("day keys in the database do not come from this KEYS_DIR: {}", .0.iter().map(NaiveDate::to_string).collect::<Vec<_>>().join(", "))]
    Foreign(Vec<NaiveDate>),
}

/// A date as it stands in every signed, hashed or authenticated text: days since 0000-12-31, four bytes, so of fixed length.
fn date_bytes(date: NaiveDate) -> [u8; 4] {
    date.num_days_from_ce().to_be_bytes()
}
