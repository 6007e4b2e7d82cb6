//! How a decision sheet looks: one column of A4, from the decision to the proof. Pure.
use super::{Facts, Reader, StayLine};
use crate::alert::{Refusal, State};
use crate::audit::words;
use crate::base::clock::Zone;
use crate::base::config::Service;
use crate::base::locale::{Locale, Words};
use crate::base::text::thousands;
use crate::official::Principal;
use crate::poster::pdf::{self, About, Column, Flow, Paper, PdfError, Weight};
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;

/// Sizes in millimetres: title, headings, text, tables. Nothing on paper is under 2.4 mm (docs/LOOK.md §1).
const TITLE: f32 = 6.4;
const HEADING: f32 = 4.4;
const TEXT: f32 = 3.4;
const TABLE: f32 = 3.0;
/// Below this a number is hidden from those who only look on, and to what theirs are rounded (docs/LOOK.md §6 "Small numbers").
const FEW: i64 = 5;

/// Draws the sheet.
pub(super) fn draw(facts: &Facts, service: &Service, reader: Reader) -> Result<Vec<u8>, PdfError> {
    let Reader { locale, exact } = reader;
    let writer = Writer { facts, service, locale, w: locale.words(), zone: service.zone, exact };
    let number = facts.status.number.to_string();
    let mut flow = Flow::new(Paper::A4);
    writer.head(&mut flow);
    writer.decisions(&mut flow);
    writer.stays(&mut flow);
    writer.words(&mut flow);
    writer.delivery(&mut flow);
    writer.late(&mut flow);
    writer.proof(&mut flow);
    let title = writer.w.record_title(number.as_str());
    let pages = flow.finish(|page, of| writer.w.record_foot(title.as_str(), page.to_string(), of.to_string()));
    pdf::pdf(&pages, &About { title: &title, language: locale.tag(), author: &service.operator })
}

struct Writer<'a> {
    facts: &'a Facts,
    service: &'a Service,
    locale: Locale,
    w: &'static Words,
    zone: Zone,
    exact: bool,
}

