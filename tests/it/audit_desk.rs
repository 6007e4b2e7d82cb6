//! The auditor's desk: every look at numbers is on record, and unusually many are told.
mod reads;
