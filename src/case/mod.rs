//! A reported infection and its stays.
