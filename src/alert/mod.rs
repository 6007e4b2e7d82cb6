//! Matches stays with visits, has two officials release the notices, and words them.
