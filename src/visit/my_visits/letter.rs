//! The letter with the link, as the worker prepares it. Web only says who asked; the link is made here and is nowhere else.
use super::store::{self, LetterLimits};
use crate::base::clock::Zone;
use crate::base::config::Service;
use crate::base::db;
use crate::base::locale::Locale;
use crate::base::token::Token;
use crate::keys::{Opener, PersonScope};
use crate::mail::{Letter, Prepared, Rendered};
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// How long a link opens the page, from the moment its mail was prepared: long enough for a slow mail server, short enough
/// that a mail found later opens nothing.
pub const LINK_VALID: Duration = Duration::hours(1);
/// Shortest time between two letters to one person: a second click is not a second letter.
pub const LETTER_PAUSE: Duration = Duration::minutes(5);
/// Most letters to one person within [`COUNTED`], so that nobody fills a stranger's mailbox through us.
pub const LETTERS_A_DAY: i64 = 5;
/// How long letters are counted, and remembered for that.
pub(super) const COUNTED: Duration = Duration::hours(24);

/// The page behind a link. GET shows; only its buttons change anything.
#[must_use]
pub fn url(base_url: &str, token: &Token) -> String {
    format!("{base_url}/my/{}", token.expose())
}

/// Makes the link and words its letter; `Suppressed` beyond [`LETTER_PAUSE`] and [`LETTERS_A_DAY`]. `id` is the outbox row:
/// tried again it counts once, with a fresh link. In delivery's transaction, which is committed before the mail is sent.
///
/// # Errors
/// The database.
pub async fn prepare(
    conn: &mut PgConnection,
    opener: &Opener,
    now: DateTime<Utc>,
    service: &Service,
    id: Uuid,
    letter: &Letter,
) -> Result<Prepared, sqlx::Error> {
    // Two workers may prepare two letters to one person at once; both would find the other uncounted.
    db::lock_transaction(conn, "my_letter").await?;
    let person = opener.person(PersonScope::OwnLink, &letter.to);
    let limits = LetterLimits { pause_since: now - LETTER_PAUSE, day_since: now - COUNTED, max: LETTERS_A_DAY };
    if !store::count_letter(conn, id, &person, now, &limits).await? {
        return Ok(Prepared::Suppressed);
    }
    let token = Token::random();
    let Some(address) = opener.hide(&token, &letter.to) else {
        return Ok(Prepared::Dead("link not sealed"));
    };
    let expires_at = now + LINK_VALID;
    store::insert_link(conn, &token.sha256(), &address, expires_at).await?;
    let (subject, body) = words(letter.locale, service, &url(&service.base_url, &token), expires_at);
    Ok(Prepared::Mail(Rendered { to: letter.to.clone(), locale: letter.locale, subject, body }))
}

fn words(locale: Locale, service: &Service, link: &str, expires_at: DateTime<Utc>) -> (String, String) {
    let words = locale.words();
    let (city, name) = (service.city.as_str(), service.name.as_str());
    let body = words.my_letter_body(city, name, link, until(locale, service.zone, expires_at));
    let foot = words.my_letter_foot(service.operator.as_str(), name, service.host.as_str());
    (words.my_letter_subject(city), format!("{body}\n\n{foot}\n"))
}

fn until(locale: Locale, zone: Zone, at: DateTime<Utc>) -> String {
    locale.words().my_moment(locale.date(zone.today(at)), zone.wall_time(at))
}
