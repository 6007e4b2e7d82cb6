//! The visitor's pages: type a code, check in, see the confirmation (the hot path of the service); and the own page, [`my`].
pub(crate) mod my;
mod page_cache;

use crate::base::clock::keep_until;
use crate::base::code::{CodeError, PosterCode};
use crate::base::config::Service;
use crate::base::email_address::{AddressError, EmailAddress};
use crate::base::locale::{Locale, Words};
use crate::venue::{NotNow, PosterView, VenueKind};
use crate::visit::{self, CheckIn, CheckInError, Receipt};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::limit::{self, Act};
use crate::web::page::{Frame, Language, html, page, page_in, render};
use crate::web::state::State;
use crate::web::venue::shop::check;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::NaiveDate;
use page_cache::{CODE, Kind, LABEL, MESSAGE, NAME};
use serde::Deserialize;
use std::sync::Arc;

pub use page_cache::PageCache;

/// Longest text of a code field that is shown back.
pub(crate) const MAX_TYPED_CODE: usize = 40;

#[derive(Template)]
#[template(path = "web/visitor/code.html")]
struct CodePage<'a> {
    f: Frame<'a>,
    typed: &'a str,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "web/visitor/dead_code.html")]
struct DeadCodePage<'a> {
    f: Frame<'a>,
}

#[derive(Template)]
#[template(path = "web/visitor/not_now.html")]
struct NotNowPage<'a> {
    f: Frame<'a>,
    plate: Plate<'a>,
    /// For the page's title, as a heading, and what to do.
    words: (String, String, String),
}

#[derive(Template)]
#[template(path = "web/visitor/check_in.html")]
struct CheckInPage<'a> {
    f: Frame<'a>,
    code: &'a str,
    plate: Plate<'a>,
    email: &'a str,
    error: Option<AddressError>,
    until: NaiveDate,
}

#[derive(Template)]
#[template(path = "web/visitor/busy.html")]
struct BusyPage<'a> {
    f: Frame<'a>,
    code: &'a str,
    plate: Option<Plate<'a>>,
    /// Why not, and what to do.
    why: String,
    email: &'a str,
}

#[derive(Template)]
#[template(path = "web/visitor/done.html")]
struct DonePage<'a> {
    f: Frame<'a>,
    code: &'a str,
    plate: Plate<'a>,
    until: NaiveDate,
    /// The venue's own words.
    message: Option<&'a str>,
}

/// Which venue, which day: what stands first on every page about one venue.
struct Plate<'a> {
    act: String,
    host: String,
    name: &'a str,
    label: &'a str,
    date: NaiveDate,
}

impl<'a> Plate<'a> {
    fn of(poster: &'a PosterView, locale: Locale, date: NaiveDate) -> Self {
        Self {
            act: poster.kind.check_in_word(locale),
            host: host(poster.kind, locale),
            name: &poster.venue_name,
            label: &poster.label,
            date,
        }
    }
}

/// The people behind a venue of this kind.
fn host(kind: VenueKind, locale: Locale) -> String {
    let w = locale.words();
    match kind {
        VenueKind::Restaurant | VenueKind::Bar | VenueKind::Shop => w.host_shop(),
        VenueKind::Event => w.host_event(),
        VenueKind::Public | VenueKind::School | VenueKind::Medical | VenueKind::Office | VenueKind::Other => w.host_facility(),
    }
}

impl CheckInPage<'_> {
    /// The mistake in the address, in the reader's words; the example stands apart so that it does not break.
    fn error_text(&self) -> Option<(String, bool)> {
        self.error.map(|error| address_error(self.f.w, error))
    }
}

/// The mistake in an address, and whether an example helps.
fn address_error(w: &Words, error: AddressError) -> (String, bool) {
    match error {
        AddressError::Empty => (w.email_empty(), false),
        AddressError::NoAt => (w.email_no_at(), true),
        AddressError::NoDotAfterAt => (w.email_no_dot(), true),
        AddressError::TooLong => (w.email_too_long(), false),
        AddressError::Refused => (w.email_refused(), false),
    }
}

/// The query of `GET /c`.
#[derive(Deserialize)]
pub(crate) struct TypedCode {
    code: Option<String>,
}

/// `GET /c`: a field for the code; with `?code=` on to its page.
pub(crate) async fn code_form(language: Language, state: Data<State>, query: Query<TypedCode>) -> Result<HttpResponse, Error> {
    let frame = language.frame(&state.service);
    let Some(typed) = query.code.as_deref() else {
        return page(StatusCode::OK, &CodePage { f: frame, typed: "", error: None });
    };
    let error = match PosterCode::parse(typed) {
        Ok(code) => {
            let to = format!("/c/{code}{}", frame.lang);
            return Ok(HttpResponse::SeeOther().insert_header((LOCATION, to)).finish());
        }
        Err(CodeError::Empty) => frame.w.code_empty(),
        Err(_) => frame.w.code_wrong(),
    };
    let shown = if typed.chars().count() <= MAX_TYPED_CODE { typed } else { "" };
    page(StatusCode::UNPROCESSABLE_ENTITY, &CodePage { f: frame, typed: shown, error: Some(error) })
}

