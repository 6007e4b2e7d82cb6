//! Publishing day keys and mac keys.

/// What [`super::KeyStore::ensure_days`] did and found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublishedDays {
    /// Keys that were made now.
    pub made: usize,
    /// Dates without a gap, from today on, whose keys are published.
    pub ready: usize,
}
