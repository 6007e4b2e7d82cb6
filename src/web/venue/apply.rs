//! The application: one form, five fields; an event's days besides.
use super::ConfirmPage;
use crate::audit::Actor;
use crate::base::email_address::AddressError;
use crate::base::locale::{Locale, Words};
use crate::base::plain::NotPlain;
use crate::base::text::TextError;
use crate::venue::{self, Applicant, Field, FieldError, NewVenue, Problem, Proof, RawVenue, VenueError, VenueId, VenueKind};
use crate::web::console::field::{self, Field as Input};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::limit::{self, Act};
use crate::web::page::{Frame, Language, page};
use crate::web::state::State;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use sha2::{Digest, Sha256};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "web/venue/apply.html")]
struct ApplyPage<'a> {
    f: Frame<'a>,
    name: Input,
    kind: Input,
    opens: Input,
    closes: Input,
    postal: Input,
    address: Input,
    email: Input,
    kinds: Vec<(&'static str, String)>,
    /// Chance that the form carries: see [`identifier`].
    nonce: Uuid,
}

impl<'a> ApplyPage<'a> {
    fn new(f: Frame<'a>, raw: &RawVenue, errors: &[FieldError]) -> Self {
        let w = f.w;
        let wrong = |field| errors.iter().find(|error| error.field == field).map(|error| words(w, field, error.problem));
        let mut page = Self {
            name: Input::new("n", "name", w.apply_name()).hint(w.apply_name_hint()).value(&raw.name).error(wrong(Field::Name)),
            kind: Input::new("k", "kind", w.apply_kind()).value(&raw.kind).error(wrong(Field::Kind)),
            opens: Input::new("o", "opens_on", w.shop_opens()).hint(w.shop_date_hint()).value(&raw.opens_on).error(wrong(Field::OpensOn)),
            closes: Input::new("l", "closes_on", w.shop_closes())
                .hint(w.shop_closes_hint())
                .value(&raw.closes_on)
                .error(wrong(Field::ClosesOn)),
            postal: Input::new("z", "postal_code", w.shop_postal())
                .hint(w.shop_postal_hint())
                .value(&raw.postal_code)
                .error(wrong(Field::PostalCode)),
            address: Input::new("a", "address", w.apply_address()).value(&raw.address).error(wrong(Field::Address)),
            email: Input::new("m", "contact_email", w.apply_email())
                .hint(w.apply_email_hint())
                .value(&raw.contact_email)
                .error(wrong(Field::ContactEmail)),
            kinds: kinds(f.locale),
            nonce: Uuid::new_v4(),
            f,
        };
        field::focus_first_wrong(&mut [
            &mut page.name,
            &mut page.kind,
            &mut page.opens,
            &mut page.closes,
            &mut page.postal,
            &mut page.address,
            &mut page.email,
        ]);
        page
    }

    fn inputs(&self) -> [&Input; 7] {
        [&self.name, &self.kind, &self.opens, &self.closes, &self.postal, &self.address, &self.email]
    }

    fn is_wrong(&self) -> bool {
        self.inputs().iter().any(|input| input.error.is_some())
    }

    fn several(&self) -> Vec<(&'static str, &str)> {
        field::several_wrong(&self.inputs())
    }
}

/// The kinds to choose from, nothing chosen first.
pub(super) fn kinds(locale: Locale) -> Vec<(&'static str, String)> {
    let none = ("", locale.words().apply_choose());
    std::iter::once(none).chain(VenueKind::ALL.iter().map(|kind| (kind.as_str(), kind.label(locale)))).collect()
}

