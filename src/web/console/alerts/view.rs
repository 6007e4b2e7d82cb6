//! The parts of pages about alerts, in the reader's words: numbers as this role may see them, moments, the mail as it arrives.
use crate::alert::{self, Overlap, Preview, State as AlertState, Status, Surroundings};
use crate::base::clock::Zone;
use crate::base::locale::{Locale, Words};
use crate::web::console::alerts::{name_of, path_of};
use crate::web::console::{ConsoleFrame, ConsoleRequest};
use crate::web::error::Error;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;

/// Below so many a number is not shown: small numbers are people (docs/DESIGN.md §3 "Small numbers").
const FEW: i64 = 5;

/// A number with its thousands set apart.
pub(super) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0 { format!("-{text}") } else { text }
}

/// A number of one venue's day. Zero is nobody, and may be said.
fn small(w: &Words, value: i64) -> String {
    if (1..FEW).contains(&value) { w.console_few() } else { number(value) }
}

/// A total: exactly for who types it, rounded to five for others, so that nothing is found out by subtraction.
pub(super) fn total(w: &Words, value: i64, exact: bool) -> String {
    match (exact, value) {
        (true, _) | (_, 0) => number(value),
        (false, 1..FEW) => w.console_few(),
        (false, _) => w.desk_alert_about(number((value + 2) / 5 * 5)),
    }
}

/// A date in a table: `11/20（金）`, `20 Nov`.
pub(super) fn day(locale: Locale, date: NaiveDate) -> String {
    match locale {
        Locale::Ja => {
            let long = locale.long_date(date);
            let weekday = long.rsplit('（').next().unwrap_or_default();
            format!("{}/{}（{weekday}", date.month(), date.day())
        }
        Locale::En => date.format("%a %-d %b").to_string(),
    }
}

/// A moment: the time, with its date unless it is today.
pub(super) fn moment(locale: Locale, zone: Zone, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (date, time) = (zone.today(at), zone.wall_time(at));
    if date == zone.today(now) { time } else { format!("{} {time}", locale.short_date(date)) }
}

/// A step of an alert's way.
pub(super) struct Step {
    pub(super) no: usize,
    pub(super) label: String,
    pub(super) past: bool,
    pub(super) current: bool,
}

/// The way of an alert, with where it stands (0 … 5).
pub(super) fn steps(w: &Words, hold_minutes: u16, at: usize) -> Vec<Step> {
    let labels = [
        w.desk_alert_step_words(),
        w.desk_alert_step_submit(),
        w.desk_alert_step_approve(),
        w.desk_alert_step_hold(hold_minutes.to_string()),
        w.desk_alert_step_send(),
        w.desk_alert_step_done(),
    ];
    labels.into_iter().enumerate().map(|(no, label)| Step { no: no + 1, label, past: no < at, current: no == at }).collect()
}

/// A stay in the table.
pub(super) struct StayRow {
    pub(super) venue: String,
    pub(super) kana: Option<String>,
    pub(super) address: String,
    pub(super) day: String,
    pub(super) visits: String,
    pub(super) told: String,
    pub(super) unreviewed: bool,
    pub(super) named: bool,
    pub(super) overlaps: Vec<(String, String)>,
}

/// A mail as it arrives.
pub(super) struct MailView {
    pub(super) lead: Option<String>,
    pub(super) subject: String,
    pub(super) paragraphs: Vec<String>,
}

/// The part that preview and approval have in common.
pub(super) struct ShownPreview {
    pub(super) rows: Vec<StayRow>,
    pub(super) total: String,
    pub(super) minutes: String,
    pub(super) calls: String,
    /// The calls that the hotline can take, if the city said so.
    pub(super) hotline: Option<String>,
    pub(super) too_many_calls: bool,
    pub(super) needs_admin: bool,
    pub(super) overlapping: Option<String>,
    pub(super) mail_locale: Locale,
    pub(super) tab_ja: String,
    pub(super) tab_en: String,
    pub(super) from: String,
    pub(super) mails: Vec<MailView>,
    pub(super) lacks_note: bool,
    /// Of the recipients, those who once got a notice that was withdrawn; none where nobody did.
    pub(super) withdrawn: Option<String>,
    /// The sentence that these people read besides; a correction has none.
    pub(super) holds: Option<String>,
    pub(super) cases: String,
    /// The number of the alert that this one corrects.
    pub(super) corrects: Option<String>,
    pub(super) revision: i32,
    pub(super) digest: String,
    pub(super) exact: bool,
}

