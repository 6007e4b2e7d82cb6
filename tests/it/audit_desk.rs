//! The auditor's desk: every look at numbers is on record, unusually many are told, and the chain is read in words.
mod desk;
mod reads;
