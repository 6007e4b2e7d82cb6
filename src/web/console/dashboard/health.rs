//! Whether the service can do its work tomorrow: keys, seals, mails.
use crate::alert;
use crate::base::clock::Zone;
use crate::base::locale::Locale;
use crate::base::text::thousands;
use crate::keys::{self, CanaryHealth};
use crate::mail;
use crate::retention;
use crate::web::health::{FEW_DAYS, WORKER_SILENT, lasts_until};
use crate::web::state::State;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// Minutes that a mail may wait before it is worth a look: delivery takes a round every second, and a refusal puts off for one.
const WAITS_LONG: i64 = 15;

/// A line: name, state, and what to do where it is not good.
pub(super) struct HealthLine {
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) text: String,
    pub(super) help: Option<String>,
    pub(super) path: Option<&'static str>,
}

/// How the service is.
pub(super) async fn lines(
    conn: &mut PgConnection,
    state: &State,
    locale: Locale,
    now: DateTime<Utc>,
) -> Result<Vec<HealthLine>, sqlx::Error> {
    let zone = state.service.zone;
    let opened = keys::last_opened(conn).await?;
    let last_day = lasts_until(state, &mut *conn, zone.today(now)).await?;
    let alive_at = retention::alive_at(&mut *conn).await?;
    let canaries = keys::canary_health(conn, now).await?;
    let (waiting, oldest) = (mail::waiting(&mut *conn).await?, mail::oldest_waiting(&mut *conn).await?);
    let stopped = !alert::halts(conn).await?.is_empty();
    Ok(vec![
        sending(locale, stopped),
        worker(locale, zone, alive_at, now),
        day_keys(locale, last_day, zone.today(now)),
        canary(locale, zone, canaries, opened, now),
        queue(locale, waiting, oldest.map(|at| (now - at).num_minutes().max(0))),
    ])
}

fn sending(locale: Locale, stopped: bool) -> HealthLine {
    let w = locale.words();
    let (class, text) = if stopped { ("bad", w.dash_stop_on()) } else { ("good", w.dash_stop_off()) };
    HealthLine {
        name: w.dash_stop(),
        class,
        text,
        help: stopped.then(|| w.dash_queue_help()),
        path: stopped.then_some("/console/delivery"),
    }
}