/// `GET /c/{code}`: the form. Unknown, mistyped, revoked and closed are one calm page.
/// While an owner checks their posters, it says which one it is.
pub(crate) async fn check_in_form(request: HttpRequest, state: Data<State>, code: Path<String>) -> Result<HttpResponse, Error> {
    let language = Language::of(&request);
    if let Some(checked) = check::scanned(&request, language, &state, &code).await? {
        return Ok(checked);
    }
    let scan = Scan { language, state: &state, code: &code };
    match find(&state, &code).await? {
        Some(poster) => scan.form_page(&poster, "", None),
        None => scan.dead_code(),
    }
}

/// A code that somebody scanned, and who reads the answer.
#[derive(Clone, Copy)]
struct Scan<'a> {
    language: Language,
    state: &'a State,
    code: &'a str,
}

impl Scan<'_> {
    fn form_page(self, poster: &PosterView, email: &str, error: Option<AddressError>) -> Result<HttpResponse, Error> {
        let Self { language, state, code } = self;
        let date = state.service.zone.business_date(state.clock.now(), poster.day_starts_minutes);
        if let Err(not_now) = poster.takes(date) {
            return self.not_now_page(StatusCode::OK, poster, not_now);
        }
        let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let until = keep_until(date, state.service.retention_days);
        let plate = Plate::of(poster, language.locale, date);
        page(status, &CheckInPage { f: language.frame(&state.service), code, plate, email, error, until })
    }

    /// The code lives, but not on this day (docs/LOOK.md §5: "event not yet", "event over").
    fn not_now_page(self, status: StatusCode, poster: &PosterView, not_now: NotNow) -> Result<HttpResponse, Error> {
        let Self { language, state, .. } = self;
        let (f, zone) = (language.frame(&state.service), state.service.zone);
        let date = zone.business_date(state.clock.now(), poster.day_starts_minutes);
        let (short, long) = (|date| f.locale.short_date(date), |date| f.locale.weekday_date(date));
        let words = match not_now {
            NotNow::NotYet(opens) => {
                let closes = poster.closes_on.unwrap_or(opens);
                let text =
                    if closes == opens { f.w.shop_not_yet_one(long(opens)) } else { f.w.shop_not_yet_text(long(opens), long(closes)) };
                (f.w.shop_not_yet_title(), f.w.shop_not_yet(short(opens)), text)
            }
            NotNow::Over(closes) => {
                (f.w.shop_over_title(), f.w.shop_over(), f.w.shop_over_text(long(closes), state.service.retention_days.to_string()))
            }
            NotNow::Paused => (f.w.shop_paused_title(), f.w.shop_paused(), f.w.shop_paused_text()),
        };
        page(status, &NotNowPage { f, plate: Plate::of(poster, language.locale, date), words })
    }

    fn done_page(self, poster: &PosterView, receipt: &Receipt) -> Result<HttpResponse, Error> {
        let Self { language, state, code } = self;
        let done = Done { code, poster, date: receipt.visit_date, until: receipt.keep_until };
        Ok(html(&mut HttpResponse::Ok(), done_html(&state.page_cache, &state.service, language, &done)?))
    }

    /// Nothing was recorded; the form comes back with what was typed, and says so first.
    fn not_yet(self, error: &Error, poster: Option<&PosterView>, email: &str) -> Result<HttpResponse, Error> {
        let Self { language, state, code } = self;
        let date = |poster: &PosterView| state.service.zone.business_date(state.clock.now(), poster.day_starts_minutes);
        let f = language.frame(&state.service);
        // A date that is in doubt is not shown either.
        let in_doubt = *error == Error::date_in_doubt();
        let plate = poster.filter(|_| !in_doubt).map(|poster| Plate::of(poster, language.locale, date(poster)));
        let why = if in_doubt { f.w.busy_clock() } else { f.w.busy_text() };
        let template = BusyPage { f, code, plate, why, email: shown_back(email) };
        page_in(&mut error.begin(), &template)
    }

    fn dead_code(self) -> Result<HttpResponse, Error> {
        page(StatusCode::NOT_FOUND, &DeadCodePage { f: self.language.frame(&self.state.service) })
    }
}

