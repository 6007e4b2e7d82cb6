//! Letters to officials: an invitation, and to all admins that an account was given something. The worker renders these words
//! and no others, and believes no parameter that it has not checked.
use super::account::By;
use super::invitation::{self, Invitation};
use super::mailbox::{ADMINS, readers};
use super::reads::names;
use super::role::Role;
use super::store::{accounts as store, invitations};
use crate::audit::Acting;
use crate::base::config::Service;
use crate::base::locale::{Locale, Words};
use crate::base::text;
use crate::base::token::Token;
use crate::mail::{Letter, LetterKind, PostError, Prepared, Rendered};
use crate::official::Act;
use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Characters of a name that a letter repeats.
const MAX_NAME: usize = super::account::MAX_OFFICIAL_NAME;

/// A change of an account about which admins get a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Invited,
    /// Another role.
    Role,
    /// A new invitation instead of password and second factor.
    Reset,
    /// It works again.
    Enabled,
    /// A second administrator stands behind it.
    Confirmed,
    /// Its open invitation was taken back.
    Withdrawn,
}

impl Change {
    const ALL: [Self; 6] = [Self::Invited, Self::Role, Self::Reset, Self::Enabled, Self::Confirmed, Self::Withdrawn];

    fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Role => "role",
            Self::Reset => "reset",
            Self::Enabled => "enabled",
            Self::Confirmed => "confirmed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A role in words.
#[must_use]
pub fn role_name(w: &Words, role: Role) -> String {
    match role {
        Role::Viewer => w.console_role_viewer(),
        Role::Tracer => w.console_role_tracer(),
        Role::Approver => w.console_role_approver(),
        Role::Auditor => w.console_role_auditor(),
        Role::Admin => w.console_role_admin(),
    }
}

/// Sends an invitation to its mailbox, in the caller's transaction.
///
/// # Errors
/// [`PostError`]
pub async fn post_invitation<By>(act: &mut Act<'_, By>, locale: Locale, invitation: &Invitation) -> Result<(), PostError> {
    let params = [
        ("name", invitation.name.clone()),
        ("role", invitation.role.as_str().to_owned()),
        ("token", invitation.token.expose().to_owned()),
        ("expires_at", invitation.expires_at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        ("reset", invitation.is_reset.to_string()),
    ];
    let letter = Letter { kind: LetterKind::OfficialInvitation, to: invitation.email.clone(), locale, params: owned(params) };
    act.post(&letter).await
}

/// Tells every admin who can log in what an account was given, and by whom, in the caller's transaction.
///
/// # Errors
/// [`PostError`]
pub async fn tell_admins(act: &mut Act<'_, By<'_>>, official: Uuid, (change, takes_two): (Change, bool)) -> Result<(), PostError> {
    let Some(account) = store::all(&mut act.tx, act.now, Some(official)).await?.pop() else { return Ok(()) };
    let actor = act.by.actor().id();
    let who = match actor {
        Some(id) => names(&mut act.tx, &[id]).await?.remove(&id),
        None => None,
    };
    let params = owned([
        ("who", who.unwrap_or_default()),
        ("name", account.name),
        ("role", account.role.as_str().to_owned()),
        ("change", change.as_str().to_owned()),
        ("takes_two", takes_two.to_string()),
        ("at", act.now.to_rfc3339_opts(SecondsFormat::Secs, true)),
    ]);
    for to in readers(&mut act.tx, &ADMINS).await? {
        let letter = Letter { kind: LetterKind::OfficialChanged, to, locale: Locale::default(), params: params.clone() };
        act.post(&letter).await?;
    }
    Ok(())
}

fn owned<const N: usize>(params: [(&str, String); N]) -> BTreeMap<String, String> {
    params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The mail of a letter to an official; `None` for another room's letter, or one that lacks what its words need.
#[must_use]
pub fn render(service: &Service, letter: &Letter) -> Option<Rendered> {
    let (subject, body) = match letter.kind {
        LetterKind::OfficialInvitation => invitation(service, letter)?,
        LetterKind::OfficialChanged => changed(service, letter)?,
        _ => return None,
    };
    let foot = letter.locale.words().official_letter_foot(service.operator.as_str(), service.name.as_str(), service.host.as_str());
    Some(Rendered { to: letter.to.clone(), locale: letter.locale, subject, body: format!("{body}\n\n{foot}\n") })
}

/// Decides about a letter with an invitation that delivery has claimed: one that was withdrawn meanwhile, or replaced by a newer
/// one, does not leave.
///
/// # Errors
/// The database.
pub async fn prepare_invitation(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    service: &Service,
    letter: &Letter,
) -> Result<Prepared, sqlx::Error> {
    let token = letter.params.get("token").and_then(|token| Token::from_client(token));
    let is_open = match &token {
        Some(token) => invitations::is_open(conn, &token.sha256(), now).await?,
        None => false,
    };
    if !is_open {
        return Ok(Prepared::Cancelled);
    }
    Ok(render(service, letter).map_or(Prepared::Dead("letter lacks a parameter"), Prepared::Mail))
}

fn invitation(service: &Service, letter: &Letter) -> Option<(String, String)> {
    let (w, params) = (letter.locale.words(), &letter.params);
    let token = Token::from_client(params.get("token")?).filter(|token| token.expose().bytes().all(is_url_safe))?;
    let link = invitation::url(&service.base_url, &token);
    let (date, time) = moment(service, letter.locale, params.get("expires_at")?)?;
    let (name, role) = (name(params.get("name")?)?, role_name(w, params.get("role")?.parse().ok()?));
    let (city, service) = (service.city.as_str(), service.name.as_str());
    Some(match params.get("reset")?.as_str() {
        "true" => (w.official_reset_subject(city), w.official_reset_body(name, service, link, date, time)),
        "false" => (w.official_invitation_subject(city), w.official_invitation_body(name, service, role, link, date, time)),
        _ => return None,
    })
}

fn changed(service: &Service, letter: &Letter) -> Option<(String, String)> {
    let (w, params) = (letter.locale.words(), &letter.params);
    let name = name(params.get("name")?)?;
    let role = role_name(w, params.get("role")?.parse().ok()?);
    let who = params.get("who")?;
    let who = if who.is_empty() { w.official_operator() } else { self::name(who)? };
    let (date, time) = moment(service, letter.locale, params.get("at")?)?;
    let change = Change::ALL.into_iter().find(|change| params.get("change").is_some_and(|text| text == change.as_str()))?;
    let what = match change {
        Change::Invited => w.official_changed_invited(role),
        Change::Role => w.official_changed_role(role),
        Change::Reset => w.official_changed_reset(),
        Change::Enabled => w.official_changed_enabled(role),
        Change::Confirmed => w.official_changed_confirmed(role),
        Change::Withdrawn => w.official_changed_withdrawn(),
    };
    let what = match params.get("takes_two").map(String::as_str) {
        Some("true") => format!("{what}\n{}", w.official_changed_takes_two()),
        Some("false") => what,
        _ => return None,
    };
    let page = format!("{}/console/officials", service.base_url);
    Some((w.official_changed_subject(service.city.as_str()), w.official_changed_body(name, what, who, date, time, page)))
}

fn moment(service: &Service, locale: Locale, at: &str) -> Option<(String, String)> {
    let at: DateTime<Utc> = at.parse().ok()?;
    Some((locale.long_date(service.zone.today(at)), service.zone.wall_time(at)))
}

/// A name, without anything that a mail program would turn into a link.
pub(super) fn name(text: &str) -> Option<String> {
    text::line(text, MAX_NAME).ok().map(|line| text::unlinked(&line))
}

fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::email_address::EmailAddress;

    fn service() -> Service {
        Service::sample()
    }

    fn letter(kind: LetterKind, locale: Locale, changed: &[(&str, &str)]) -> Letter {
        let mut params = owned([
            ("name", "田中 健".to_owned()),
            ("role", "approver".to_owned()),
            ("token", "abc-_123".to_owned()),
            ("expires_at", "2026-11-29T03:00:00Z".to_owned()),
            ("reset", "false".to_owned()),
            ("who", "佐藤 みどり".to_owned()),
            ("change", "role".to_owned()),
            ("takes_two", "false".to_owned()),
            ("at", "2026-11-22T15:05:00Z".to_owned()),
        ]);
        params.extend(changed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Letter { kind, to: EmailAddress::parse("ken@example.jp").unwrap(), locale, params }
    }

    #[test]
    fn an_invitation_holds_its_link_and_until_when() {
        for locale in Locale::ALL {
            for reset in ["true", "false"] {
                let mail = render(&service(), &letter(LetterKind::OfficialInvitation, locale, &[("reset", reset)])).unwrap();
                let link = "https://trace.example.jp/console/invitation/abc-_123";
                assert_eq!(mail.body.lines().filter(|line| *line == link).count(), 1, "alone in its line: {}", mail.body);
                let until =
                    if locale == Locale::Ja { "2026年11月29日（日） 12:00 まで" } else { "12:00 on Sunday 29 November 2026" };
                let service = if locale == Locale::Ja {
                    "「感染症お知らせサービス」"
                } else {
                    "“感染症お知らせサービス”"
                };
                for fact in [until, service, "田中 健"] {
                    assert!(mail.body.contains(fact), "{locale:?} {reset} lacks {fact}: {}", mail.body);
                }
                assert!(mail.body.ends_with("trace.example.jp\n"), "{}", mail.body);
            }
        }
    }

    #[test]
    fn admins_read_who_gave_what_to_whom() {
        for locale in Locale::ALL {
            for change in Change::ALL {
                let mail = render(&service(), &letter(LetterKind::OfficialChanged, locale, &[("change", change.as_str())])).unwrap();
                let facts = if locale == Locale::Ja {
                    [
                        "担当者 田中 健 の",
                        "行った人：佐藤 みどり",
                        "2026年11月23日（月） 00:05",
                        "https://trace.example.jp/console/officials",
                    ]
                } else {
                    ["The account of 田中 健 has", "By: 佐藤 みどり", "00:05 on Monday 23", "https://trace.example.jp/console/officials"]
                };
                for fact in facts {
                    assert!(mail.body.contains(fact), "{locale:?} {change:?} lacks {fact}: {}", mail.body);
                }
            }
            let by_operator = render(&service(), &letter(LetterKind::OfficialChanged, locale, &[("who", "")])).unwrap();
            assert!(by_operator.body.contains(&locale.words().official_operator()));
        }
    }

    #[test]
    fn parameters_of_another_hand_are_not_rendered() {
        for (name, value) in [
            ("token", "a/../b"),
            ("token", ""),
            ("expires_at", "soon"),
            ("reset", "maybe"),
            ("role", "root"),
            ("name", "a\r\nBcc: x"),
            ("name", ""),
        ] {
            assert!(render(&service(), &letter(LetterKind::OfficialInvitation, Locale::Ja, &[(name, value)])).is_none(), "{name} {value}");
        }
        for (name, value) in [("change", "x"), ("at", ""), ("who", "a\u{202E}b")] {
            assert!(render(&service(), &letter(LetterKind::OfficialChanged, Locale::Ja, &[(name, value)])).is_none(), "{name} {value}");
        }
        assert!(render(&service(), &letter(LetterKind::AlertHeld, Locale::Ja, &[])).is_none());
        let linked = render(&service(), &letter(LetterKind::OfficialChanged, Locale::Ja, &[("name", "http://evil.example")])).unwrap();
        assert!(!linked.body.contains("http://evil"), "a name becomes no link");
    }
}
