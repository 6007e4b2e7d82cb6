//! The auditor's pages: every look at numbers is on record, unusually many are told, and the chain is read in words.
mod pages;
mod reads;
