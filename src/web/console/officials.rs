//! Accounts for admins: who there is, invitations, roles, disabling, resetting. Every act asks for the second factor if the last
//! proof is old, tells the admins by mail, and stands in the audit chain.
use crate::base::locale::{Locale, Words};
use crate::base::text::TextError;
use crate::official::{self, AccountError, AccountState, By, Change, MayAdmin, NewOfficial, Official, Role, Session, Trust};
use crate::web::console::account::{again, done, moment};
use crate::web::console::field::{Field, focus_first_wrong, several_wrong};
use crate::web::console::login::address_words;
use crate::web::console::proof::Proven;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here, role_name};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::limit::{self, Act};
use crate::web::page::page_in;
use crate::web::session::May;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "web/console/officials.html")]
struct ListPage<'a> {
    d: ConsoleFrame<'a>,
    said: Option<String>,
    rows: Vec<AccountRow>,
}

#[derive(Template)]
#[template(path = "web/console/official_invite.html")]
struct InvitePage<'a> {
    d: ConsoleFrame<'a>,
    wrong: bool,
    name: Field,
    email: Field,
    roles: Vec<Choice>,
    role_error: Option<String>,
    proof: Option<Field>,
}

#[derive(Template)]
#[template(path = "web/console/official.html")]
struct OfficialPage<'a> {
    d: ConsoleFrame<'a>,
    wrong: bool,
    said: Option<String>,
    refused: Option<String>,
    row: AccountRow,
    /// The person who must confirm, if somebody must.
    waits: Option<String>,
    acts: Vec<Choice>,
    act_error: Option<String>,
    roles: Vec<Choice>,
    proof: Option<Field>,
}

/// An account in words.
struct AccountRow {
    id: Uuid,
    name: String,
    email: String,
    role: String,
    class: &'static str,
    standing: String,
    until: String,
    seen: String,
}

/// One of several.
struct Choice {
    value: &'static str,
    label: String,
    text: String,
    chosen: bool,
}

/// The acts of an admin on an account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Role,
    Reset,
    Disable,
    Enable,
    Withdraw,
    Confirm,
}

impl Deed {
    const ALL: [Self; 6] = [Self::Confirm, Self::Role, Self::Reset, Self::Withdraw, Self::Disable, Self::Enable];

    fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Reset => "reset",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Withdraw => "withdraw",
            Self::Confirm => "confirm",
        }
    }

    /// The acts that make sense for an account in this state.
    fn fits(self, standing: AccountState, trust: &Trust) -> bool {
        match self {
            Self::Confirm => standing != AccountState::Disabled && matches!(trust, Trust::Waits { .. }),
            Self::Withdraw => matches!(standing, AccountState::Invited(_) | AccountState::Lapsed),
            Self::Enable => standing == AccountState::Disabled,
            Self::Role | Self::Reset | Self::Disable => standing != AccountState::Disabled,
        }
    }

    fn words(self, w: &Words, standing: AccountState) -> (String, String) {
        match self {
            Self::Role => (w.official_act_role(), w.official_act_role_text()),
            Self::Reset if standing == AccountState::Active => (w.official_act_reset(), w.official_act_reset_text()),
            Self::Reset => (w.official_act_again(), w.official_act_again_text()),
            Self::Disable => (w.official_act_disable(), w.official_act_disable_text()),
            Self::Enable => (w.official_act_enable(), w.official_act_enable_text()),
            Self::Withdraw => (w.official_act_withdraw(), w.official_act_withdraw_text()),
            Self::Confirm => (w.official_act_confirm(), w.official_act_confirm_text()),
        }
    }
}

