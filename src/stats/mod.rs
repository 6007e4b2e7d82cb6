//! Daily counts with small numbers hidden.
