//! The HTTP interface, split by who is looking.
