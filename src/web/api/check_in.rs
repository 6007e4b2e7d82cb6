//! `POST /api/v1/check-ins`
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::venue::Problem;
use crate::visit::{CheckIn, CheckInError};
use crate::web::error::Error;
use crate::web::form::Json;
use crate::web::limit::{self, Act};
use crate::web::state::State;
use crate::web::visitor;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A check-in as a program sends it.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    code: String,
    email: String,
    #[zeroize(skip)]
    locale: Option<Locale>,
}

/// The same answer whether the visit was new or not: nobody can ask whether somebody was there.
#[derive(Serialize)]
struct Answer<'a> {
    venue: &'a str,
    poster: &'a str,
    visit_date: NaiveDate,
    keep_until: NaiveDate,
}

/// Records a visit; 201 after its commit.
pub(crate) async fn create(http: HttpRequest, state: Data<State>, Json(request): Json<Request>) -> Result<HttpResponse, Error> {
    limit::check(&http, &state, Act::CheckIn)?;
    let poster = visitor::find(&state, &request.code).await?.ok_or_else(Error::not_found)?;
    let address = EmailAddress::parse(&request.email).map_err(|error| Error::field("email", Problem::Address(error).code()))?;
    let locale = request.locale.unwrap_or_default();
    let check_in = CheckIn { poster: poster.clone(), address, locale };
    let receipt = visitor::record(&state, check_in).await.map_err(|error| match error {
        CheckInError::NotNow(not_now) => Error::conflict(not_now.code()),
        CheckInError::DateInDoubt => Error::date_in_doubt(),
        CheckInError::NotReady(_) | CheckInError::Record(_) => Error::unavailable(),
    })?;
    Ok(HttpResponse::Created().json(Answer {
        venue: &poster.venue_name,
        poster: &poster.label,
        visit_date: receipt.visit_date,
        keep_until: receipt.keep_until,
    }))
}
