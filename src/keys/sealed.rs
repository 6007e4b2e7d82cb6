/// Longest text of a letter, in bytes.
pub const MAX_LETTER_BYTES: usize = 4_000;