/// `POST /c/{code}`: records the visit and answers with the confirmation itself, after the commit and never before.
pub(crate) async fn check_in(request: HttpRequest, state: Data<State>, code: Path<String>, form: Form) -> Result<HttpResponse, Error> {
    let language = Language::of(&request);
    let scan = Scan { language, state: &state, code: &code };
    let typed = form.get("email");
    if let Err(error) = limit::check(&request, &state, Act::CheckIn) {
        return scan.not_yet(&error, None, typed);
    }
    let poster = match find(&state, &code).await {
        Ok(Some(poster)) => poster,
        Ok(None) => return scan.dead_code(),
        Err(error) if error.status == StatusCode::SERVICE_UNAVAILABLE => return scan.not_yet(&error, None, typed),
        Err(error) => return Err(error),
    };
    let address = match EmailAddress::parse(typed) {
        Ok(address) => address,
        Err(error) => return scan.form_page(&poster, shown_back(typed), Some(error)),
    };
    let check_in = CheckIn { poster: Arc::clone(&poster), address, locale: language.locale };
    match record(&state, check_in).await {
        Ok(receipt) => scan.done_page(&poster, &receipt),
        Err(CheckInError::NotNow(not_now)) => scan.not_now_page(StatusCode::CONFLICT, &poster, not_now),
        Err(CheckInError::DateInDoubt) => scan.not_yet(&Error::date_in_doubt(), Some(&poster), typed),
        Err(CheckInError::NotReady(_) | CheckInError::Record(_)) => scan.not_yet(&Error::unavailable(), Some(&poster), typed),
    }
}

/// Records a check-in with what the process holds for it.
pub(crate) async fn record(state: &State, check_in: CheckIn) -> Result<Receipt, CheckInError> {
    let now = state.clock.now();
    if !state.watch.agree(state.service.zone, now, check_in.poster.day_starts_minutes) {
        state.metrics.check_ins.get_or_create(&[("outcome", "date_in_doubt")]).inc();
        return Err(CheckInError::DateInDoubt);
    }
    let receipt = visit::check_in(&state.sealer, &state.recorder, now, &state.service, check_in).await?;
    state.scans.note(receipt.poster.poster_id, receipt.visit_date);
    Ok(receipt)
}

/// A visit that was recorded.
struct Done<'a> {
    code: &'a str,
    poster: &'a PosterView,
    date: NaiveDate,
    /// The last date on which the record still exists.
    until: NaiveDate,
}

/// The confirmation of a visit.
fn done_html(page_cache: &PageCache, service: &Service, language: Language, done: &Done<'_>) -> Result<String, Error> {
    let Done { code, poster, date, until } = *done;
    let message = poster.message.as_deref();
    let cached = page_cache.get(Kind::new(language, poster.kind, message.is_some(), date, until), || {
        let plate = Plate { name: NAME, label: LABEL, ..Plate::of(poster, language.locale, date) };
        render(&DonePage { f: language.frame(service), code: CODE, plate, until, message: message.map(|_| MESSAGE) })
    })?;
    cached.fill(&poster.venue_name, &poster.label, code, message.unwrap_or_default()).map_err(|_| Error::internal())
}

/// The poster behind a code, if people may check in with it.
pub(crate) async fn find(state: &State, code: &str) -> Result<Option<Arc<PosterView>>, Error> {
    match PosterCode::parse(code) {
        Ok(code) => Ok(state.directory.find(&code).await?),
        Err(_) => Ok(None),
    }
}

/// The typed text, as long as it is fit to be shown again.
fn shown_back(typed: &str) -> &str {
    const LONGEST: usize = 1024;
    let fit = typed.len() <= LONGEST && !typed.chars().any(crate::base::text::is_forbidden);
    if fit { typed } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Zone;
    use crate::venue::{PosterId, VenueId};

    fn service() -> Service {
        Service {
            city: "あおば市".into(),
            name: "お知らせ".into(),
            operator: "保健所".into(),
            hotline: "0120-000-000".into(),
            hotline_hours: "毎日".into(),
            base_url: "https://trace.example.jp".into(),
            host: "trace.example.jp".into(),
            zone: Zone(chrono_tz::Asia::Tokyo),
            retention_days: 31,
            public_list: false,
        }
    }

    fn poster(kind: VenueKind, message: Option<&str>) -> PosterView {
        PosterView {
            venue_id: VenueId::random(),
            poster_id: PosterId::random(),
            poster_no: 1,
            label: "\"2階\" <窓>".into(),
            venue_name: "<b>喫茶</b> & 'ひだまり'".into(),
            kind,
            day_starts_minutes: 0,
            opens_on: None,
            closes_on: None,
            paused: false,
            message: message.map(Into::into),
        }
    }

    #[test]
    fn a_cached_page_filled_in_is_the_page_rendered_whole() {
        let (service, page_cache, date) = (service(), PageCache::default(), "2026-11-22".parse().unwrap());
        for locale in Locale::ALL {
            for (chosen, kind, message) in [
                (false, VenueKind::Shop, None),
                (false, VenueKind::Shop, Some("<i>本日</i>は\u{E000}21時まで & \"")),
                (true, VenueKind::Event, None),
                (true, VenueKind::School, Some("a")),
            ] {
                let (language, poster) = (Language { locale, chosen }, poster(kind, message));
                let plate = Plate::of(&poster, locale, date);
                let whole = DonePage { f: language.frame(&service), code: "a'b", plate, until: date, message }.render().unwrap();
                let done = Done { code: "a'b", poster: &poster, date, until: date };
                assert_eq!(done_html(&page_cache, &service, language, &done).unwrap(), whole);
            }
        }
    }
}
