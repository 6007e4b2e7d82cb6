//! Day keys, mac keys and epochs: seals addresses for the notifier, and forgets on time.
