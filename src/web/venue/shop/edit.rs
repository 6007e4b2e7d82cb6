//! The owner's data: what the short form asked, and all that has a default.
use super::{ShopRequest, done_at};
use crate::audit::Actor;
use crate::base::clock::LATEST_DAY_START_MINUTES;
use crate::venue::{Field, FieldError, NewVenue, Problem, RawVenue, Venue, VenueId, VenueKind, VenueStatus, input, owner_actions};
use crate::web::console::field::{self, Field as Input};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::page::{Frame, page};
use crate::web::venue::apply;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

/// Begins of a business day that are offered, in minutes: whole hours.
const DAY_STEP_MINUTES: usize = 60;

#[derive(Template)]
#[template(path = "web/venue/shop/edit.html")]
struct EditPage<'a> {
    f: Frame<'a>,
    work_style: &'static str,
    venue: &'a Venue,
    name: Input,
    kana: Input,
    opens: Input,
    closes: Input,
    postal: Input,
    address: Input,
    phone: Input,
    guests: Input,
    day: Input,
    days: Vec<(String, String)>,
    message: Input,
    named: bool,
    listed: bool,
}

impl<'a> EditPage<'a> {
    fn new(f: Frame<'a>, venue: &'a Venue, raw: &RawVenue, guests: &str, errors: &[FieldError]) -> Self {
        let w = f.w;
        let wrong = |field| errors.iter().find(|error| error.field == field).map(|error| apply::words(w, field, error.problem));
        let input = |id, name, label: String, value: &str, field| Input::new(id, name, label).value(value).error(wrong(field));
        let starts = raw.day_starts_minutes.unwrap_or(venue.day_starts_minutes);
        let mut page = Self {
            work_style: crate::web::assets::work_style_path(),
            name: input("n", "name", w.apply_name(), &raw.name, Field::Name).hint(w.apply_name_hint()),
            kana: input("y", "kana", w.shop_edit_kana(), &raw.kana, Field::Kana),
            opens: input("o", "opens_on", w.shop_opens(), &raw.opens_on, Field::OpensOn).hint(w.shop_date_hint()),
            closes: input("l", "closes_on", w.shop_closes(), &raw.closes_on, Field::ClosesOn).hint(w.shop_closes_hint()),
            postal: input("z", "postal_code", w.shop_postal(), &raw.postal_code, Field::PostalCode).hint(w.shop_postal_hint()),
            address: input("a", "address", w.apply_address(), &raw.address, Field::Address),
            phone: input("p", "phone", w.shop_edit_phone(), &raw.phone, Field::Phone).hint(w.shop_edit_phone_hint()),
            guests: input("g", "guests_per_day", w.shop_edit_guests(), guests, Field::GuestsPerDay).hint(w.shop_edit_guests_hint()),
            day: input("d", "day_starts_minutes", w.shop_edit_day(), &starts.to_string(), Field::DayStartsMinutes)
                .hint(w.shop_edit_day_hint()),
            days: begins(&f, starts),
            message: input("s", "message", w.shop_edit_message(), &raw.message, Field::Message).hint(w.shop_edit_message_hint()),
            named: raw.may_be_named,
            listed: raw.listed,
            venue,
            f,
        };
        field::focus_first_wrong(&mut page.inputs_mut());
        page
    }

    fn inputs_mut(&mut self) -> [&mut Input; 10] {
        [
            &mut self.name,
            &mut self.kana,
            &mut self.opens,
            &mut self.closes,
            &mut self.postal,
            &mut self.address,
            &mut self.phone,
            &mut self.guests,
            &mut self.day,
            &mut self.message,
        ]
    }

    fn inputs(&self) -> [&Input; 10] {
        [
            &self.name,
            &self.kana,
            &self.opens,
            &self.closes,
            &self.postal,
            &self.address,
            &self.phone,
            &self.guests,
            &self.day,
            &self.message,
        ]
    }

    fn is_wrong(&self) -> bool {
        self.inputs().iter().any(|input| input.error.is_some())
    }

    fn several(&self) -> Vec<(&'static str, &str)> {
        field::several_wrong(&self.inputs())
    }

    fn is_event(&self) -> bool {
        self.venue.kind == VenueKind::Event
    }
}

