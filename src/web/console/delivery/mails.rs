//! How mails fare, as people read it: figures, nine states in fixed order, providers, reasons.
use crate::alert::Board;
use crate::base::clock::Zone;
use crate::base::locale::Words;
use crate::mail::board::FEW;
use crate::mail::provider::Provider;
use crate::mail::{FailureReason, Reason};
use chrono::{DateTime, Utc};

/// Numbers as this reader may see them: who cannot prepare alerts sees them rounded to five (docs/LOOK.md §6 "Small numbers").
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    pub(super) exact: bool,
}

impl Numbers {
    /// `1,107`
    pub(super) fn show(self, number: i64) -> String {
        grouped(self.seen(number))
    }

    fn seen(self, number: i64) -> i64 {
        if self.exact { number } else { round_to_five(number) }
    }
}

fn round_to_five(number: i64) -> i64 {
    number.saturating_add(2) / 5 * 5
}

fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A line of the table of states.
pub(super) struct StateLine {
    pub(super) class: &'static str,
    pub(super) label: String,
    pub(super) mails: String,
    pub(super) meaning: String,
}

/// A line of the table of providers.
pub(super) struct ProviderLine {
    pub(super) label: String,
    pub(super) numbers: [String; 3],
}

/// A line of the table of reasons.
pub(super) struct ReasonLine {
    pub(super) code: String,
    pub(super) meaning: String,
    pub(super) mails: String,
    pub(super) next: String,
}

/// A board in words.
pub(super) struct Mails {
    pub(super) sent: String,
    pub(super) all: String,
    /// For `progress`: what is done with and did not fail, of how many.
    pub(super) done: i64,
    pub(super) of: i64,
    pub(super) percent: i64,
    pub(super) per_minute: String,
    pub(super) minutes_left: Option<String>,
    pub(super) oldest_minutes: Option<String>,
    pub(super) states: Vec<StateLine>,
    pub(super) providers: Vec<ProviderLine>,
    pub(super) reasons: Vec<ReasonLine>,
    pub(super) ambiguous_attempts: i64,
    pub(super) repeats: i64,
}

impl Mails {
    pub(super) fn of(w: &Words, zone: Zone, now: DateTime<Utc>, numbers: Numbers, board: &Board) -> Self {
        let (rows, waiting) = (board.counts.rows(), board.waiting());
        // A full bar would say that all arrived.
        let failed = board.counts.bounced + board.counts.dead;
        let left = (waiting > 0 && board.per_minute > 0).then(|| (waiting + board.per_minute - 1) / board.per_minute);
        let oldest = board.oldest_waiting.map(|at| (now - at).num_minutes().max(0));
        Self {
            sent: numbers.show(board.counts.sent),
            all: numbers.show(rows),
            done: numbers.seen(rows - waiting - failed),
            of: numbers.seen(rows),
            percent: if rows == 0 { 0 } else { (rows - waiting - failed) * 100 / rows },
            per_minute: numbers.show(board.per_minute),
            minutes_left: left.map(grouped),
            oldest_minutes: oldest.map(grouped),
            states: states(w, numbers, board),
            providers: providers(w, board),
            reasons: board.reasons.iter().map(|reason| reason_line(w, zone, now, numbers, reason)).collect(),
            ambiguous_attempts: board.counts.ambiguous_attempts,
            repeats: board.counts.repeats,
        }
    }
}

/// The order of docs/LOOK.md §6 "Delivery": what arrived, what waits, what will not.
fn states(w: &Words, numbers: Numbers, board: &Board) -> Vec<StateLine> {
    let counts = &board.counts;
    let line = |class, label, mails, meaning| StateLine { class, label, mails: numbers.show(mails), meaning };
    vec![
        line("good", w.delivery_sent(), counts.sent, w.delivery_sent_text()),
        line("go", w.delivery_queued(), counts.queued, w.delivery_queued_text()),
        line("wait", w.delivery_deferred(), counts.deferred, w.delivery_deferred_text()),
        line("wait", w.delivery_ambiguous(), counts.ambiguous, w.delivery_ambiguous_text()),
        line("", w.delivery_merged(), counts.merged, w.delivery_merged_text()),
        line("", w.delivery_suppressed(), counts.suppressed, w.delivery_suppressed_text()),
        line("bad", w.delivery_bounced(), counts.bounced, w.delivery_bounced_text()),
        line("", w.delivery_cancelled(), counts.cancelled, w.delivery_cancelled_text()),
        line("bad", w.delivery_dead(), counts.dead, w.delivery_dead_text()),
    ]
}