/// Puts everything in words that preview and approval show.
pub(super) fn shown_preview(
    console: &ConsoleRequest,
    d: &ConsoleFrame<'_>,
    preview: &Preview,
    around: &Surroundings,
    text: &str,
) -> ShownPreview {
    let (w, locale) = (d.f.w, d.f.locale);
    let mail_locale = Locale::from_tag(text).unwrap_or(locale);
    let overlapping: std::collections::BTreeSet<_> = around.overlaps.iter().map(|overlap| (overlap.venue_id, overlap.date)).collect();
    let tab = |tag: &str| {
        let lang = if console.language.chosen { format!("lang={}&", locale.tag()) } else { String::new() };
        format!("{}?{lang}text={tag}", path_of(preview.alert))
    };
    let notes = [&preview.wording.note_ja, &preview.wording.note_en];
    let separator = w.desk_alert_lead_sep();
    ShownPreview {
        rows: rows(w, locale, preview, around),
        total: total(w, preview.visits, d.may_approve()),
        minutes: number(around.outlook.minutes),
        calls: total(w, around.outlook.calls, true),
        hotline: (around.outlook.hotline_per_hour > 0).then(|| number(around.outlook.hotline_per_hour.into())),
        too_many_calls: around.outlook.is_too_much_for_the_hotline(),
        needs_admin: around.outlook.needs_admin,
        overlapping: (!overlapping.is_empty()).then(|| w.desk_alert_overlap_count(overlapping.len().to_string())),
        mail_locale,
        tab_ja: tab("ja"),
        tab_en: tab("en"),
        from: format!("{} {}", console.state.service.city, console.state.service.name),
        mails: mails(w, locale, mail_locale, preview, around),
        withdrawn: (preview.withdrawn > 0).then(|| total(w, preview.withdrawn, d.may_approve())),
        holds: preview.text.holds.as_ref().map(|holds| holds.of(mail_locale).to_owned()),
        lacks_note: preview.wording.note(mail_locale).is_none() && notes.iter().any(|note| note.is_some()),
        cases: around.cases.iter().map(|(_, reference)| reference.as_str()).collect::<Vec<_>>().join(&separator),
        corrects: None,
        revision: preview.revision,
        digest: preview.digest.to_string(),
        exact: d.may_approve(),
    }
}

fn rows(w: &Words, locale: Locale, preview: &Preview, around: &Surroundings) -> Vec<StayRow> {
    let of = |stay: &alert::StayCount| {
        let card = around.cards.get(&stay.venue_id);
        let overlaps = around.overlaps.iter().filter(|overlap| overlap.venue_id == stay.venue_id && overlap.date == stay.date);
        StayRow {
            venue: card.map_or_else(|| stay.venue_id.to_string(), |card| card.name.clone()),
            kana: card.and_then(|card| card.kana.clone()),
            address: card.map(|card| card.address.clone()).unwrap_or_default(),
            day: day(locale, stay.date),
            visits: small(w, stay.visits),
            told: small(w, stay.already_alerted),
            unreviewed: card.is_some_and(|card| !card.reviewed),
            named: preview.text.named.as_ref().is_some_and(|named| named.venues.contains_key(&stay.venue_id)),
            overlaps: overlaps.map(|overlap| overlap_link(w, overlap)).collect(),
        }
    };
    preview.stays.iter().map(of).collect()
}

