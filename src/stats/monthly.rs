//! The monthly letter of a venue, as the worker words it: four weeks of numbers, coverage, posters that nobody scans.
use super::FEW;
use super::venue::{Numbers, last_closed, numbers};
use crate::base::clock::Zone;
use crate::base::config::Service;
use crate::base::locale::Words;
use crate::base::token::Token;
use crate::mail::{Letter, Prepared, Rendered};
use crate::venue::letters::quotable;
use crate::venue::owner_actions::{is_unchecked, last_scans};
use crate::venue::{self, Poster, PosterStatus, Venue, VenueId, VenueStatus};
use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::PgConnection;

/// Days of a letter: four weeks, each weekday as often as the others, and still there when it leaves.
const DAYS: u64 = 28;
/// Posters that a letter names; the others are counted.
const MAX_NAMED: usize = 10;

/// Counts and words a letter. `Suppressed`: the venue wants none any more, or is not open.
///
/// # Errors
/// The database.
pub async fn prepare(conn: &mut PgConnection, now: DateTime<Utc>, service: &Service, letter: &Letter) -> Result<Prepared, sqlx::Error> {
    const INCOMPLETE: Prepared = Prepared::Dead("letter lacks a parameter");
    let param = |name: &str| letter.params.get(name).map(String::as_str);
    let Some(id) = param("venue").and_then(|id| id.parse::<VenueId>().ok()) else { return Ok(INCOMPLETE) };
    let Some(off) = param("token").and_then(Token::from_client).filter(is_url_safe) else { return Ok(INCOMPLETE) };
    let Some(venue) = venue::show(&mut *conn, id).await? else { return Ok(Prepared::Suppressed) };
    if !venue.monthly_mail || venue.status != VenueStatus::Active {
        return Ok(Prepared::Suppressed);
    }
    let last = last_closed(service.zone, now);
    let first = last.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(last);
    let numbers = numbers(&mut *conn, service.zone, now, id, first).await?;
    let posters = venue::posters(conn, id).await?;
    let Some(name) = quotable(&venue.name) else { return Ok(INCOMPLETE) };
    let locale = letter.locale;
    let words = locale.words();
    let (city, title) = (service.city.as_str(), service.name.as_str());
    let shown = match numbers.shown_sum() {
        0 => words.shop_monthly_few(),
        sum => words.shop_monthly_people(crate::base::text::thousands(sum)),
    };
    let today = last.succ_opt().unwrap_or(last);
    let told = [coverage(words, &venue, &numbers), stale(words, service.zone, &posters, &numbers, (first, today))];
    let told: Vec<String> = told.into_iter().flatten().collect();
    let body = words.shop_monthly_body(
        name,
        title,
        locale.short_date(first),
        locale.short_date(last),
        shown,
        told.join("\n\n"),
        format!("{}/shop", service.base_url),
        format!("{}/shop/mail/{}", service.base_url, off.expose()),
    );
    let foot = words.venue_letter_foot(service.operator.as_str(), title, service.host.as_str());
    let subject = words.shop_monthly_subject(city);
    Ok(Prepared::Mail(Rendered { to: letter.to.clone(), locale, subject, body: format!("{body}\n\n{foot}\n") }))
}

fn is_url_safe(token: &Token) -> bool {
    token.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn coverage(words: &Words, venue: &Venue, numbers: &Numbers) -> Option<String> {
    match venue.guests_per_day {
        None => Some(words.shop_coverage_ask()),
        Some(guests) => numbers.coverage(guests).map(|tenths| match tenths {
            0 => words.shop_coverage_low(),
            tenths => words.shop_coverage(tenths.to_string()),
        }),
    }
}

/// Posters that nobody scanned in the four weeks, if anybody came; and how many wait for their owner's round.
fn stale(words: &Words, zone: Zone, posters: &[Poster], numbers: &Numbers, (first, today): (NaiveDate, NaiveDate)) -> Option<String> {
    let visited = numbers.shown_sum() >= FEW;
    let last_scans = last_scans(posters, first);
    let hanging = posters.iter().filter(|poster| poster.status == PosterStatus::Active);
    let made_before = |poster: &&&Poster| (today - zone.today(poster.created_at)).num_days() >= 28;
    let hanging: Vec<&Poster> = hanging.collect();
    let silent: Vec<&&Poster> =
        hanging.iter().filter(made_before).filter(|poster| visited && !last_scans.contains_key(&poster.no)).collect();
    let unchecked = hanging.iter().filter(|poster| is_unchecked(zone.today(poster.created_at), poster.checked_on, today)).count();
    let mut lines = Vec::new();
    if !silent.is_empty() {
        lines.push(words.shop_monthly_silent());
        let label = |poster: &&&Poster| quotable(&poster.label).map(|label| format!("・{label}"));
        lines.extend(silent.iter().take(MAX_NAMED).filter_map(label));
        if silent.len() > MAX_NAMED {
            lines.push(words.shop_stale_more((silent.len() - MAX_NAMED).to_string()));
        }
    }
    if unchecked > 0 {
        lines.push(words.shop_unchecked_text(unchecked.to_string()));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::code::PosterCode;
    use crate::base::locale::Locale;
    use crate::venue::PosterId;

    #[test]
    fn only_what_hung_for_four_weeks_and_nobody_scanned_is_named() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let zone = Zone(chrono_tz::Asia::Tokyo);
        let poster = |no: i16, made: u32, status| Poster {
            id: PosterId::random(),
            venue_id: VenueId::random(),
            no,
            edition: 1,
            label: format!("席.{no}"),
            code: PosterCode::generate(&mut rand::rng()),
            status,
            created_at: zone.begin_of(day(made)),
            revoked_at: None,
            checked_on: Some(day(29)),
            scanned_on: (no == 1).then(|| day(20)),
        };
        let posters = [
            poster(1, 1, PosterStatus::Active),
            poster(2, 1, PosterStatus::Active),
            poster(3, 3, PosterStatus::Active),
            poster(4, 1, PosterStatus::Revoked),
        ];
        let numbers = |visits| Numbers { days: vec![(day(20), visits)] };
        let told = |visits| stale(Locale::Ja.words(), zone, &posters, &numbers(visits), (day(2), day(30)));
        assert!(told(5).unwrap().ends_with("・席．2"), "{:?}", told(5));
        assert_eq!(told(4), None, "hardly anybody came");
    }
}
