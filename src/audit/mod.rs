//! Append-only, hash-chained record of who did what, written in the caller's transaction.