fn worker(locale: Locale, zone: Zone, alive_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> HealthLine {
    let w = locale.words();
    let class = if alive_at.is_some_and(|at| now - at < WORKER_SILENT) { "good" } else { "bad" };
    let text = alive_at.map_or_else(|| w.dash_worker_never(), |at| w.dash_worker_at(moment(locale, zone, at, now)));
    HealthLine { name: w.dash_worker(), class, text, help: (class == "bad").then(|| w.dash_worker_help()), path: None }
}

/// The time of day; with the date, unless it is today's.
fn moment(locale: Locale, zone: Zone, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let time = zone.wall_time(at);
    if zone.today(at) == zone.today(now) { time } else { format!("{} {time}", locale.short_date(zone.today(at))) }
}

fn day_keys(locale: Locale, last: Option<NaiveDate>, today: NaiveDate) -> HealthLine {
    let w = locale.words();
    let ahead = last.map(|last| (last - today).num_days());
    let class = match ahead {
        Some(days) if days >= FEW_DAYS => "good",
        Some(days) if days >= 1 => "wait",
        _ => "bad",
    };
    let text = last.map_or_else(|| w.dash_keys_none(), |last| w.dash_keys_until(locale.short_date(last)));
    HealthLine { name: w.dash_keys(), class, text, help: (class != "good").then(|| w.dash_keys_help()), path: None }
}

fn canary(locale: Locale, zone: Zone, health: CanaryHealth, opened: Option<DateTime<Utc>>, now: DateTime<Utc>) -> HealthLine {
    let w = locale.words();
    let (class, text) = match (health, opened) {
        (CanaryHealth::Failed, _) => ("bad", w.dash_canary_failed()),
        (CanaryHealth::Late, _) => ("bad", w.dash_canary_late()),
        (CanaryHealth::Good, None) => ("wait", w.dash_canary_never()),
        (CanaryHealth::Good, Some(at)) if (now - at).num_minutes() < 60 => {
            ("good", w.dash_canary_ago((now - at).num_minutes().max(0).to_string()))
        }
        (CanaryHealth::Good, Some(at)) => ("good", w.dash_canary_at(moment(locale, zone, at, now))),
    };
    HealthLine { name: w.dash_canary(), class, text, help: (class == "bad").then(|| w.dash_canary_help()), path: None }
}

fn queue(locale: Locale, waiting: i64, oldest_minutes: Option<i64>) -> HealthLine {
    let w = locale.words();
    let name = w.dash_queue();
    let Some(minutes) = oldest_minutes.filter(|_| waiting > 0) else {
        let text = if waiting > 0 { w.dash_queue_waiting(thousands(waiting)) } else { w.dash_queue_empty() };
        return HealthLine { name, class: "good", text, help: None, path: None };
    };
    let text = w.dash_queue_waiting(thousands(waiting));
    if minutes < WAITS_LONG {
        return HealthLine { name, class: "good", text, help: None, path: None };
    }
    let text = format!("{text}　{}", w.dash_queue_oldest(minutes.to_string()));
    HealthLine { name, class: "wait", text, help: Some(w.dash_queue_help()), path: Some("/console/delivery") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopped_sending_is_said_first_and_leads_to_where_it_is_resumed() {
        let line = sending(Locale::Ja, true);
        assert!(line.class == "bad" && line.path == Some("/console/delivery") && line.help.is_some());
        assert!(sending(Locale::Ja, false).class == "good" && sending(Locale::En, false).help.is_none());
    }

    #[test]
    fn keys_that_run_out_say_what_to_do() {
        let today: NaiveDate = "2026-11-22".parse().unwrap();
        let class = |last: &str| day_keys(Locale::Ja, Some(last.parse().unwrap()), today).class;
        assert_eq!((class("2026-11-27"), class("2026-11-26"), class("2026-11-23"), class("2026-11-22")), ("good", "wait", "wait", "bad"));
        let none = day_keys(Locale::En, None, today);
        assert!(none.class == "bad" && none.help.is_some());
        assert_eq!(day_keys(Locale::Ja, Some("2026-11-29".parse().unwrap()), today).text, "11月29日分まで");
    }

    #[test]
    fn a_worker_is_silent_after_ten_minutes_and_says_since_when() {
        let zone = Zone(chrono_tz::Asia::Tokyo);
        let now: DateTime<Utc> = "2026-11-22T13:34:00Z".parse().unwrap();
        let line = |at: &str| worker(Locale::Ja, zone, Some(at.parse().unwrap()), now);
        assert_eq!((line("2026-11-22T13:24:01Z").class, line("2026-11-22T13:24:00Z").class), ("good", "bad"));
        assert!(line("2026-11-22T13:24:01Z").help.is_none() && line("2026-11-22T13:24:00Z").help.is_some());
        assert_eq!(line("2026-11-21T12:00:00Z").text, "最後の合図 11月21日 21:00");
        assert_eq!(worker(Locale::En, zone, None, now).class, "bad");
    }

    #[test]
    fn canaries_speak_of_minutes_then_of_the_hour_then_of_the_day() {
        let zone = Zone(chrono_tz::Asia::Tokyo);
        let now: DateTime<Utc> = "2026-11-22T13:34:00Z".parse().unwrap();
        let text = |at: &str| canary(Locale::Ja, zone, CanaryHealth::Good, Some(at.parse().unwrap()), now).text;
        assert_eq!(text("2026-11-22T13:33:00Z"), "1分前に成功");
        assert_eq!(text("2026-11-22T12:00:00Z"), "21:00 に成功");
        assert_eq!(text("2026-11-21T12:00:00Z"), "11月21日 21:00 に成功");
        for health in [CanaryHealth::Late, CanaryHealth::Failed] {
            let line = canary(Locale::Ja, zone, health, Some(now), now);
            assert!(line.class == "bad" && line.help.is_some());
        }
    }

    #[test]
    fn a_queue_is_worth_a_look_when_its_oldest_mail_waits_long() {
        assert_eq!(queue(Locale::Ja, 0, None).text, "待ちはありません");
        assert_eq!((queue(Locale::Ja, 1_177, Some(14)).class, queue(Locale::Ja, 1_177, Some(14)).text), ("good", "待ち 1,177通".into()));
        let long = queue(Locale::Ja, 1, Some(15));
        assert!(long.class == "wait" && long.path == Some("/console/delivery") && long.text.contains("15分前"));
    }
}
