//! In and out: password and second factor in one form, a recovery code where the phone is not at hand.
use crate::base::email_address::{AddressError, EmailAddress};
use crate::base::locale::Words;
use crate::base::text;
use crate::official::{self, CODE_DIGITS, Factor, LogInError, LoggedIn, Typed};
use crate::web::assets;
use crate::web::client;
use crate::web::console::ConsoleRequest;
use crate::web::console::field::{Field, focus_first_wrong, several_wrong};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::limit::{self, Act};
use crate::web::page::{Frame, Language, page_in};
use crate::web::session;
use crate::web::state::State;
use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Longest address within the console that a log-in returns to.
const MAX_NEXT: usize = 500;

/// The frame of pages in front of the log-in.
pub(crate) struct Gate<'a> {
    pub(crate) f: Frame<'a>,
    pub(crate) work_style: &'static str,
}

impl<'a> Gate<'a> {
    pub(crate) fn of(language: Language, state: &'a State) -> Self {
        Self { f: language.frame(&state.service), work_style: assets::work_style_path() }
    }
}

/// A note above a form.
pub(crate) struct Note {
    pub(crate) kind: &'static str,
    pub(crate) role: &'static str,
    pub(crate) title: String,
    pub(crate) text: String,
}

#[derive(Template)]
#[template(path = "web/console/login.html")]
struct LoginPage<'a> {
    g: Gate<'a>,
    here: String,
    wrong: bool,
    recovery: bool,
    next: String,
    note: Option<Note>,
    email: Field,
    password: Field,
    code: Field,
}

impl<'a> LoginPage<'a> {
    fn new(language: Language, state: &'a State, recovery: bool, next: &str, typed_email: &str) -> Self {
        let g = Gate::of(language, state);
        let w = g.f.w;
        let code = if recovery {
            Field::new("t", "code", w.official_recover_code()).hint(w.official_recover_code_hint())
        } else {
            Field::new("t", "totp", w.official_login_code()).hint(w.official_login_code_hint())
        };
        let path = if recovery { "/console/recover" } else { "/console/login" };
        let here =
            if next.is_empty() { format!("{path}?") } else { format!("{path}?next={}&", utf8_percent_encode(next, NON_ALPHANUMERIC)) };
        Self {
            email: Field::new("u", "email", w.official_login_email()).value(typed_email),
            password: Field::new("p", "password", w.official_login_password()),
            code,
            here,
            wrong: false,
            recovery,
            next: next.to_owned(),
            note: None,
            g,
        }
    }

    /// Names the fields that cannot be right, so that a slip costs no try. It tells nothing: it speaks of what was typed alone.
    fn look_over(&mut self, form: &Form) -> bool {
        let w = self.g.f.w;
        self.email.error = EmailAddress::parse(form.get("email")).err().map(|error| address_words(w, error));
        self.password.error = form.get("password").is_empty().then(|| w.official_login_password_empty());
        let code = form.get(self.code.name);
        let plausible = if self.recovery { looks_like_recovery(code) } else { text::digits(code, CODE_DIGITS).is_some() };
        self.code.error = (!plausible).then(|| if self.recovery { w.official_recover_code_wrong() } else { w.official_code_wrong() });
        self.wrong = focus_first_wrong(&mut [&mut self.email, &mut self.password, &mut self.code]);
        !self.wrong
    }

    /// The fields that are wrong, if there are several.
    fn several(&self) -> Vec<(&'static str, &str)> {
        several_wrong(&[&self.email, &self.password, &self.code])
    }

    fn refused(mut self) -> Result<HttpResponse, Error> {
        let w = self.g.f.w;
        let text = if self.recovery { w.official_recover_refused_text() } else { w.official_login_refused_text() };
        self.note = Some(Note { kind: "bad", role: "alert", title: w.official_login_refused(), text });
        self.wrong = true;
        self.answer(StatusCode::UNPROCESSABLE_ENTITY)
    }

    fn must_wait(mut self, seconds: i64) -> Result<HttpResponse, Error> {
        let (w, seconds) = (self.g.f.w, seconds.to_string());
        let text = w.official_login_wait_text(seconds.as_str());
        self.note = Some(Note { kind: "warn", role: "alert", title: w.official_login_wait(), text });
        let mut response = HttpResponse::TooManyRequests();
        response.insert_header((RETRY_AFTER, seconds));
        page_in(&mut response, &self)
    }

    fn answer(&self, status: StatusCode) -> Result<HttpResponse, Error> {
        page_in(&mut HttpResponse::build(status), self)
    }
}

/// The mistake in a mail address, in the reader's words.
pub(crate) fn address_words(w: &Words, error: AddressError) -> String {
    match error {
        AddressError::Empty => w.email_empty(),
        AddressError::NoAt => w.email_no_at(),
        AddressError::NoDotAfterAt => w.email_no_dot(),
        AddressError::TooLong => w.email_too_long(),
        AddressError::Refused => w.email_refused(),
    }
}

fn looks_like_recovery(code: &str) -> bool {
    crate::base::code::PosterCode::parse(code).is_ok()
}

/// Where to go after the log-in: a path of the console that our own redirect has named, and nothing that a browser could read
/// as another host.
fn safe_next(next: &str) -> &str {
    let rest = next.strip_prefix("/console");
    let inside = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let plain = next.len() <= MAX_NEXT && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let gate = ["/console/login", "/console/logout", "/console/recover", "/console/invitation"];
    let loops = gate.iter().any(|path| next.starts_with(path));
    if inside && plain && !loops && !next.contains("..") && !next.contains("//") { next } else { "" }
}

