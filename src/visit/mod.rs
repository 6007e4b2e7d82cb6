//! The check-in: parse, seal, record in batches, answer after commit.
