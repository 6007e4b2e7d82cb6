//! Another mailbox for a venue: the page that asks once more who checked it, and the act.
use super::one_venue::{back, decided};
use crate::base::email_address::{AddressError, EmailAddress};
use crate::official::MayTrace;
use crate::venue::{self, Venue, VenueId, contact};
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::page::page;
use crate::web::session::May;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

#[derive(Template)]
#[template(path = "web/console/venues/contact.html")]
struct ContactPage<'a> {
    d: ConsoleFrame<'a>,
    venue: Venue,
    /// The present mailbox.
    now: Option<String>,
    typed: String,
    checked: bool,
    address_error: Option<String>,
    checked_error: Option<String>,
}

impl ContactPage<'_> {
    fn is_wrong(&self) -> bool {
        self.address_error.is_some() || self.checked_error.is_some()
    }
}

/// `GET /console/venues/{id}/contact`
pub(crate) async fn form(console: ConsoleRequest, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    render(&console, *id, "", false, [None, None]).await
}

async fn render(
    console: &ConsoleRequest,
    id: VenueId,
    typed: &str,
    checked: bool,
    [address_error, checked_error]: [Option<String>; 2],
) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Venues).await?;
    let venue = venue::show(&mut *console.state.pool.acquire().await?, id).await?.ok_or_else(Error::not_found)?;
    if !contact::may_be_replaced(venue.status) {
        return Ok(back(console, id, ""));
    }
    let now = venue.contact.as_ref().map(|contact| contact.expose().to_owned());
    let shown = ContactPage { d, venue, now, typed: typed.to_owned(), checked, address_error, checked_error };
    page(if shown.is_wrong() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &shown)
}

/// `POST /console/venues/{id}/contact`
pub(crate) async fn replace(console: ConsoleRequest, may: May<MayTrace>, id: Path<VenueId>, form: Form) -> Result<HttpResponse, Error> {
    let w = console.language.locale.words();
    let (typed, checked) = (form.get("email"), form.get("checked") == "yes");
    let address = EmailAddress::parse(typed);
    let wrong = address.as_ref().err().map(|error| match error {
        AddressError::Empty => w.email_empty(),
        AddressError::NoAt => w.email_no_at(),
        AddressError::NoDotAfterAt => w.email_no_dot(),
        AddressError::TooLong => w.email_too_long(),
        AddressError::Refused => w.email_refused(),
    });
    let unchecked = (!checked).then(|| w.desk_contact_unchecked());
    let (Ok(address), true) = (address, checked) else {
        return render(&console, *id, typed, checked, [wrong, unchecked]).await;
    };
    let mut act = console.act(&may.0).await?;
    let result = venue::replace_contact(&mut act, *id, &address).await;
    match &result {
        Ok(_) => act.commit().await?,
        Err(_) => act.rollback().await?,
    }
    decided(&console, *id, result, |changed| if changed { "contact" } else { "before" }).await
}
