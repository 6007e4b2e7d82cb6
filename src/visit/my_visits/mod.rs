//! A person's own page, `/my`: see what is kept, take it along, erase it, stop or restart notices (docs/DESIGN.md §4).
//!
//! There is no account. Who asks gets a letter with a link; who opens the link has proven the mailbox. What always holds:
//! - The answer to an address is the same for everybody, and asking costs the worker one letter: visits are looked up only
//!   when the link is opened (up to 600,000 macs: 10,000 venues × 60 days), so a stranger cannot make it work.
//! - The token is half of every key that a link's rows are sealed with, and only the mail and its reader have it. A web
//!   process that was taken over, or a dump, cannot list where a person was.
//! - Web asks ([`request`]) and the worker does ([`carry_out`]), each with the rights it has anyway.
//! - Opening the link, as mail scanners do, uses nothing up and changes nothing but what the page itself shows.
mod act;
mod carry_out;
mod letter;
mod page;
mod request;
mod store;

pub use act::{Act, Kind};
pub use carry_out::{carry_out, forget_expired, waiting};
pub use letter::{LETTER_PAUSE, LETTERS_A_DAY, LINK_VALID, prepare, url};
pub use page::{Found, OwnPage, OwnVisit, open};
pub use request::{AskError, MAX_REQUESTS_PER_LINK, Posted, ask, is_done, post};
pub use store::Waiting;