/// Seconds to wait, rounded up: a page that says 0 would lie.
pub(crate) fn whole_seconds(wait: official::Wait) -> i64 {
    let millis = wait.0.num_milliseconds();
    (millis + 999) / 1000
}

fn asked_next(request: &HttpRequest) -> String {
    let query = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
    safe_next(query.get("next")).to_owned()
}

/// `GET /console/login`
pub(crate) async fn form(request: HttpRequest, language: Language, state: Data<State>) -> Result<HttpResponse, Error> {
    LoginPage::new(language, &state, false, &asked_next(&request), "").answer(StatusCode::OK)
}

/// `GET /console/recover`
pub(crate) async fn recover_form(request: HttpRequest, language: Language, state: Data<State>) -> Result<HttpResponse, Error> {
    LoginPage::new(language, &state, true, &asked_next(&request), "").answer(StatusCode::OK)
}

/// `POST /console/login`
pub(crate) async fn log_in(request: HttpRequest, language: Language, state: Data<State>, form: Form) -> Result<HttpResponse, Error> {
    enter(&request, language, &state, &form, false).await
}

/// `POST /console/recover`
pub(crate) async fn recover(request: HttpRequest, language: Language, state: Data<State>, form: Form) -> Result<HttpResponse, Error> {
    enter(&request, language, &state, &form, true).await
}

async fn enter(request: &HttpRequest, language: Language, state: &State, form: &Form, recovery: bool) -> Result<HttpResponse, Error> {
    let next = safe_next(form.get("next"));
    let mut page = LoginPage::new(language, state, recovery, next, form.get("email"));
    if !page.look_over(form) {
        return page.answer(StatusCode::UNPROCESSABLE_ENTITY);
    }
    limit::check(request, state, Act::LogIn)?;
    let code = form.get(page.code.name);
    let factor = if recovery { Factor::Recovery(code) } else { Factor::Code(code) };
    let typed = Typed { email: form.get("email"), password: form.get("password"), factor };
    let network = client::of(request, state).network();
    match official::log_in(&state.pool, state.credential_keys()?, state.clock.now(), network, &typed).await {
        Ok(logged_in) => {
            leave_old_session(request, state).await?;
            Ok(welcome(language, state, next, &logged_in))
        }
        Err(LogInError::Refused) => page.refused(),
        Err(LogInError::Wait(wait)) => page.must_wait(whole_seconds(wait)),
        Err(LogInError::Key) => Err(Error::key_unavailable()),
        Err(LogInError::Busy(_)) => Err(Error::unavailable()),
        Err(LogInError::Db(error)) => Err(error.into()),
    }
}

/// A browser that logs in again leaves no open session behind.
async fn leave_old_session(request: &HttpRequest, state: &State) -> Result<(), Error> {
    let Some(old) = session::session_token(request, state) else { return Ok(()) };
    let mut connection = state.pool.acquire().await?;
    if let Some((_, login)) = official::login_of(&mut connection, state.clock.now(), &old).await? {
        official::end_session(&mut connection, login.session_id).await?;
    }
    Ok(())
}

fn welcome(language: Language, state: &State, next: &str, logged_in: &LoggedIn) -> HttpResponse {
    let place = match (logged_in.recovery_codes_left, next) {
        // A person who came with a recovery code has a second factor to put in order.
        (Some(_), _) => with(language, "/console/account", "done=recovered"),
        (None, "") => with(language, "/console", ""),
        (None, next) => next.to_owned(),
    };
    HttpResponse::SeeOther().insert_header((LOCATION, place)).cookie(session::session_cookie(state, &logged_in.token)).finish()
}

/// A path with a query that keeps the chosen language.
pub(crate) fn with(language: Language, path: &str, query: &str) -> String {
    let lang = if language.chosen { format!("lang={}", language.locale.tag()) } else { String::new() };
    let parts: Vec<&str> = [query, lang.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}

/// `POST /console/logout`: ends the session here and in the browser.
pub(crate) async fn log_out(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    let mut tx = console.state.pool.begin().await?;
    official::end_own_session(&mut tx, console.now, &console.login, console.login.session_id).await?;
    tx.commit().await?;
    let place = with(console.language, "/console/login", "");
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, place)).cookie(session::no_session_cookie(&console.state)).finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_in_returns_to_the_console_and_nowhere_else() {
        for good in ["/console", "/console?done=x", "/console/cases", "/console/alerts/1?lang=en"] {
            assert_eq!(safe_next(good), good);
        }
        let long = format!("/console/{}", "a".repeat(MAX_NEXT));
        for bad in [
            "",
            "/",
            "/my",
            "//evil.example",
            "/console//evil.example",
            "https://evil.example/console",
            "/consolex",
            "/console/../my",
            "/console\\@evil",
            "/console/\r\nSet-Cookie: a=b",
            "/console/login?next=x",
            "/console/logout",
            "/console/あ",
            &long,
        ] {
            assert_eq!(safe_next(bad), "", "{bad}");
        }
        assert_eq!(safe_next(&long[..MAX_NEXT]), &long[..MAX_NEXT]);
    }
}
