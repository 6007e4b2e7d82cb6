//! The page behind an invitation's link: a password, a second factor, recovery codes.
use crate::base::locale::Words;
use crate::base::token::Token;
use crate::official::{
    self, BadSeed, InvitationError, Invited, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, NewPassword, PasswordError, Seed, TotpHash, TotpSecret,
};
use crate::poster;
use crate::venue::letters::until;
use crate::web::console::field::{Field, focus_first_wrong};
use crate::web::console::login::Gate;
use crate::web::console::role_name;
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::limit::{self, Act};
use crate::web::page::{Language, page};
use crate::web::state::State;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

#[derive(Template)]
#[template(path = "web/console/invitation.html")]
struct InvitationPage<'a> {
    g: Gate<'a>,
    token: &'a str,
    wrong: bool,
    name: String,
    email: String,
    role: String,
    until: String,
    password: Field,
    again: Field,
    /// Drawn when a password was chosen.
    qr: Option<String>,
    secret: String,
    code: Field,
    seed: Field,
    seed_open: bool,
    sha256: bool,
}

#[derive(Template)]
#[template(path = "web/console/invitation_gone.html")]
struct GonePage<'a> {
    g: Gate<'a>,
}

#[derive(Template)]
#[template(path = "web/console/invitation_done.html")]
struct DonePage<'a> {
    g: Gate<'a>,
    codes: Vec<String>,
}

impl<'a> InvitationPage<'a> {
    fn new(language: Language, state: &'a State, token: &'a str, invited: Invited) -> Result<Self, Error> {
        let g = Gate::of(language, state);
        let w = g.f.w;
        let drawn = invited.totp.as_ref().map(|totp| drawn(state, w, totp, &invited.email)).transpose()?;
        let (qr, secret) = drawn.unzip();
        Ok(Self {
            token,
            wrong: false,
            name: invited.name,
            email: invited.email,
            role: role_name(w, invited.role),
            until: until(language.locale, state.service.zone, invited.expires_at),
            password: Field::new("p", "password", w.official_join_password()).hint(password_hint(w)),
            again: Field::new("a", "again", w.official_join_again()),
            qr,
            secret: secret.unwrap_or_default(),
            code: Field::new("t", "totp", w.official_login_code()).hint(w.official_login_code_hint()),
            seed: Field::new("s", "seed", w.official_join_seed()).hint(w.official_join_seed_hint()),
            seed_open: false,
            sha256: invited.totp.is_some_and(|totp| totp.hash() == TotpHash::Sha256),
            g,
        })
    }

    fn title(&self) -> String {
        let w = self.g.f.w;
        if self.qr.is_some() { w.official_join_title_2() } else { w.official_join_title_1(self.name.as_str()) }
    }

    fn answer(mut self) -> Result<HttpResponse, Error> {
        self.wrong = focus_first_wrong(&mut [&mut self.password, &mut self.again, &mut self.code, &mut self.seed]);
        let status = if self.wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        page(status, &self)
    }
}

/// The code to scan, and the secret to type.
pub(crate) fn drawn(state: &State, w: &Words, totp: &TotpSecret, email: &str) -> Result<(String, String), Error> {
    let url = totp.url(&state.service.host, email);
    let qr = poster::screen_qr_svg(&url, &w.official_join_qr()).map_err(|_| Error::internal())?;
    Ok((qr, totp.grouped().to_string()))
}

/// The rules for a password, in the reader's words.
pub(crate) fn password_hint(w: &Words) -> String {
    w.official_password_hint(MIN_PASSWORD_CHARS.to_string(), MAX_PASSWORD_CHARS.to_string())
}

/// The mistake in a password.
pub(crate) fn password_words(w: &Words, error: PasswordError) -> String {
    match error {
        PasswordError::TooShort => w.official_password_short(MIN_PASSWORD_CHARS.to_string()),
        PasswordError::TooLong => w.official_password_long(MAX_PASSWORD_CHARS.to_string()),
        PasswordError::Forbidden => w.official_password_forbidden(),
        PasswordError::Common => w.official_password_common(),
        PasswordError::OwnWords => w.official_password_own(),
    }
}

/// The mistake in a seed.
pub(crate) fn seed_words(w: &Words, error: BadSeed) -> String {
    match error {
        BadSeed::Malformed => w.official_seed_malformed(),
        BadSeed::Length => w.official_seed_length(),
    }
}

