//! The real program as child processes, on a Postgres that means its commits, against a mail server that tells what it took:
//! killed, asked to stop, several at once, wrongly set up.
//!
//! What one room promises by itself is proved in `recorder` and `delivery`; here it is judged from outside, over HTTP and SMTP.
mod demonstrating;
mod deployment;
mod load;
mod program;
mod refusing;
mod rekeying;
mod sending;
mod serving;
