//! One's own account: password, second factor, recovery codes, open sessions.
use crate::official::{self, NewPassword, OpenSession, OwnAccountError, PasswordChange, Seed, TotpHash};
use crate::web::console::field::{Field, focus_first_wrong};
use crate::web::console::invitation::{drawn, password_hint, password_words, seed_words};
use crate::web::console::login::{whole_seconds, with};
use crate::web::console::proof::{Proven, Refusal};
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::page::page_in;
use crate::web::session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::web::Path;
use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "web/console/account.html")]
struct AccountPage<'a> {
    d: ConsoleFrame<'a>,
    wrong: bool,
    said: Option<String>,
    email: String,
    left: String,
    sessions: Vec<SessionRow>,
}

/// A session in the list.
struct SessionRow {
    id: Uuid,
    since: String,
    used: String,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "web/console/account_password.html")]
struct PasswordPage<'a> {
    d: ConsoleFrame<'a>,
    wrong: bool,
    present: Field,
    password: Field,
    again: Field,
}

#[derive(Template)]
#[template(path = "web/console/account_factor.html")]
struct FactorPage<'a> {
    d: ConsoleFrame<'a>,
    wrong: bool,
    proof: Option<Field>,
    qr: Option<String>,
    secret: String,
    code: Field,
    seed: Field,
    seed_open: bool,
    sha256: bool,
}

#[derive(Template)]
#[template(path = "web/console/account_codes.html")]
struct CodesPage<'a> {
    d: ConsoleFrame<'a>,
    wrong: bool,
    proof: Option<Field>,
    codes: Vec<String>,
}

/// A moment in a table: date and time in the service's zone.
pub(crate) fn moment(console: &ConsoleRequest, at: DateTime<Utc>) -> String {
    let zone = console.state.service.zone;
    format!("{} {}", console.language.locale.short_date(zone.today(at)), zone.wall_time(at))
}

/// After an act: to a page that says so.
pub(crate) fn done(console: &ConsoleRequest, path: &str, key: &str) -> HttpResponse {
    let query = if key.is_empty() { String::new() } else { format!("done={key}") };
    HttpResponse::SeeOther().insert_header((LOCATION, with(console.language, path, &query))).finish()
}

/// The status of a form that is shown again, and when to come back if there is a pause.
pub(crate) fn again(page: &impl Template, wait: Option<i64>) -> Result<HttpResponse, Error> {
    match wait {
        None => page_in(&mut HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY), page),
        Some(seconds) => page_in(HttpResponse::TooManyRequests().insert_header((RETRY_AFTER, seconds.to_string())), page),
    }
}

/// `GET /console/account`
pub(crate) async fn show(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Account).await?;
    let mut connection = console.state.pool.acquire().await?;
    let own = official::official(&mut connection, console.now, console.login.official).await?.ok_or_else(Error::not_found)?;
    let left = official::recovery_codes_left(&mut connection, &console.login).await?;
    let row = |session: OpenSession| SessionRow {
        id: session.id,
        since: moment(&console, session.created_at),
        used: moment(&console, session.seen_at),
        is_this: session.is_this,
    };
    let sessions = official::sessions(&mut connection, console.now, &console.login).await?.into_iter().map(row).collect();
    let w = d.f.w;
    let said = match console.done.as_deref() {
        Some("recovered") => Some(w.official_done_recovered(left.to_string())),
        Some("password") => Some(w.official_done_password()),
        Some("factor") => Some(w.official_done_factor()),
        Some("ended") => Some(w.official_done_ended()),
        _ => None,
    };
    let page = AccountPage { d, wrong: false, said, email: own.email, left: left.to_string(), sessions };
    page_in(&mut HttpResponse::Ok(), &page)
}

/// `GET /console/account/password`
pub(crate) async fn password_form(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    page_in(&mut HttpResponse::Ok(), &password_page(&console).await?)
}

async fn password_page<'a>(console: &'a ConsoleRequest) -> Result<PasswordPage<'a>, Error> {
    let d = console.frame(Here::Account).await?;
    let w = d.f.w;
    Ok(PasswordPage {
        wrong: false,
        present: Field::new("p", "present", w.official_own_present()),
        password: Field::new("n", "password", w.official_own_new_password()).hint(password_hint(w)),
        again: Field::new("a", "again", w.official_own_new_again()),
        d,
    })
}

