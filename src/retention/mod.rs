//! What is kept how long, and the purge that makes it true.
