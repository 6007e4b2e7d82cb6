//! API tokens for admins: made (shown once), listed, revoked.
use crate::official::{self, ApiToken, MayAdmin, Role, TokenError};
use crate::web::console::account::{again, done, moment};
use crate::web::console::field::{Field, focus_first_wrong};
use crate::web::console::officials::text_words;
use crate::web::console::proof::Proven;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here, role_name};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::page::page_in;
use crate::web::session::May;
use actix_web::HttpResponse;
use actix_web::web::Path;
use askama::Template;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "web/console/tokens.html")]
struct TokensPage<'a> {
    d: ConsoleFrame<'a>,
    wrong: bool,
    said: Option<String>,
    /// A token that was just made: shown here and never again.
    made: Option<String>,
    rows: Vec<TokenRow>,
    name: Field,
    roles: Vec<Choice>,
    proof: Option<Field>,
}

#[derive(Template)]
#[template(path = "web/console/token_revoke.html")]
struct RevokePage<'a> {
    d: ConsoleFrame<'a>,
    wrong: bool,
    row: TokenRow,
    proof: Option<Field>,
}

/// A token in words.
struct TokenRow {
    id: Uuid,
    name: String,
    role: String,
    maker: String,
    since: String,
    revoked: String,
}

struct Choice {
    value: &'static str,
    label: String,
    chosen: bool,
}

fn row(console: &ConsoleRequest, token: ApiToken) -> TokenRow {
    let w = console.language.locale.words();
    TokenRow {
        id: token.id,
        role: role_name(w, token.role),
        maker: token.made_by.map_or_else(|| w.official_token_command_line(), |(_, name)| name),
        since: moment(console, token.created_at),
        revoked: token.revoked_at.map(|at| moment(console, at)).unwrap_or_default(),
        name: token.name,
    }
}

async fn tokens_page<'a>(console: &'a ConsoleRequest, form: &Form) -> Result<TokensPage<'a>, Error> {
    let d = console.frame(Here::Officials).await?;
    let w = d.f.w;
    let all = official::tokens(&mut *console.state.pool.acquire().await?).await?;
    let chosen = form.get("role").parse().unwrap_or(Role::Viewer);
    let choice = |role: Role| Choice { value: role.as_str(), label: role_name(w, role), chosen: role == chosen };
    Ok(TokensPage {
        wrong: false,
        said: (console.done.as_deref() == Some("revoked")).then(|| w.official_done_revoked()),
        made: None,
        rows: all.into_iter().map(|token| row(console, token)).collect(),
        name: Field::new("n", "name", w.official_token_name()).hint(w.official_token_name_hint()).value(form.get("name")),
        roles: Role::ALL.into_iter().map(choice).collect(),
        proof: console.proof_field(None),
        d,
    })
}

/// `GET /console/tokens`
pub(crate) async fn list(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    page_in(&mut HttpResponse::Ok(), &tokens_page(&console, &Form::default()).await?)
}

/// `POST /console/tokens`: makes one and shows it.
pub(crate) async fn create(mut console: ConsoleRequest, may: May<MayAdmin>, form: Form) -> Result<HttpResponse, Error> {
    let proven = console.prove(&form).await?;
    if let Proven::No(refusal) = proven {
        let mut page = tokens_page(&console, &form).await?;
        page.proof = console.proof_field(Some(refusal.text));
        page.wrong = page.proof.as_mut().is_some_and(|field| focus_first_wrong(&mut [field]));
        return again(&page, refusal.wait);
    }
    let role = form.get("role").parse().unwrap_or(Role::Viewer);
    let mut tx = console.state.pool.begin().await?;
    match official::create_own_token(&mut tx, console.now, &may.0, form.get("name"), role).await {
        Ok((_, token)) => {
            tx.commit().await?;
            console.state.wake.notify_one();
            let mut page = tokens_page(&console, &Form::default()).await?;
            page.made = Some(token.expose().to_owned());
            page_in(&mut HttpResponse::Ok(), &page)
        }
        Err(TokenError::NotVouched(_)) => {
            tx.rollback().await?;
            let mut page = tokens_page(&console, &form).await?;
            page.name.error = Some(page.d.f.w.official_not_vouched());
            page.wrong = focus_first_wrong(&mut [&mut page.name]);
            again(&page, None)
        }
        Err(TokenError::Name(error)) => {
            tx.rollback().await?;
            let mut page = tokens_page(&console, &form).await?;
            page.name.error = Some(text_words(page.d.f.w, error));
            page.wrong = focus_first_wrong(&mut [&mut page.name]);
            again(&page, None)
        }
        Err(error) => Err(error.into()),
    }
}

async fn revoke_page<'a>(console: &'a ConsoleRequest, id: Uuid) -> Result<RevokePage<'a>, Error> {
    let d = console.frame(Here::Officials).await?;
    let all = official::tokens(&mut *console.state.pool.acquire().await?).await?;
    let token = all.into_iter().find(|token| token.id == id && token.revoked_at.is_none()).ok_or_else(Error::not_found)?;
    Ok(RevokePage { d, wrong: false, row: row(console, token), proof: console.proof_field(None) })
}

/// `GET /console/tokens/{id}`: asks before it is done.
pub(crate) async fn revoke_form(console: ConsoleRequest, id: Path<Uuid>) -> Result<HttpResponse, Error> {
    page_in(&mut HttpResponse::Ok(), &revoke_page(&console, *id).await?)
}

/// `POST /console/tokens/{id}/revoke`
pub(crate) async fn revoke(mut console: ConsoleRequest, may: May<MayAdmin>, id: Path<Uuid>, form: Form) -> Result<HttpResponse, Error> {
    if let Proven::No(refusal) = console.prove(&form).await? {
        let mut page = revoke_page(&console, *id).await?;
        page.proof = console.proof_field(Some(refusal.text));
        page.wrong = page.proof.as_mut().is_some_and(|field| focus_first_wrong(&mut [field]));
        return again(&page, refusal.wait);
    }
    let mut connection = console.state.pool.acquire().await?;
    if official::revoke_token(&mut connection, console.now, *id, may.0.actor()).await? {
        Ok(done(&console, "/console/tokens", "revoked"))
    } else {
        Err(Error::not_found())
    }
}
