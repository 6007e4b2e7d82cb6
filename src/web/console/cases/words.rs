//! The mistakes in a case, in the reader's words.
use crate::alert::{DraftError, ReportError, State};
use crate::base::locale::{Locale, Words};
use crate::base::text::TextError;
use crate::case::{CaseError, CaseProblem, DateProblem, MAX_NOTE_CHARS, MAX_STAYS, NoteProblem, ReferenceProblem, StayProblem};
use chrono::NaiveDate;

/// The words for a reference.
pub(super) fn reference(w: &Words, problem: ReferenceProblem) -> String {
    match problem {
        ReferenceProblem::Empty => w.case_reference_empty(),
        ReferenceProblem::TooLong => w.case_reference_too_long(),
        ReferenceProblem::Characters => w.case_reference_characters(),
    }
}

/// The words for onset or test.
pub(super) fn date(w: &Words, problem: DateProblem) -> String {
    match problem {
        DateProblem::Future => w.case_date_future(),
        DateProblem::TooOld => w.case_date_too_old(),
    }
}

/// The words for a note.
pub(super) fn note(w: &Words, problem: NoteProblem) -> String {
    match problem {
        NoteProblem::Text(TextError::Empty) => w.case_note_empty(),
        NoteProblem::Text(TextError::TooLong) => w.case_note_too_long(MAX_NOTE_CHARS.to_string()),
        NoteProblem::Text(TextError::Forbidden) => w.case_note_forbidden(),
        NoteProblem::Mail => w.case_note_mail(),
        NoteProblem::Phone => w.case_note_phone(),
        NoteProblem::Name => w.case_note_name(),
    }
}

fn problem(locale: Locale, problem: &CaseProblem, dates: &[NaiveDate]) -> String {
    let w = locale.words();
    match problem {
        CaseProblem::Reference(problem) => reference(w, *problem),
        CaseProblem::Date { problem, .. } => date(w, *problem),
        CaseProblem::Note(problem) => note(w, *problem),
        CaseProblem::NoStays => w.case_stays_none(),
        CaseProblem::TooManyStays(_) => w.case_stays_too_many(MAX_STAYS.to_string()),
        CaseProblem::Stay { index, problem } => {
            let date = dates.get(*index).map(|date| locale.short_date(*date)).unwrap_or_default();
            match problem {
                StayProblem::Future => w.case_stay_future(date),
                StayProblem::TooOld { oldest } => w.case_stay_too_old(date, locale.short_date(*oldest)),
                StayProblem::UnknownVenue => w.case_stay_unknown_venue(),
                StayProblem::NeverActive => w.case_stay_never_active(),
            }
        }
    }
}

/// Everything that is wrong, each sentence once. `None`: not a fault of what was typed. `dates` are those that were sent.
pub(super) fn complaints(locale: Locale, error: &ReportError, dates: &[NaiveDate]) -> Option<Vec<String>> {
    let w = locale.words();
    match error {
        ReportError::Case(CaseError::Invalid(problems)) => {
            let mut sentences = Vec::new();
            for sentence in problems.iter().map(|one| problem(locale, one, dates)) {
                if !sentences.contains(&sentence) {
                    sentences.push(sentence);
                }
            }
            Some(sentences)
        }
        ReportError::Case(CaseError::Closed) => Some(vec![w.case_is_closed()]),
        ReportError::Case(CaseError::TooManyNotes) => Some(vec![w.case_notes_too_many()]),
        ReportError::Draft(DraftError::TooManyStays) => Some(vec![w.case_draft_too_many()]),
        ReportError::Submitted => Some(vec![w.case_stay_submitted()]),
        _ => None,
    }
}

/// How an alert stands: words, and the class of the sign.
pub(super) fn alert_state(w: &Words, state: State) -> (String, &'static str) {
    match state {
        State::Draft => (w.case_alert_draft(), "wait"),
        State::Submitted => (w.case_alert_submitted(), "wait"),
        State::Held => (w.case_alert_held(), "wait"),
        State::Sending => (w.case_alert_sending(), "go"),
        State::Paused => (w.case_alert_paused(), "wait"),
        State::Done => (w.case_alert_done(), "good"),
        State::Cancelled => (w.case_alert_cancelled(), ""),
    }
}

/// A date as a browser's field sends it, or as people type it: `2026-11-20`, `2026/11/20`, `20261120`.
pub(super) fn typed_date(text: &str) -> Result<Option<NaiveDate>, ()> {
    let text: String = unicode_normalization::UnicodeNormalization::nfkc(text.trim()).collect();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > 20 {
        return Err(());
    }
    let formats = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"];
    formats.iter().find_map(|format| NaiveDate::parse_from_str(&text, format).ok()).map(Some).ok_or(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_browsers_and_people_write_them() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 20);
        for text in ["2026-11-20", "2026/11/20", " 20261120 ", "2026年11月20日", "２０２６−１１−２０".replace('−', "-").as_str()]
        {
            assert_eq!(typed_date(text), Ok(day), "{text}");
        }
        assert_eq!(typed_date(" "), Ok(None));
        for bad in ["2026-11-31", "昨日", "11/20", "2026-11-20T00:00", &"9".repeat(1000)] {
            assert_eq!(typed_date(bad), Err(()), "{bad}");
        }
    }
}