fn row(console: &ConsoleRequest, official: Official) -> AccountRow {
    let w = console.language.locale.words();
    let (class, standing, until) = match official.standing {
        AccountState::Active if matches!(official.trust, Trust::Waits { .. }) => {
            ("wait", w.official_standing_unconfirmed(), w.official_unconfirmed_short())
        }
        AccountState::Active if official.trust == Trust::NoKey => ("wait", w.official_standing_no_key(), w.official_no_key_short()),
        AccountState::Active => ("good", w.official_standing_active(), String::new()),
        AccountState::Invited(until) => {
            let waits = matches!(official.trust, Trust::Waits { .. });
            let until = w.official_standing_until(moment(console, until));
            let until = if waits { format!("{until} {}", w.official_unconfirmed_short()) } else { until };
            ("wait", w.official_standing_invited(), until)
        }
        AccountState::Lapsed => ("bad", w.official_standing_lapsed(), String::new()),
        AccountState::Disabled => ("", w.official_standing_disabled(), String::new()),
    };
    let seen = official.seen_at.map(|at| moment(console, at)).unwrap_or_default();
    let role = role_name(w, official.role);
    AccountRow { id: official.id, name: official.name, email: official.email, role, class, standing, until, seen }
}

fn roles(w: &Words, chosen: Option<Role>) -> Vec<Choice> {
    let text = |role| match role {
        Role::Viewer => w.official_role_viewer(),
        Role::Tracer => w.official_role_tracer(),
        Role::Approver => w.official_role_approver(),
        Role::Auditor => w.official_role_auditor(),
        Role::Admin => w.official_role_admin(),
    };
    let choice = |role: Role| Choice { value: role.as_str(), label: role_name(w, role), text: text(role), chosen: chosen == Some(role) };
    Role::ALL.into_iter().map(choice).collect()
}

/// `GET /console/officials`
pub(crate) async fn list(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Officials).await?;
    let all = official::officials(&mut *console.state.pool.acquire().await?, console.now).await?;
    let said = match console.done.as_deref() {
        Some("invited") => Some(d.f.w.official_done_invited()),
        Some("withdraw") => Some(d.f.w.official_done_withdraw()),
        _ => None,
    };
    let rows = all.into_iter().map(|official| row(&console, official)).collect();
    page_in(&mut HttpResponse::Ok(), &ListPage { d, said, rows })
}

async fn invite_page<'a>(console: &'a ConsoleRequest, form: &Form) -> Result<InvitePage<'a>, Error> {
    let d = console.frame(Here::Officials).await?;
    let w = d.f.w;
    Ok(InvitePage {
        wrong: false,
        name: Field::new("n", "name", w.official_name()).hint(w.official_name_hint()).value(form.get("name")),
        email: Field::new("m", "email", w.official_join_email()).hint(w.official_invite_email_hint()).value(form.get("email")),
        roles: roles(w, form.get("role").parse().ok()),
        role_error: None,
        proof: console.proof_field(None),
        d,
    })
}

impl InvitePage<'_> {
    /// The mistakes, if there are several; the roles' first one stands for all.
    fn several(&self) -> Vec<(&'static str, String)> {
        let mut role = Field::new("rviewer", "role", self.d.f.w.official_join_role());
        role.error.clone_from(&self.role_error);
        several_wrong(&[&self.name, &self.email, &role]).into_iter().map(|(id, label)| (id, label.to_owned())).collect()
    }

    fn answer(mut self, wait: Option<i64>) -> Result<HttpResponse, Error> {
        self.wrong = true;
        if self.role_error.is_none() {
            let mut fields = vec![&mut self.name, &mut self.email];
            fields.extend(self.proof.as_mut());
            focus_first_wrong(&mut fields);
        }
        again(&self, wait)
    }
}

/// The mistake in a line of text.
pub(crate) fn text_words(w: &Words, error: TextError) -> String {
    match error {
        TextError::Empty => w.apply_empty(),
        TextError::TooLong => w.apply_too_long(),
        TextError::Forbidden => w.apply_forbidden(),
    }
}

/// `GET /console/officials/invite`
pub(crate) async fn invite_form(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    page_in(&mut HttpResponse::Ok(), &invite_page(&console, &Form::default()).await?)
}

