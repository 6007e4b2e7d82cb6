//! The demonstration's mailbox: what would have arrived, shown on a page. There is none in production.
use crate::web::error::Error;
use crate::web::page::{Frame, Language, page};
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use std::sync::Arc;

/// A mail that the demonstration's catcher accepted.
pub struct CaughtMail {
    /// 1, 2, 3 …
    pub no: usize,
    /// Made-up recipient.
    pub to: String,
    /// Decoded subject.
    pub subject: String,
    /// Decoded text.
    pub text: String,
    /// The whole message as it came over the wire.
    pub raw: String,
}

/// Where the caught mails lie.
pub trait Mailbox: Send + Sync {
    /// The newest mails first, at most `limit`, and how many there are in all.
    fn newest(&self, limit: usize) -> (Vec<Arc<CaughtMail>>, usize);
    /// One mail by its number.
    fn get(&self, no: usize) -> Option<Arc<CaughtMail>>;
}

/// Mails on the list; the rest is counted.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "web/mailbox/list.html")]
struct ListPage<'a> {
    f: Frame<'a>,
    mails: Vec<Arc<CaughtMail>>,
    total: usize,
}

#[derive(Template)]
#[template(path = "web/mailbox/show.html")]
struct MailPage<'a> {
    f: Frame<'a>,
    mail: Arc<CaughtMail>,
}

/// `GET /mailbox`
pub(crate) async fn list(language: Language, state: Data<State>) -> Result<HttpResponse, Error> {
    let mailbox = state.mailbox.as_deref().ok_or_else(Error::not_found)?;
    let (mails, total) = mailbox.newest(SHOWN);
    page(StatusCode::OK, &ListPage { f: language.frame(&state.service), mails, total })
}

/// `GET /mailbox/{no}`
pub(crate) async fn show(language: Language, state: Data<State>, no: Path<usize>) -> Result<HttpResponse, Error> {
    let mailbox = state.mailbox.as_deref().ok_or_else(Error::not_found)?;
    let mail = mailbox.get(*no).ok_or_else(Error::not_found)?;
    page(StatusCode::OK, &MailPage { f: language.frame(&state.service), mail })
}