/// `POST /console/account/password`: all sessions end, and this browser gets a new one.
pub(crate) async fn change_password(console: ConsoleRequest, form: Form) -> Result<HttpResponse, Error> {
    let new = NewPassword { typed: form.get("password"), again: form.get("again") };
    let change = PasswordChange { present: form.get("present"), new };
    let (pool, keys) = (&console.state.pool, console.state.credential_keys()?);
    let changed = official::change_password(pool, keys, console.now, &console.login, change).await;
    let mut page = password_page(&console).await?;
    let (w, mut wait) = (page.d.f.w, None);
    match changed {
        Ok(token) => {
            let place = with(console.language, "/console/account", "done=password");
            return Ok(HttpResponse::SeeOther()
                .insert_header((LOCATION, place))
                .cookie(session::session_cookie(&console.state, &token))
                .finish());
        }
        Err(OwnAccountError::WrongPassword) => page.present.error = Some(w.official_own_wrong_password()),
        Err(OwnAccountError::Password(error)) => page.password.error = Some(password_words(w, error)),
        Err(OwnAccountError::Different) => page.again.error = Some(w.official_password_different()),
        Err(OwnAccountError::Wait(pause)) => {
            let seconds = whole_seconds(pause);
            page.present.error = Some(w.official_proof_wait(seconds.to_string()));
            wait = Some(seconds);
        }
        Err(error) => return Err(error.into()),
    }
    page.wrong = focus_first_wrong(&mut [&mut page.present, &mut page.password, &mut page.again]);
    again(&page, wait)
}

async fn factor_page<'a>(console: &'a ConsoleRequest) -> Result<FactorPage<'a>, Error> {
    let d = console.frame(Here::Account).await?;
    let w = d.f.w;
    Ok(FactorPage {
        wrong: false,
        proof: console.proof_field(None),
        qr: None,
        secret: String::new(),
        code: Field::new("t", "totp", w.official_own_next_code()).hint(w.official_login_code_hint()),
        seed: Field::new("s", "seed", w.official_join_seed()).hint(w.official_join_seed_hint()),
        seed_open: false,
        sha256: false,
        d,
    })
}

/// `GET /console/account/second-factor`: the way in; a secret is shown only by the POST that makes it.
pub(crate) async fn factor_form(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    page_in(&mut HttpResponse::Ok(), &factor_page(&console).await?)
}

/// `POST /console/account/second-factor`: makes the next secret and shows it. The old one counts until the new one's first code.
pub(crate) async fn begin_factor(mut console: ConsoleRequest, form: Form) -> Result<HttpResponse, Error> {
    let proven = console.prove(&form).await?;
    let hash = TotpHash::from_name(form.get("hash")).unwrap_or_default();
    let typed = form.get("seed");
    let seed = (!typed.trim().is_empty()).then_some(Seed { text: typed, hash });
    if let Proven::No(refusal) = proven {
        return factor_again(&console, Some(refusal)).await;
    }
    let mut connection = console.state.pool.acquire().await?;
    let begun = official::begin_second_factor(&mut connection, console.state.credential_keys()?, console.now, &console.login, seed).await;
    drop(connection);
    match begun {
        Ok(()) => page_in(&mut HttpResponse::Ok(), &shown_factor(&console).await?),
        Err(OwnAccountError::Seed(error)) => {
            let mut page = factor_page(&console).await?;
            page.seed.error = Some(seed_words(page.d.f.w, error));
            page.seed_open = true;
            page.sha256 = hash == TotpHash::Sha256;
            page.wrong = focus_first_wrong(&mut [&mut page.seed]);
            again(&page, None)
        }
        Err(error) => Err(error.into()),
    }
}