fn providers(w: &Words, board: &Board) -> Vec<ProviderLine> {
    let few = |number: i64| if number == 0 || number >= FEW { grouped(number) } else { w.delivery_few() };
    let line = |(provider, fared): &(Provider, crate::mail::provider::Fared)| ProviderLine {
        label: provider_name(w, *provider),
        numbers: [few(fared.sent), few(fared.deferred), few(fared.bounced)],
    };
    board.providers.iter().map(line).collect()
}

fn provider_name(w: &Words, provider: Provider) -> String {
    match provider {
        Provider::Docomo => "docomo.ne.jp".to_owned(),
        Provider::Au => "au.com / ezweb.ne.jp".to_owned(),
        Provider::Softbank => "softbank.ne.jp".to_owned(),
        Provider::Gmail => "gmail.com".to_owned(),
        Provider::Yahoo => "yahoo.co.jp".to_owned(),
        Provider::Icloud => "icloud.com".to_owned(),
        Provider::Other => w.delivery_provider_other(),
    }
}

fn reason_line(w: &Words, zone: Zone, now: DateTime<Utc>, numbers: Numbers, reason: &Reason) -> ReasonLine {
    let next = match reason.next_at {
        Some(at) if at <= now => w.delivery_next_now(),
        Some(at) if zone.today(at) == zone.today(now) => zone.wall_time(at),
        Some(at) => w.delivery_next_other_day(zone.wall_time(at)),
        None => w.delivery_next_none(),
    };
    ReasonLine {
        code: reason.reason.clone(),
        meaning: failure_reason(w, FailureReason::of(&reason.reason)),
        mails: numbers.show(reason.rows),
        next,
    }
}

pub(super) fn failure_reason(w: &Words, failure_reason: FailureReason) -> String {
    match failure_reason {
        FailureReason::Busy => w.delivery_why_busy(),
        FailureReason::Later => w.delivery_why_later(),
        FailureReason::MailboxFull => w.delivery_why_mailbox_full(),
        FailureReason::NoMailbox => w.delivery_why_no_mailbox(),
        FailureReason::Policy => w.delivery_why_policy(),
        FailureReason::Filter => w.delivery_why_filter(),
        FailureReason::Quota => w.delivery_why_quota(),
        FailureReason::TooLarge => w.delivery_why_too_large(),
        FailureReason::NoConnection => w.delivery_why_no_connection(),
        FailureReason::Lost => w.delivery_why_lost(),
        FailureReason::NoAnswer => w.delivery_why_no_answer(),
        FailureReason::Tls => w.delivery_why_tls(),
        FailureReason::LogIn => w.delivery_why_log_in(),
        FailureReason::Paused => w.delivery_why_paused(),
        FailureReason::Night => w.delivery_why_night(),
        FailureReason::Correction => w.delivery_why_correction(),
        FailureReason::Turn => w.delivery_why_turn(),
        FailureReason::Expired => w.delivery_why_expired(),
        FailureReason::GivenUp => w.delivery_why_given_up(),
        FailureReason::Interrupted => w.delivery_why_interrupted(),
        FailureReason::Erased => w.delivery_why_erased(),
        FailureReason::Unopenable => w.delivery_why_unopenable(),
        FailureReason::Internal => w.delivery_why_internal(),
        FailureReason::Refused => w.delivery_why_refused(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_rounded_for_who_only_looks_on() {
        let (exact, rounded) = (Numbers { exact: true }, Numbers { exact: false });
        for (number, shown, seen) in [
            (0, "0", "0"),
            (2, "2", "0"),
            (3, "3", "5"),
            (7, "7", "5"),
            (8, "8", "10"),
            (1107, "1,107", "1,105"),
            (1_234_568, "1,234,568", "1,234,570"),
        ] {
            assert_eq!((exact.show(number).as_str(), rounded.show(number).as_str()), (shown, seen));
        }
    }
}