/// `POST /console/officials/invite`: the link goes to the mailbox alone, so that whoever invites cannot follow it themselves.
pub(crate) async fn invite(
    request: HttpRequest,
    mut console: ConsoleRequest,
    may: May<MayAdmin>,
    form: Form,
) -> Result<HttpResponse, Error> {
    let new = match NewOfficial::parse(form.get("email"), form.get("name"), form.get("role")) {
        Ok(new) => new,
        Err(bad) => {
            let mut page = invite_page(&console, &form).await?;
            let w = page.d.f.w;
            page.email.error = bad.email.map(|error| address_words(w, error));
            page.name.error = bad.name.map(|error| text_words(w, error));
            page.role_error = bad.role.then(|| w.official_role_empty());
            return page.answer(None);
        }
    };
    if let Proven::No(refusal) = console.prove(&form).await? {
        let mut page = invite_page(&console, &form).await?;
        page.proof = console.proof_field(Some(refusal.text));
        return page.answer(refusal.wait);
    }
    limit::check(&request, &console.state, Act::Mail)?;
    let mut act = console.act(By::Admin(&may.0)).await?;
    match official::invite(&mut act, &new).await {
        Ok(invitation) => {
            official::post_invitation(&mut act, console.language.locale, &invitation).await?;
            official::tell_admins(&mut act, invitation.official, (Change::Invited, invitation.takes_two)).await?;
            act.commit().await?;
            Ok(done(&console, "/console/officials", "invited"))
        }
        Err(AccountError::NotVouched) => {
            act.rollback().await?;
            let mut page = invite_page(&console, &form).await?;
            page.role_error = Some(page.d.f.w.official_not_vouched());
            page.answer(None)
        }
        Err(AccountError::Exists) => {
            act.rollback().await?;
            let mut page = invite_page(&console, &form).await?;
            page.email.error = Some(page.d.f.w.official_exists());
            page.answer(None)
        }
        Err(error) => Err(error.into()),
    }
}

async fn official_page<'a>(console: &'a ConsoleRequest, id: Uuid, form: &Form) -> Result<OfficialPage<'a>, Error> {
    let d = console.frame(Here::Officials).await?;
    let w = d.f.w;
    let official = official::official(&mut *console.state.pool.acquire().await?, console.now, id).await?.ok_or_else(Error::not_found)?;
    let (standing, role, trust) = (official.standing, official.role, official.trust.clone());
    let choice = |deed: Deed| {
        let (label, text) = deed.words(w, standing);
        Choice { value: deed.as_str(), label, text, chosen: form.get("act") == deed.as_str() }
    };
    let said = match console.done.as_deref() {
        Some("role") => Some(w.official_done_role()),
        Some("reset") => Some(w.official_done_reset()),
        Some("again") => Some(w.official_done_again()),
        Some("disable") => Some(w.official_done_disable()),
        Some("enable") => Some(w.official_done_enable()),
        Some("withdraw") => Some(w.official_done_withdraw()),
        Some("confirm") => Some(w.official_done_confirm()),
        _ => None,
    };
    Ok(OfficialPage {
        wrong: false,
        said,
        refused: None,
        waits: matches!(trust, Trust::Waits { .. }).then(|| w.official_waits_text()),
        row: row(console, official),
        acts: Deed::ALL.into_iter().filter(|deed| deed.fits(standing, &trust)).map(choice).collect(),
        act_error: None,
        roles: roles(w, form.get("role").parse().ok().or(Some(role))),
        proof: console.proof_field(None),
        d,
    })
}

/// `GET /console/officials/{id}`
pub(crate) async fn show(console: ConsoleRequest, id: Path<Uuid>) -> Result<HttpResponse, Error> {
    page_in(&mut HttpResponse::Ok(), &official_page(&console, *id, &Form::default()).await?)
}