async fn factor_again(console: &ConsoleRequest, refusal: Option<Refusal>) -> Result<HttpResponse, Error> {
    let mut page = factor_page(console).await?;
    let wait = refusal.as_ref().and_then(|refusal| refusal.wait);
    page.proof = console.proof_field(refusal.map(|refusal| refusal.text));
    page.wrong = page.proof.as_mut().is_some_and(|field| focus_first_wrong(&mut [field]));
    again(&page, wait)
}

/// The page with the secret that waits; without one, the way in.
async fn shown_factor<'a>(console: &'a ConsoleRequest) -> Result<FactorPage<'a>, Error> {
    let mut page = factor_page(console).await?;
    let mut connection = console.state.pool.acquire().await?;
    let next = official::next_second_factor(&mut connection, console.state.credential_keys()?, &console.login).await?;
    let own = official::official(&mut connection, console.now, console.login.official).await?.ok_or_else(Error::not_found)?;
    if let Some(next) = next {
        let (qr, secret) = drawn(&console.state, page.d.f.w, &next, &own.email)?;
        page.qr = Some(qr);
        page.secret = secret;
    }
    Ok(page)
}

/// `POST /console/account/second-factor/confirm`
pub(crate) async fn confirm_factor(console: ConsoleRequest, form: Form) -> Result<HttpResponse, Error> {
    let mut tx = console.state.pool.begin().await?;
    match official::confirm_second_factor(&mut tx, console.state.credential_keys()?, console.now, &console.login, form.get("totp")).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(done(&console, "/console/account", "factor"))
        }
        Err(OwnAccountError::WrongCode) => {
            tx.rollback().await?;
            let mut page = shown_factor(&console).await?;
            page.code.error = Some(page.d.f.w.official_code_wrong());
            page.wrong = focus_first_wrong(&mut [&mut page.code]);
            again(&page, None)
        }
        Err(OwnAccountError::Nothing) => {
            tx.rollback().await?;
            Ok(done(&console, "/console/account/second-factor", ""))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /console/account/recovery-codes`
pub(crate) async fn codes_form(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Account).await?;
    page_in(&mut HttpResponse::Ok(), &CodesPage { d, wrong: false, proof: console.proof_field(None), codes: Vec::new() })
}

/// `POST /console/account/recovery-codes`: new ones, shown once.
pub(crate) async fn make_codes(mut console: ConsoleRequest, form: Form) -> Result<HttpResponse, Error> {
    if let Proven::No(refusal) = console.prove(&form).await? {
        let mut proof = console.proof_field(Some(refusal.text));
        let wrong = proof.as_mut().is_some_and(|field| focus_first_wrong(&mut [field]));
        let d = console.frame(Here::Account).await?;
        return again(&CodesPage { d, wrong, proof, codes: Vec::new() }, refusal.wait);
    }
    let mut tx = console.state.pool.begin().await?;
    let codes = official::new_recovery_codes(&mut tx, console.state.credential_keys()?, console.now, &console.login).await?;
    tx.commit().await?;
    let d = console.frame(Here::Account).await?;
    page_in(&mut HttpResponse::Ok(), &CodesPage { d, wrong: false, proof: None, codes: codes.grouped() })
}

/// `POST /console/account/sessions/{id}/end`
pub(crate) async fn end_session(console: ConsoleRequest, id: Path<Uuid>) -> Result<HttpResponse, Error> {
    let mut tx = console.state.pool.begin().await?;
    let ended = official::end_own_session(&mut tx, console.now, &console.login, *id).await?;
    tx.commit().await?;
    if ended { Ok(done(&console, "/console/account", "ended")) } else { Err(Error::not_found()) }
}

/// `POST /console/account/sessions/end-others`
pub(crate) async fn end_others(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    let mut tx = console.state.pool.begin().await?;
    official::end_other_sessions(&mut tx, console.now, &console.login).await?;
    tx.commit().await?;
    Ok(done(&console, "/console/account", "ended"))
}

impl From<OwnAccountError> for Error {
    fn from(error: OwnAccountError) -> Self {
        match error {
            OwnAccountError::NotFresh => Self::new(StatusCode::FORBIDDEN, "forbidden"),
            OwnAccountError::Busy(_) => Self::unavailable(),
            OwnAccountError::Db(error) => error.into(),
            _ => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields"),
        }
    }
}