/// `GET /console/invitation/{token}`: opening it uses nothing up.
pub(crate) async fn form(language: Language, state: Data<State>, token: Path<String>) -> Result<HttpResponse, Error> {
    match open(language, &state, &token).await? {
        Some(page) => page.answer(),
        None => gone(language, &state),
    }
}

async fn open<'a>(language: Language, state: &'a State, token: &'a str) -> Result<Option<InvitationPage<'a>>, Error> {
    let Some(secret) = Token::from_client(token) else { return Ok(None) };
    let mut connection = state.pool.acquire().await?;
    let invited = official::peek(&mut connection, state.credential_keys()?, state.clock.now(), &secret).await?;
    invited.map(|invited| InvitationPage::new(language, state, token, invited)).transpose()
}

fn gone(language: Language, state: &State) -> Result<HttpResponse, Error> {
    page(StatusCode::NOT_FOUND, &GonePage { g: Gate::of(language, state) })
}

/// `POST /console/invitation/{token}`: the password.
pub(crate) async fn choose(
    request: HttpRequest,
    language: Language,
    state: Data<State>,
    token: Path<String>,
    form: Form,
) -> Result<HttpResponse, Error> {
    limit::check(&request, &state, Act::Guess)?;
    let Some(secret) = Token::from_client(&token) else { return gone(language, &state) };
    let new = NewPassword { typed: form.get("password"), again: form.get("again") };
    let chosen = official::choose_password(&state.pool, state.credential_keys()?, state.clock.now(), &secret, new).await;
    answer(language, &state, &token, chosen.err(), |_| {}).await
}

/// `POST /console/invitation/{token}/seed`: a hardware token instead of an app.
pub(crate) async fn use_seed(
    request: HttpRequest,
    language: Language,
    state: Data<State>,
    token: Path<String>,
    form: Form,
) -> Result<HttpResponse, Error> {
    limit::check(&request, &state, Act::Guess)?;
    let Some(secret) = Token::from_client(&token) else { return gone(language, &state) };
    let hash = TotpHash::from_name(form.get("hash")).unwrap_or_default();
    let mut connection = state.pool.acquire().await?;
    let seed = Seed { text: form.get("seed"), hash };
    let used = official::use_seed(&mut connection, state.credential_keys()?, state.clock.now(), &secret, seed).await;
    drop(connection);
    answer(language, &state, &token, used.err(), |page| {
        page.seed_open = true;
        page.sha256 = hash == TotpHash::Sha256;
    })
    .await
}

/// `POST /console/invitation/{token}/confirm`: the first code; then the recovery codes, once.
pub(crate) async fn confirm(
    request: HttpRequest,
    language: Language,
    state: Data<State>,
    token: Path<String>,
    form: Form,
) -> Result<HttpResponse, Error> {
    limit::check(&request, &state, Act::Guess)?;
    let Some(secret) = Token::from_client(&token) else { return gone(language, &state) };
    let mut tx = state.pool.begin().await?;
    let finished = official::finish(&mut tx, state.credential_keys()?, state.clock.now(), &secret, form.get("totp")).await;
    match finished {
        Ok((_, codes)) => {
            tx.commit().await?;
            state.wake.notify_one();
            page(StatusCode::OK, &DonePage { g: Gate::of(language, &state), codes: codes.grouped() })
        }
        Err(error) => {
            tx.rollback().await?;
            answer(language, &state, &token, Some(error), |_| {}).await
        }
    }
}

/// The page as it stands now, with what was wrong beside its field.
async fn answer(
    language: Language,
    state: &State,
    token: &str,
    error: Option<InvitationError>,
    also: impl FnOnce(&mut InvitationPage<'_>),
) -> Result<HttpResponse, Error> {
    let error = match error {
        Some(InvitationError::Db(error)) => return Err(error.into()),
        Some(InvitationError::Busy(_)) => return Err(Error::unavailable()),
        Some(InvitationError::Gone) => return gone(language, state),
        error => error,
    };
    let Some(mut page) = open(language, state, token).await? else { return gone(language, state) };
    let w = page.g.f.w;
    if let Some(error) = error {
        also(&mut page);
        match error {
            InvitationError::Password(error) => page.password.error = Some(password_words(w, error)),
            InvitationError::Different => page.again.error = Some(w.official_password_different()),
            InvitationError::Seed(error) => page.seed.error = Some(seed_words(w, error)),
            InvitationError::WrongCode => page.code.error = Some(w.official_code_wrong()),
            _ => {}
        }
    }
    page.answer()
}
