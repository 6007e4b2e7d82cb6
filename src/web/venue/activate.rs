//! The owner of a venue that the city entered switches it on by the code of a printed letter: scanned or typed. Looking uses nothing up.
use crate::audit::Actor;
use crate::base::code::{CodeError, PosterCode};
use crate::base::email_address::{AddressError, EmailAddress};
use crate::venue::{self, ActivateError, Invited, NamedMailbox, Proof, VenueId, VenueStatus};
use crate::web::error::Error;
use crate::web::form::{Form, Query};
use crate::web::limit::{self, Act};
use crate::web::page::{Frame, Language, page};
use crate::web::state::State;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

/// Longest code that is shown back.
const SHOWN_BACK_BYTES: usize = 64;

#[derive(Template)]
#[template(path = "web/venue/activate_code.html")]
struct CodePage<'a> {
    f: Frame<'a>,
    typed: &'a str,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "web/venue/activate.html")]
struct ActivatePage<'a> {
    f: Frame<'a>,
    code: &'a str,
    venue: Invited,
    kind: String,
    email: &'a str,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "web/venue/activated.html")]
struct ActivatedPage<'a> {
    f: Frame<'a>,
    id: VenueId,
    name: String,
    /// Where a letter is under way to.
    mailed: Option<&'a str>,
    stopped: bool,
}

#[derive(Template)]
#[template(path = "web/venue/activate_dead.html")]
struct DeadPage<'a> {
    f: Frame<'a>,
}

/// `GET /venues/activate?code=`: the field for the code; a good one leads on to its page.
pub(crate) async fn code_form(language: Language, state: Data<State>, query: Query) -> Result<HttpResponse, Error> {
    let frame = language.frame(&state.service);
    let typed = query.get("code");
    if !query.has("code") {
        return page(StatusCode::OK, &CodePage { f: frame, typed, error: None });
    }
    match PosterCode::parse(typed) {
        Ok(code) => {
            let path = format!("/venues/activate/{}{}", code.as_str(), frame.lang);
            Ok(HttpResponse::SeeOther().insert_header((LOCATION, path)).finish())
        }
        Err(error) => {
            let fit = typed.len() <= SHOWN_BACK_BYTES && !typed.chars().any(crate::base::text::is_forbidden);
            let error = if error == CodeError::Empty { frame.w.code_empty() } else { frame.w.bulk_code_wrong() };
            let typed = if fit { typed } else { "" };
            page(StatusCode::UNPROCESSABLE_ENTITY, &CodePage { f: frame, typed, error: Some(error) })
        }
    }
}

/// `GET /venues/activate/{code}`: which venue, and one button.
pub(crate) async fn form(request: HttpRequest, language: Language, state: Data<State>, code: Path<String>) -> Result<HttpResponse, Error> {
    limit::check(&request, &state, Act::Guess)?;
    match found(&state, &code).await? {
        Some((code, venue)) => activate_page(language, &state, &code, venue, Typed::default()),
        None => dead(language, &state),
    }
}

async fn found(state: &State, code: &str) -> Result<Option<(PosterCode, Invited)>, Error> {
    let Ok(code) = PosterCode::parse(code) else { return Ok(None) };
    let mut connection = state.pool.acquire().await?;
    let venue = venue::activation::peek(&mut connection, state.activation()?, state.clock.now(), &code).await?;
    Ok(venue.map(|venue| (code, venue)))
}

/// The address that was typed, and the mistake in it.
#[derive(Default)]
struct Typed<'a> {
    email: &'a str,
    error: Option<String>,
}

fn activate_page(language: Language, state: &State, code: &PosterCode, venue: Invited, typed: Typed<'_>) -> Result<HttpResponse, Error> {
    let Typed { email, error } = typed;
    let f = language.frame(&state.service);
    if venue.status != VenueStatus::Invited {
        let stopped = venue.status == VenueStatus::Suspended;
        return page(StatusCode::OK, &ActivatedPage { f, id: venue.id, name: venue.name, mailed: None, stopped });
    }
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let kind = venue.kind.label(language.locale);
    page(status, &ActivatePage { f, code: code.as_str(), venue, kind, email, error })
}

fn dead(language: Language, state: &State) -> Result<HttpResponse, Error> {
    page(StatusCode::NOT_FOUND, &DeadPage { f: language.frame(&state.service) })
}

/// `POST /venues/activate/{code}`: switches the venue on; with a mail address also sends the letter that proves it.
pub(crate) async fn activate(
    request: HttpRequest,
    language: Language,
    state: Data<State>,
    code: Path<String>,
    form: Form,
) -> Result<HttpResponse, Error> {
    limit::check(&request, &state, Act::Guess)?;
    let Some((code, venue)) = found(&state, &code).await? else { return dead(language, &state) };
    let typed = form.get("contact_email");
    let contact = match EmailAddress::parse(typed) {
        Ok(contact) => Some(contact),
        Err(AddressError::Empty) => None,
        Err(problem) => {
            let error = said(language, problem);
            let shown = if typed.len() <= 1024 && !typed.chars().any(crate::base::text::is_forbidden) { typed } else { "" };
            return activate_page(language, &state, &code, venue, Typed { email: shown, error: Some(error) });
        }
    };
    let proof = match &contact {
        Some(_) => {
            limit::check(&request, &state, Act::Mail)?;
            Some(Proof::new(&state.hasher).await.map_err(|_| Error::unavailable())?)
        }
        None => None,
    };
    let mailbox = contact.as_ref().zip(proof.as_ref()).map(|(contact, proof)| NamedMailbox { contact, proof });
    let mut act = state.act(Actor::Visitor).await?;
    match venue::activate(&mut act, state.activation()?, &code, mailbox).await {
        Ok(activated) => {
            act.commit().await?;
            let mailed = contact.as_ref().filter(|_| venue.status == VenueStatus::Invited).map(EmailAddress::expose);
            let (f, stopped) = (language.frame(&state.service), activated.status == VenueStatus::Suspended);
            page(StatusCode::OK, &ActivatedPage { f, id: activated.id, name: activated.name, mailed, stopped })
        }
        Err(ActivateError::Refused) => {
            act.rollback().await?;
            dead(language, &state)
        }
        Err(ActivateError::Venue(error)) => Err(error.into()),
    }
}

fn said(language: Language, problem: AddressError) -> String {
    let w = language.locale.words();
    match problem {
        AddressError::Empty => w.email_empty(),
        AddressError::NoAt => w.email_no_at(),
        AddressError::NoDotAfterAt => w.email_no_dot(),
        AddressError::TooLong => w.email_too_long(),
        AddressError::Refused => w.email_refused(),
    }
}
