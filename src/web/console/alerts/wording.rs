//! `/console/alerts/{id}/wording`: what an alert says, as far as people may choose.
use super::view::{day, number};
use super::{found, go, path_of, refused};
use crate::alert::{
    self, Advice, AlertError, AlertId, MAX_WATCH_DAYS, NotPlain, RawWording, Status, WordingError, WordingField, WordingProblem, rounded,
    watch_until,
};
use crate::base::locale::Words;
use crate::official::MayTrace;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::page::page;
use crate::web::session::May;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use chrono::Days;

struct Choice {
    value: &'static str,
    label: String,
    chosen: bool,
}

struct Day {
    value: String,
    label: String,
    chosen: bool,
}

struct Note {
    name: &'static str,
    error_id: String,
    lang: &'static str,
    label: String,
    text: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "web/console/alerts/wording.html")]
struct WordingPage<'a> {
    d: ConsoleFrame<'a>,
    title: String,
    path: String,
    wrong: bool,
    advices: Vec<Choice>,
    advice_error: Option<String>,
    days: Vec<Day>,
    until_error: Option<String>,
    notes: Vec<Note>,
    name_venues: bool,
    agreed: String,
    venues: String,
}

/// `GET /console/alerts/{id}/wording`
pub(crate) async fn wording_form(console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let status = found(&mut *console.state.pool.acquire().await?, *id).await?;
    if !status.may_be_edited() {
        return refused(&console, *id, AlertError::WrongState(status.state)).await;
    }
    let wording = &status.wording;
    let raw = RawWording {
        advice: wording.advice.to_string(),
        until: if status.until_chosen { wording.until.to_string() } else { String::new() },
        note_ja: wording.note_ja.clone().unwrap_or_default(),
        note_en: wording.note_en.clone().unwrap_or_default(),
        name_venues: wording.name_venues,
    };
    render(&console, &status, &raw, &[], StatusCode::OK).await
}

/// `POST /console/alerts/{id}/wording`
pub(crate) async fn word(console: ConsoleRequest, may: May<MayTrace>, id: Path<AlertId>, form: Form) -> Result<HttpResponse, Error> {
    let raw = RawWording {
        advice: form.get("advice").into(),
        until: form.get("until").into(),
        note_ja: form.get("note_ja").into(),
        note_en: form.get("note_en").into(),
        name_venues: !form.get("name_venues").is_empty(),
    };
    let mut act = console.act(&may.0).await?;
    match alert::set_wording(&mut act, *id, &raw).await {
        Ok(()) => {
            act.commit().await?;
            Ok(go(&console, &path_of(*id), "worded"))
        }
        Err(WordingError::Invalid(problems)) => {
            act.rollback().await?;
            let status = found(&mut *console.state.pool.acquire().await?, *id).await?;
            render(&console, &status, &raw, &problems, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(WordingError::Alert(error)) => {
            act.rollback().await?;
            refused(&console, *id, error).await
        }
    }
}

async fn render(
    console: &ConsoleRequest,
    status: &Status,
    raw: &RawWording,
    problems: &[(WordingField, WordingProblem)],
    code: StatusCode,
) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Alerts).await?;
    let w = d.f.w;
    let mut connection = console.state.pool.acquire().await?;
    let (agreed, venues) = alert::consents(&mut connection, status.id).await?;
    let hotline = console.state.service.hotline.as_str();
    let error = |field| problems.iter().find(|(wrong, _)| *wrong == field).map(|(_, problem)| words_of(w, *problem, hotline));
    let note = |name: &'static str, lang, label, text: &str, field| Note {
        name,
        error_id: format!("{name}e"),
        lang,
        label,
        text: text.to_owned(),
        error: error(field),
    };
    let shown = WordingPage {
        title: w.desk_alert_words_title(status.number.to_string()),
        path: path_of(status.id),
        wrong: !problems.is_empty(),
        advices: advices(w, &raw.advice),
        advice_error: error(WordingField::Advice).map(|_| w.desk_alert_wrong_choice()),
        days: days(console, &d, &raw.until),
        until_error: error(WordingField::Until).map(|_| w.desk_alert_wrong_until()),
        notes: vec![
            note("note_ja", "ja", w.desk_alert_note_ja(), &raw.note_ja, WordingField::NoteJa),
            note("note_en", "en", w.desk_alert_note_en(), &raw.note_en, WordingField::NoteEn),
        ],
        name_venues: raw.name_venues,
        agreed: number(agreed),
        venues: number(venues),
        d,
    };
    page(code, &shown)
}

fn advices(w: &Words, chosen: &str) -> Vec<Choice> {
    let label = |advice| match advice {
        Advice::Watch => w.desk_alert_advice_watch(),
        Advice::Test => w.desk_alert_advice_test(),
        Advice::StayHome => w.desk_alert_advice_stay_home(),
    };
    Advice::ALL
        .into_iter()
        .map(|advice| Choice { value: advice.as_str(), label: label(advice), chosen: advice.as_str() == chosen })
        .collect()
}

/// Every day that may be chosen. A list and no date field: that follows the browser's language and lets nonsense in.
fn days(console: &ConsoleRequest, d: &ConsoleFrame<'_>, chosen: &str) -> Vec<Day> {
    let (w, zone) = (d.f.w, console.state.service.zone);
    let suggested = watch_until(console.now, zone);
    let label = w.desk_alert_until_suggested(day(d.f.locale, suggested));
    let mut days = vec![Day { value: String::new(), label, chosen: chosen.is_empty() }];
    let today = zone.today(console.now);
    for ahead in 1..=MAX_WATCH_DAYS {
        let Some(date) = today.checked_add_days(Days::new(ahead)) else { break };
        let plain = d.f.locale.long_date(date);
        let label = if date == rounded(date) { w.desk_alert_until_sunday(plain) } else { plain };
        let value = date.to_string();
        days.push(Day { chosen: value == chosen, value, label });
    }
    days
}

fn words_of(w: &Words, problem: WordingProblem, hotline: &str) -> String {
    match problem {
        WordingProblem::Unknown => w.desk_alert_wrong_choice(),
        WordingProblem::OutOfRange => w.desk_alert_wrong_until(),
        WordingProblem::Note(NotPlain::TooLong) => w.desk_alert_wrong_long(),
        WordingProblem::Note(NotPlain::Characters) => w.desk_alert_wrong_characters(),
        WordingProblem::Note(NotPlain::Link) => w.desk_alert_wrong_link(),
        WordingProblem::Note(NotPlain::Mail) => w.desk_alert_wrong_mail(),
        WordingProblem::Note(NotPlain::Phone) => w.desk_alert_wrong_phone(hotline),
    }
}