/// Whole hours from midnight to six, and what is stored if a program chose another time.
fn begins(f: &Frame<'_>, stored: i16) -> Vec<(String, String)> {
    let mut minutes: Vec<i16> = (0..=LATEST_DAY_START_MINUTES).step_by(DAY_STEP_MINUTES).chain([stored]).collect();
    minutes.sort_unstable();
    minutes.dedup();
    let time = |minutes: i16| f.w.shop_edit_day_time(format!("{}:{:02}", minutes / 60, minutes % 60));
    minutes.into_iter().map(|minutes| (minutes.to_string(), time(minutes))).collect()
}

/// The stored fields, as they would be typed.
fn stored(venue: &Venue) -> RawVenue {
    let date = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    RawVenue {
        name: venue.name.clone(),
        kana: venue.kana.clone().unwrap_or_default(),
        address: venue.address.clone(),
        postal_code: venue.postal_code.as_deref().map(input::postal_code_shown).unwrap_or_default(),
        phone: venue.phone.clone().unwrap_or_default(),
        message: venue.message.clone().unwrap_or_default(),
        opens_on: date(venue.opens_on),
        closes_on: date(venue.closes_on),
        day_starts_minutes: Some(venue.day_starts_minutes),
        may_be_named: venue.may_be_named,
        listed: venue.listed,
        ..RawVenue::default()
    }
}

/// Whether the data can still be changed.
fn alive(venue: &Venue) -> Result<(), Error> {
    let alive = matches!(venue.status, VenueStatus::Pending | VenueStatus::Active | VenueStatus::Suspended);
    if alive { Ok(()) } else { Err(Error::not_found()) }
}

/// `GET /shop/{id}/edit`
pub(crate) async fn form(shop: ShopRequest, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let (_, venue) = shop.venue(&mut *shop.state.pool.acquire().await?, *id).await?;
    alive(&venue)?;
    let guests = venue.guests_per_day.map(|guests| guests.to_string()).unwrap_or_default();
    page(StatusCode::OK, &EditPage::new(shop.language.frame(&shop.state.service), &venue, &stored(&venue), &guests, &[]))
}

/// `POST /shop/{id}/edit`
pub(crate) async fn save(shop: ShopRequest, id: Path<VenueId>, form: Form) -> Result<HttpResponse, Error> {
    let mut act = shop.state.act(Actor::Visitor).await?;
    let (owner, venue) = shop.venue(&mut act.tx, *id).await?;
    let mut act = act.by(&owner);
    alive(&venue)?;
    let text = |name: &str| form.get(name).to_owned();
    let is_event = venue.kind == VenueKind::Event;
    let day = |name: &str| if is_event { text(name) } else { String::new() };
    let guests = input::guests(form.get("guests_per_day"));
    let raw = RawVenue {
        name: text("name"),
        kana: text("kana"),
        kind: venue.kind.as_str().to_owned(),
        address: text("address"),
        contact_email: venue.contact.as_ref().map(|contact| contact.expose().to_owned()).unwrap_or_default(),
        locale: venue.locale.tag().to_owned(),
        postal_code: text("postal_code"),
        phone: text("phone"),
        message: text("message"),
        opens_on: day("opens_on"),
        closes_on: day("closes_on"),
        day_starts_minutes: Some(form.get("day_starts_minutes").parse().unwrap_or(-1)),
        guests_per_day: guests.ok().flatten(),
        may_be_named: form.get("may_be_named") == "yes",
        listed: form.get("listed") == "yes",
        ..RawVenue::default()
    };
    let mut errors = Vec::new();
    if guests.is_err() {
        errors.push(FieldError { field: Field::GuestsPerDay, entry: None, problem: Problem::OutOfRange });
    }
    let new = match NewVenue::parse_form(&raw) {
        Ok(new) if errors.is_empty() => new,
        parsed => {
            errors.extend(parsed.err().unwrap_or_default());
            let shown = EditPage::new(shop.language.frame(&shop.state.service), &venue, &raw, form.get("guests_per_day"), &errors);
            return page(StatusCode::UNPROCESSABLE_ENTITY, &shown);
        }
    };
    let moved = owner_actions::edit(&mut act, &new).await?;
    act.commit().await?;
    let reviewed = moved && venue.reviewed_at.is_some();
    Ok(done_at(shop.language, &shop.state, &format!("/shop/{}", *id), if reviewed { "moved" } else { "saved" }))
}