/// `POST /console/officials/{id}`: the chosen act.
pub(crate) async fn act(mut console: ConsoleRequest, may: May<MayAdmin>, id: Path<Uuid>, form: Form) -> Result<HttpResponse, Error> {
    let deed = Deed::ALL.into_iter().find(|deed| deed.as_str() == form.get("act"));
    let role = form.get("role").parse::<Role>();
    let Some(deed) = deed.filter(|deed| *deed != Deed::Role || role.is_ok()) else {
        let mut page = official_page(&console, *id, &form).await?;
        page.act_error = Some(page.d.f.w.official_act_empty());
        page.wrong = true;
        return again(&page, None);
    };
    if let Proven::No(refusal) = console.prove(&form).await? {
        let mut page = official_page(&console, *id, &form).await?;
        page.proof = console.proof_field(Some(refusal.text));
        page.wrong = page.proof.as_mut().is_some_and(|field| focus_first_wrong(&mut [field]));
        return again(&page, refusal.wait);
    }
    let mut act = console.act(By::Admin(&may.0)).await?;
    match carry_out(&mut act, &may.0, *id, (deed, role.unwrap_or(Role::Viewer)), console.language.locale).await {
        Ok(key) => {
            act.commit().await?;
            let own_session_ended = *id == console.login.official;
            console.state.wake.notify_one();
            let place = match (own_session_ended, deed) {
                (true, _) => "/console/login".to_owned(),
                // The account may be gone with its invitation.
                (false, Deed::Withdraw) => "/console/officials".to_owned(),
                (false, _) => format!("/console/officials/{}", *id),
            };
            Ok(done(&console, &place, key))
        }
        Err(NotDone::Account(error)) => {
            act.rollback().await?;
            let Some(said) = refusal(console.language.locale.words(), deed, &error) else { return Err(error.into()) };
            let mut page = official_page(&console, *id, &form).await?;
            page.refused = Some(said);
            page.wrong = true;
            again(&page, None)
        }
        Err(NotDone::Other(error)) => Err(error),
    }
}

/// Why an act was refused, in words; `None`: nothing that the page could say.
fn refusal(w: &Words, deed: Deed, error: &AccountError) -> Option<String> {
    Some(match error {
        AccountError::LastAdmin => w.official_last_admin(),
        AccountError::Own if deed == Deed::Confirm => w.official_own_role(),
        AccountError::Own => w.official_own_reset(),
        AccountError::Disabled => w.official_is_disabled(),
        AccountError::NotVouched => w.official_not_vouched(),
        AccountError::SameAdmin => w.official_same_admin(),
        AccountError::NoInvitation => w.official_no_invitation(),
        _ => return None,
    })
}

enum NotDone {
    Account(AccountError),
    Other(Error),
}

impl From<AccountError> for NotDone {
    fn from(error: AccountError) -> Self {
        Self::Account(error)
    }
}

impl From<Error> for NotDone {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Does it, tells the admins, and sends the letter that belongs to it. Returns what is said then.
async fn carry_out(
    act: &mut official::Act<'_, By<'_>>,
    by: &Session<MayAdmin>,
    id: Uuid,
    (deed, role): (Deed, Role),
    locale: Locale,
) -> Result<&'static str, NotDone> {
    let changed = match deed {
        Deed::Role => official::change_role(act, id, role).await?.map(|given| (Change::Role, given.takes_two)),
        Deed::Enable => official::enable(act, id).await?.map(|given| (Change::Enabled, given.takes_two)),
        Deed::Confirm => official::confirm(&mut act.tx, act.now, by, id).await?.then_some((Change::Confirmed, false)),
        Deed::Withdraw => {
            // Told first: the account may be gone afterwards, and its name with it.
            official::tell_admins(act, id, (Change::Withdrawn, false)).await.map_err(Error::from)?;
            official::withdraw(act, id).await?;
            None
        }
        Deed::Disable => {
            official::disable(act, id).await?;
            None
        }
        Deed::Reset => {
            let invitation = official::reset(act, id).await?;
            official::post_invitation(act, locale, &invitation).await.map_err(Error::from)?;
            if !invitation.is_reset {
                return Ok("again");
            }
            Some((Change::Reset, invitation.takes_two))
        }
    };
    if let Some(change) = changed {
        official::tell_admins(act, id, change).await.map_err(Error::from)?;
    }
    Ok(deed.as_str())
}