/// The mistake in a field, in the reader's words.
pub(super) fn words(w: &Words, field: Field, problem: Problem) -> String {
    match problem {
        Problem::Text(TextError::Empty) | Problem::UnknownChoice if field == Field::Kind => w.apply_kind_empty(),
        Problem::Text(TextError::Empty) if matches!(field, Field::OpensOn | Field::ClosesOn) => w.shop_date_empty(),
        Problem::Address(AddressError::Empty) => w.email_empty(),
        Problem::Text(TextError::Empty) => match field {
            Field::Name => w.apply_name_empty(),
            Field::PostalCode => w.shop_postal_empty(),
            Field::Address => w.apply_address_empty(),
            Field::Posters => w.shop_label_empty(),
            _ => w.apply_empty(),
        },
        Problem::Address(AddressError::NoAt) => w.email_no_at(),
        Problem::Address(AddressError::NoDotAfterAt) => w.email_no_dot(),
        Problem::Address(AddressError::TooLong) => w.email_too_long(),
        Problem::Address(AddressError::Refused) => w.email_refused(),
        Problem::Text(TextError::TooLong) | Problem::NotPlain(NotPlain::TooLong) | Problem::TooMany => w.apply_too_long(),
        Problem::NotPostalCode => w.shop_postal_wrong(),
        Problem::NotPhone => w.shop_phone_wrong(),
        Problem::NotDate => w.shop_date_wrong(),
        Problem::EndsBeforeBegin => w.shop_closes_wrong(),
        Problem::OnlyForEvents => w.shop_days_only_events(),
        Problem::NotPlain(NotPlain::Link | NotPlain::Mail | NotPlain::Phone) => w.shop_message_link(),
        Problem::OutOfRange => w.shop_number_wrong(),
        Problem::Text(TextError::Forbidden) | Problem::NotPlain(NotPlain::Characters) | Problem::UnknownChoice => w.apply_forbidden(),
    }
}

/// `GET /venues/apply`
pub(crate) async fn apply_form(language: Language, state: Data<State>) -> Result<HttpResponse, Error> {
    page(StatusCode::OK, &ApplyPage::new(language.frame(&state.service), &RawVenue::default(), &[]))
}

/// `POST /venues/apply`: writes the application down and sends the confirmation letter.
pub(crate) async fn apply(request: HttpRequest, language: Language, state: Data<State>, form: Form) -> Result<HttpResponse, Error> {
    let text = |name: &str| form.get(name).to_owned();
    // Where the page cannot hide them, an event's days stand there for every kind: what is typed there counts for events alone.
    let day = |name: &str| if form.get("kind") == VenueKind::Event.as_str() { text(name) } else { String::new() };
    let raw = RawVenue {
        name: text("name"),
        kind: text("kind"),
        opens_on: day("opens_on"),
        closes_on: day("closes_on"),
        postal_code: text("postal_code"),
        address: text("address"),
        contact_email: text("contact_email"),
        locale: language.locale.tag().to_owned(),
        ..RawVenue::default()
    };
    let new = match NewVenue::parse_form(&raw) {
        Ok(new) => new,
        Err(errors) => return page(StatusCode::UNPROCESSABLE_ENTITY, &ApplyPage::new(language.frame(&state.service), &raw, &errors)),
    };
    if new.ends_before(state.service.zone.today(state.clock.now())) {
        let mut shown = ApplyPage::new(language.frame(&state.service), &raw, &[]);
        shown.closes.error = Some(language.locale.words().shop_closes_past());
        field::focus_first_wrong(&mut [&mut shown.closes]);
        return page(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    }
    limit::check(&request, &state, Act::Mail)?;
    let id = apply_anonymously(&state, identifier(&form), &new).await?;
    let twin = venue::review::has_twin(&mut *state.pool.acquire().await?, id).await?;
    page(
        StatusCode::OK,
        &ConfirmPage { f: language.frame(&state.service), id, name: &raw.name, email: raw.contact_email.trim(), twin, error: None },
    )
}

/// The identifier of a form's application: the same form with the same words, sent twice by a reload or a second press, is one
/// application. Whoever goes back and corrects a word makes another. A form without chance of its own, an older page's, is always new.
fn identifier(form: &Form) -> VenueId {
    let Ok(nonce) = form.get("nonce").parse::<Uuid>() else { return VenueId::random() };
    let mut hash = Sha256::new_with_prefix(b"ashiato application");
    hash.update(nonce.as_bytes());
    for field in ["name", "kind", "opens_on", "closes_on", "postal_code", "address", "contact_email"] {
        let text = form.get(field);
        hash.update(text.len().to_be_bytes());
        hash.update(text.as_bytes());
    }
    let hash: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    VenueId(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// One transaction: venue, posters, audit entry, letter. What was applied for under this identifier before stays as it was, and
/// whoever sends it again gets the same answer.
pub(crate) async fn apply_anonymously(state: &State, id: VenueId, new: &NewVenue) -> Result<VenueId, Error> {
    let proof = Proof::new(&state.hasher).await.map_err(|_| Error::unavailable())?;
    let mut act = state.act(Actor::Visitor).await?;
    match venue::apply_as(&mut act, id, new, Applicant::Anonymous(&proof)).await {
        Ok(_) => act.commit().await?,
        Err(VenueError::AppliedAlready) => act.rollback().await?,
        Err(error) => return Err(error.into()),
    }
    Ok(id)
}