impl Writer<'_> {
    fn head(&self, flow: &mut Flow) {
        let (w, status) = (self.w, &self.facts.status);
        flow.paragraph(&format!("{}　{}", self.service.city, self.service.name), TABLE, Weight::Regular);
        flow.heading(&w.record_title(status.number.to_string()), TITLE);
        flow.rule();
        let references: Vec<&str> = self.facts.cases.iter().map(|case| case.reference.as_str()).collect();
        let mut fact = |term: String, text: String| flow.fact(&term, &text, TEXT, 0.22);
        fact(w.record_state(), self.state());
        fact(w.record_cases(), if references.is_empty() { w.record_gone() } else { references.join("、") });
        fact(w.record_reach(), self.reach());
        if self.facts.withdrawn > 0 {
            fact(w.record_withdrawn(), w.record_visits(self.number(self.facts.withdrawn)));
        }
        for (term, alert) in [(w.record_corrects(), status.corrects), (w.record_corrected_by(), status.corrected_by)] {
            let number = alert.and_then(|alert| self.facts.names.get(&alert.0));
            if let Some(number) = number {
                fact(term, number.clone());
            }
        }
        fact(w.record_made(), self.moment(self.facts.now));
    }

    /// The decisions and who made them, in order.
    fn decisions(&self, flow: &mut Flow) {
        let (w, facts, status) = (self.w, self.facts, &self.facts.status);
        flow.space(6.0);
        flow.heading(&w.record_decisions(), HEADING);
        let mut rows: Vec<(DateTime<Utc>, Vec<String>)> = Vec::new();
        let mut add = |at, step, who: &str, what: String| rows.push((at, vec![step, self.name(who), self.moment(at), what]));
        for case in &facts.cases {
            add(case.created_at, w.record_step_report(), &case.reported_by, case.reference.clone());
        }
        add(status.created_at, w.record_step_draft(), &status.created_by, String::new());
        if let (Some(at), Some(by)) = (status.submitted_at, &status.submitted_by) {
            add(at, w.record_step_submit(), by, tonight(w, status.tonight_submitted.as_deref()));
        }
        for approval in &facts.approvals {
            let what = [
                w.record_revision(approval.revision.to_string()),
                w.record_visits(self.number(approval.visits.into())),
                w.record_held_until(self.moment(approval.hold_until)),
                tonight(w, approval.tonight_reason.as_deref()),
            ];
            add(approval.approved_at, w.record_step_approve(), &approval.principal, joined(&what));
        }
        if let Some(returned) = &status.returned {
            add(returned.at, w.record_step_return(), &returned.by, returned.reason.clone());
        }
        rows.sort_by_key(|(at, _)| *at);
        let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, row)| row).collect();
        let head = [w.record_col_step(), w.record_col_who(), w.record_col_when(), w.record_col_what()];
        flow.table(&[Column::text(1.3), Column::text(1.8), Column::text(2.2), Column::text(3.2)], &head, &rows, TABLE);
    }

    fn stays(&self, flow: &mut Flow) {
        let (w, facts) = (self.w, self.facts);
        flow.space(6.0);
        flow.heading(&w.record_stays(facts.stays.len().to_string()), HEADING);
        let rows: Vec<Vec<String>> =
            facts.stays.iter().map(|stay| vec![stay.venue.clone(), self.locale.long_date(stay.date), self.notices(stay)]).collect();
        let head = [w.record_col_venue(), w.record_col_date(), w.record_col_notices()];
        flow.table(&[Column::text(4.0), Column::text(2.4), Column::number(1.6)], &head, &rows, TABLE);
        if facts.stays.is_empty() {
            flow.paragraph(&w.record_gone(), TABLE, Weight::Regular);
        }
    }

    /// The exact words, in every language that visitors get them in.
    fn words(&self, flow: &mut Flow) {
        flow.space(6.0);
        flow.heading(&self.w.record_text(), HEADING);
        for locale in Locale::ALL {
            let text = self.facts.texts.of(locale);
            flow.space(2.0);
            flow.paragraph(&text.subject, TEXT, Weight::Bold);
            flow.paragraph(&text.body, TEXT, Weight::Regular);
        }
        if let Some(named) = &self.facts.texts.named {
            flow.space(2.0);
            flow.heading(&self.w.record_text_named(), TEXT);
            for text in [&named.ja, &named.en] {
                flow.paragraph(&text.body, TEXT, Weight::Regular);
                flow.space(2.0);
            }
        }
        if let Some(holds) = &self.facts.texts.holds {
            flow.space(2.0);
            flow.heading(&self.w.record_text_holds(), TEXT);
            for locale in Locale::ALL {
                flow.paragraph(holds.of(locale), TEXT, Weight::Regular);
            }
        }
    }

    fn delivery(&self, flow: &mut Flow) {
        let (w, status, counts) = (self.w, &self.facts.status, &self.facts.delivery);
        flow.space(6.0);
        flow.heading(&w.record_delivery(), HEADING);
        let Some(started) = status.started_at else {
            flow.paragraph(&w.record_not_sent(), TEXT, Weight::Regular);
            return;
        };
        flow.fact(&w.record_started(), &self.moment(started), TEXT, 0.22);
        let finished = status.finished_at.map_or_else(|| w.record_not_finished(), |at| self.moment(at));
        flow.fact(&w.record_finished(), &finished, TEXT, 0.22);
        flow.space(3.0);
        let states = [
            (w.record_queued(), counts.queued),
            (w.record_sent(), counts.sent),
            (w.record_deferred(), counts.deferred),
            (w.record_ambiguous(), counts.ambiguous),
            (w.record_merged(), counts.merged),
            (w.record_suppressed(), counts.suppressed),
            (w.record_bounced(), counts.bounced),
            (w.record_cancelled(), counts.cancelled),
            (w.record_dead(), counts.dead),
            (w.record_sum(), counts.rows()),
            (w.record_attempts(), counts.ambiguous_attempts),
        ];
        let rows: Vec<Vec<String>> = states.into_iter().map(|(name, number)| vec![name, self.number(number)]).collect();
        flow.table(&[Column::text(4.0), Column::number(1.0)], &[w.record_col_state(), w.record_col_mails()], &rows, TABLE);
    }

    fn late(&self, flow: &mut Flow) {
        let (w, facts) = (self.w, self.facts);
        flow.space(6.0);
        flow.heading(&w.record_late(), HEADING);
        let waiting: i64 = facts.stays.iter().filter_map(|stay| stay.late).map(i64::from).sum();
        if facts.late.is_empty() {
            flow.paragraph(&w.record_late_none(), TABLE, Weight::Regular);
        } else {
            let rows: Vec<Vec<String>> = facts
                .late
                .iter()
                .map(|late| {
                    let outcome = match (&late.refused_reason, late.handled_at) {
                        (Some(reason), _) => w.record_late_refused(refusal(w, reason)),
                        (None, Some(at)) => w.record_late_sent(self.moment(at)),
                        (None, None) => w.record_late_waiting(),
                    };
                    vec![self.moment(late.released_at), self.name(&late.principal), self.number(late.visits.into()), outcome]
                })
                .collect();
            let head = [w.record_col_when(), w.record_col_who(), w.record_col_visits(), w.record_col_outcome()];
            flow.table(&[Column::text(2.2), Column::text(1.8), Column::number(1.0), Column::text(2.6)], &head, &rows, TABLE);
        }
        if waiting > 0 {
            flow.space(1.0);
            flow.paragraph(&w.record_late_open(self.number(waiting)), TABLE, Weight::Regular);
        }
    }

    /// The entries of the chain: whoever has the chain can check the sheet by their numbers and hashes.
    fn proof(&self, flow: &mut Flow) {
        let w = self.w;
        flow.space(6.0);
        flow.heading(&w.record_proof(), HEADING);
        flow.paragraph(&w.record_proof_hint(), TABLE, Weight::Regular);
        flow.space(2.0);
        let row = |line: &crate::audit::AuditLine| {
            let who = line.actor_id.and_then(|id| self.facts.names.get(&id).cloned()).unwrap_or_else(|| line.actor_kind.clone());
            let detail = serde_json::from_str::<serde_json::Value>(&line.detail).unwrap_or_default();
            let facts: Vec<String> = detail
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(key, value)| words::fact(self.locale, self.zone, key, value))
                .filter(|_| self.exact)
                .collect();
            let did = std::iter::once(words::did(w, &line.action)).chain(facts).collect::<Vec<_>>().join("\n");
            let hash = HEXLOWER.encode(&line.hash);
            vec![line.id.to_string(), self.moment(line.at), who, did, format!("{}…", &hash[..16])]
        };
        let rows: Vec<Vec<String>> = self.facts.entries.iter().map(row).collect();
        let head = [w.record_col_no(), w.record_col_when(), w.record_col_who(), w.record_col_did(), w.record_col_hash()];
        let columns = [Column::number(0.8), Column::text(1.8), Column::text(1.7), Column::text(3.4), Column::text(1.9)];
        flow.table(&columns, &head, &rows, 2.6);
    }

    fn state(&self) -> String {
        let w = self.w;
        match self.facts.status.state {
            State::Draft => w.record_state_draft(),
            State::Submitted => w.record_state_submitted(),
            State::Held => w.record_state_held(),
            State::Sending => w.record_state_sending(),
            State::Paused => w.record_state_paused(),
            State::Done => w.record_state_done(),
            State::Cancelled => w.record_state_cancelled(),
        }
    }

    /// How many people it reaches: counted before the release, matched after it.
    fn reach(&self) -> String {
        let before = self.facts.counts.iter().map(|count| count.untold()).sum();
        let reached = if self.facts.status.started_at.is_some() { self.facts.delivery.rows() } else { before };
        self.w.record_visits(self.number(reached))
    }

    fn notices(&self, stay: &StayLine) -> String {
        let count = self.facts.counts.iter().find(|count| count.venue_id.0 == stay.venue_id && count.date == stay.date);
        match count {
            Some(count) => self.number(count.untold()),
            // The rows of a date go with the date; that there are none does not mean that there were none.
            None if stay.notices == 0 && self.facts.status.finished_at.is_some() => self.w.record_gone(),
            None => self.number(stay.notices),
        }
    }

    fn number(&self, number: i64) -> String {
        if self.exact || number == 0 {
            thousands(number)
        } else if number < FEW {
            self.w.console_few()
        } else {
            thousands((number + FEW / 2) / FEW * FEW)
        }
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        words::moment(self.locale, self.zone, at)
    }

    fn name(&self, principal: &str) -> String {
        match principal.parse() {
            Ok(Principal::Official(id)) => self.facts.names.get(&id).cloned().unwrap_or_else(|| self.w.audit_actor_unknown()),
            Ok(Principal::Token(name)) => self.w.record_token(name),
            Err(_) => principal.to_owned(),
        }
    }
}

fn refusal(w: &Words, reason: &str) -> String {
    match reason {
        _ if reason == Refusal::Growth.as_str() => w.record_refused_growth(),
        _ if reason == Refusal::Unvouched.as_str() => w.record_refused_unvouched(),
        _ => w.record_refused_cap(),
    }
}

fn tonight(w: &Words, reason: Option<&str>) -> String {
    reason.map(|reason| w.record_tonight(reason)).unwrap_or_default()
}

fn joined(parts: &[String]) -> String {
    parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n")
}