fn overlap_link(w: &Words, overlap: &Overlap) -> (String, String) {
    (path_of(overlap.alert_id), w.desk_alert_overlap(overlap.number.to_string(), name_of(w, overlap.state)))
}

/// The mail for who was at a venue that is named, if one is, and the mail for everybody else, if there is anybody.
fn mails(w: &Words, locale: Locale, mail_locale: Locale, preview: &Preview, around: &Surroundings) -> Vec<MailView> {
    let named = |stay: &&alert::StayCount| preview.text.named.as_ref().is_some_and(|named| named.venues.contains_key(&stay.venue_id));
    let first_named = preview.stays.iter().find(named);
    let some_unnamed = preview.stays.iter().any(|stay| !named(&stay));
    let view = |lead, text: &alert::NoticeText| MailView {
        lead,
        subject: text.subject.clone(),
        paragraphs: text.body.split("\n\n").map(ToOwned::to_owned).collect(),
    };
    let mut mails = Vec::with_capacity(2);
    if let Some(stay) = first_named {
        let venue = around.cards.get(&stay.venue_id).map_or_else(String::new, |card| card.name.clone());
        let lead = w.desk_alert_mail_named(venue, locale.short_date(stay.date));
        mails.push(view(Some(lead), &preview.text.for_visit(mail_locale, stay.venue_id, stay.date, false)));
    }
    if first_named.is_none() || some_unnamed {
        let lead = first_named.map(|_| w.desk_alert_mail_unnamed());
        mails.push(view(lead, preview.text.of(mail_locale)));
    }
    mails
}

/// The people of an alert by name; one that is not known any more is said to be unknown.
pub(super) struct People {
    names: HashMap<String, String>,
    unknown: String,
}

impl People {
    /// The people who drafted, submitted, approved and sent these back.
    pub(super) async fn of(connection: &mut PgConnection, w: &Words, statuses: &[&Status]) -> Result<Self, Error> {
        let principals: Vec<&str> = statuses
            .iter()
            .flat_map(|status| {
                let returned = status.returned.as_ref().map(|returned| returned.by.as_str());
                [Some(status.created_by.as_str()), status.submitted_by.as_deref(), status.approved_by.as_deref(), returned]
            })
            .flatten()
            .collect();
        Ok(Self { names: alert::people(connection, &principals).await?, unknown: w.desk_alert_unknown_person() })
    }

    /// The name of this principal as colleagues know it.
    pub(super) fn name(&self, principal: Option<&str>) -> &str {
        principal.and_then(|principal| self.names.get(principal)).unwrap_or(&self.unknown)
    }
}

/// Whether this official may cancel the alert: who submitted or drafted it, and who may approve.
pub(super) fn may_cancel(d: &ConsoleFrame<'_>, status: &Status) -> bool {
    let own = status.submitted_by.as_ref().unwrap_or(&status.created_by) == &format!("official:{}", d.login.official);
    let over = matches!(status.state, AlertState::Done | AlertState::Cancelled);
    !over && (d.may_approve() || (own && d.may_trace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_thousands() {
        for (value, text) in [(0, "0"), (7, "7"), (189, "189"), (1_284, "1,284"), (20_000, "20,000"), (-1_500, "-1,500")] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn totals_are_exact_for_who_types_them_and_rounded_for_others() {
        let w = Locale::Ja.words();
        for (value, exact, rounded) in
            [(0, "0", "0"), (1, "1", "5未満"), (4, "4", "5未満"), (5, "5", "およそ5"), (187, "187", "およそ185"), (188, "188", "およそ190")]
        {
            assert_eq!((total(w, value, true).as_str(), total(w, value, false).as_str()), (exact, rounded));
        }
        assert_eq!((small(w, 0).as_str(), small(w, 4).as_str(), small(w, 5).as_str()), ("0", "5未満", "5"));
    }

    #[test]
    fn dates_in_tables_are_short() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        assert_eq!((day(Locale::Ja, date).as_str(), day(Locale::En, date).as_str()), ("11/20（金）", "Fri 20 Nov"));
    }
}
