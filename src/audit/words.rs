//! The chain in words: a sentence for each action, a phrase for each detail. What is not known is shown as it is stored.
use crate::base::clock::Zone;
use crate::base::locale::{Locale, Words};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

/// The act as a sentence; its code where there is no sentence.
pub fn did(w: &Words, action: &str) -> String {
    let room = action.split('.').next().unwrap_or_default();
    let sentence = match room {
        "alarm" => did_alarm(w, action),
        "alert" => did_alert(w, action),
        "audit" => did_audit(w, action),
        "case" => did_case(w, action),
        "official" => did_official(w, action),
        "delivery" => did_delivery(w, action),
        "read" => did_read(w, action),
        "keys" => did_keys(w, action),
        "retention" => did_retention(w, action),
        "sending" => did_sending(w, action),
        "token" => did_token(w, action),
        "venue" => did_venue(w, action),
        "visit" => did_visit(w, action),
        _ => None,
    };
    sentence.unwrap_or_else(|| action.to_owned())
}

fn did_alarm(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "alarm.raise" => w.audit_did_alarm_raise(),
        "alarm.clear" => w.audit_did_alarm_clear(),
        _ => return None,
    })
}

fn did_alert(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "alert.draft" => w.audit_did_alert_draft(),
        "alert.wording" => w.audit_did_alert_wording(),
        "alert.submit" => w.audit_did_alert_submit(),
        "alert.return" => w.audit_did_alert_return(),
        "alert.approve" => w.audit_did_alert_approve(),
        "alert.cancel" => w.audit_did_alert_cancel(),
        "alert.pause" => w.audit_did_alert_pause(),
        "alert.resume" => w.audit_did_alert_resume(),
        "alert.release_late" => w.audit_did_alert_release_late(),
        "alert.correct" => w.audit_did_alert_correct(),
        _ => return None,
    })
}

fn did_audit(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "audit.export" => w.audit_did_audit_export(),
        "audit.verify" => w.audit_did_audit_verify(),
        _ => return None,
    })
}

fn did_case(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "case.report" => w.audit_did_case_report(),
        "case.close" => w.audit_did_case_close(),
        "case.reopen" => w.audit_did_case_reopen(),
        "case.note" => w.audit_did_case_note(),
        "case.dates" => w.audit_did_case_dates(),
        "case.add_stays" => w.audit_did_case_add_stays(),
        "case.remove_stay" => w.audit_did_case_remove_stay(),
        _ => return None,
    })
}

fn did_official(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "official.invite" => w.audit_did_official_invite(),
        "official.join" => w.audit_did_official_join(),
        "official.log_in" => w.audit_did_official_log_in(),
        "official.log_in_refused" => w.audit_did_official_log_in_refused(),
        "official.log_out" => w.audit_did_official_log_out(),
        "official.prove" => w.audit_did_official_prove(),
        "official.prove_refused" => w.audit_did_official_prove_refused(),
        "official.disable" => w.audit_did_official_disable(),
        "official.enable" => w.audit_did_official_enable(),
        "official.change_role" => w.audit_did_official_change_role(),
        "official.change_second_factor" => w.audit_did_official_change_second_factor(),
        "official.new_recovery_codes" => w.audit_did_official_new_recovery_codes(),
        "official.reset" => w.audit_did_official_reset(),
        "official.confirm" => w.audit_did_official_confirm(),
        "official.withdraw" => w.audit_did_official_withdraw(),
        "official.vouch" => w.audit_did_official_vouch(),
        "official.change_password" => w.audit_did_official_change_password(),
        "official.end_session" => w.audit_did_official_end_session(),
        _ => return None,
    })
}

fn did_delivery(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "delivery.retry" => w.audit_did_delivery_retry(),
        "delivery.send_again" => w.audit_did_delivery_send_again(),
        "delivery.give_up" => w.audit_did_delivery_give_up(),
        _ => return None,
    })
}

fn did_read(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "read.alarm" => w.audit_did_read_alarm(),
        "read.alert_preview" => w.audit_did_read_alert_preview(),
        "read.alert_delivery" => w.audit_did_read_alert_delivery(),
        "read.alert_list" => w.audit_did_read_alert_list(),
        "read.alert_record" => w.audit_did_read_alert_record(),
        "read.case_visits" => w.audit_did_read_case_visits(),
        "read.daily_counts" => w.audit_did_read_daily_counts(),
        "read.delivery_board" => w.audit_did_read_delivery_board(),
        "read.venue_visits" => w.audit_did_read_venue_visits(),
        _ => return None,
    })
}

fn did_keys(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "keys.wrap" => w.audit_did_keys_wrap(),
        "keys.finish_change" => w.audit_did_keys_finish_change(),
        "keys.discard" => w.audit_did_keys_discard(),
        _ => return None,
    })
}

fn did_retention(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "retention.purge" => w.audit_did_retention_purge(),
        "retention.let_go" => w.audit_did_retention_let_go(),
        "retention.tidy" => w.audit_did_retention_tidy(),
        _ => return None,
    })
}

fn did_sending(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "sending.stop" => w.audit_did_sending_stop(),
        "sending.trial" => w.audit_did_sending_trial(),
        "sending.trial_refused" => w.audit_did_sending_trial_refused(),
        "sending.resume" => w.audit_did_sending_resume(),
        _ => return None,
    })
}

fn did_token(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "token.create" => w.audit_did_token_create(),
        "token.revoke" => w.audit_did_token_revoke(),
        _ => return None,
    })
}

fn did_venue(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "venue.edit" => w.shop_did_edit(),
        "venue.pause" => w.shop_did_pause(),
        "venue.unpause" => w.shop_did_unpause(),
        "venue.monthly_mail" => w.shop_did_monthly_mail(),
        "venue.answer" => w.shop_did_answer(),
        "venue.rename_poster" => w.shop_did_rename(),
        "venue.apply" => w.audit_did_venue_apply(),
        "venue.confirm" => w.audit_did_venue_confirm(),
        "venue.approve" => w.audit_did_venue_approve(),
        "venue.refuse" => w.audit_did_venue_refuse(),
        "venue.ask" => w.audit_did_venue_ask(),
        "venue.read_answer" => w.audit_did_venue_read_answer(),
        "venue.review" => w.audit_did_venue_review(),
        "venue.kana" => w.audit_did_venue_kana(),
        "venue.suspend" => w.audit_did_venue_suspend(),
        "venue.resume" => w.audit_did_venue_resume(),
        "venue.contact" => w.audit_did_venue_contact(),
        "venue.close" => w.audit_did_venue_close(),
        "venue.add_posters" => w.audit_did_venue_add_posters(),
        "venue.rotate_poster" => w.audit_did_venue_rotate_poster(),
        "venue.activate" => w.bulk_did_activate(),
        "venue.confirm_mailbox" => w.bulk_did_confirm_mailbox(),
        "venue.export" => w.bulk_did_export(),
        "venue.import" => w.bulk_did_import(),
        "venue.release_mails" => w.bulk_did_release_mails(),
        "venue.undo_import" => w.bulk_did_undo_import(),
        "venue.print_letters" => w.bulk_did_print_letters(),
        "venue.renew_letter" => w.bulk_did_renew_letter(),
        "venue.revoke_poster" => w.audit_did_venue_revoke_poster(),
        _ => return None,
    })
}

fn did_visit(w: &Words, action: &str) -> Option<String> {
    Some(match action {
        "visit.forget" => w.audit_did_visit_forget(),
        "visit.start_notices" => w.audit_did_visit_start_notices(),
        "visit.stop_notices" => w.audit_did_visit_stop_notices(),
        "visit.look_up" => w.audit_did_visit_look_up(),
        _ => return None,
    })
}

/// A detail in words; `None` for one that says nothing by itself.
pub fn fact(locale: Locale, zone: Zone, key: &str, value: &Value) -> Option<String> {
    let w = locale.words();
    let value = plain(locale, zone, value)?;
    let value = value.as_str();
    Some(match key {
        "minute" | "second_factor" | "had_one" => return None,
        "again" => w.audit_fact_again(value),
        "answer" => w.audit_fact_answer(value),
        "correction" => w.audit_fact_correction(value),
        "digest" => w.audit_fact_digest(value),
        "filter" => w.audit_fact_filter(value),
        "gone" => w.audit_fact_gone(value),
        "head" => w.audit_fact_head(value),
        "notices_cancelled" => w.audit_fact_notices_cancelled(value),
        "recovery_code" => w.audit_fact_recovery_code(),
        "replaces" => w.audit_fact_replaces(value),
        "tonight" => w.audit_fact_tonight(),
        "edition" => w.audit_fact_edition(value),
        "kind" => w.audit_fact_kind(value),
        "no" => w.audit_fact_no(value),
        "people" => w.audit_fact_people(value),
        "sessions_ended" => w.audit_fact_sessions_ended(value),
        "tries" => w.audit_fact_tries(value),
        "state" => w.audit_fact_state(value),
        "broken_at" => w.audit_fact_broken_at(value),
        "cases" => w.audit_fact_cases(value),
        "count" => w.audit_fact_count(value),
        "date" => w.audit_fact_date(value),
        "entries" => w.audit_fact_entries(value),
        "key" => w.audit_fact_key(value),
        "data_keys" => w.audit_fact_data_keys(value),
        "wrappings" => w.audit_fact_wrappings(value),
        "from" => w.audit_fact_from(value),
        "hold_until" => w.audit_fact_hold_until(value),
        "late" => w.audit_fact_late(value),
        "looks" => w.audit_fact_looks(value),
        "name" => w.audit_fact_name(value),
        "posters" => w.audit_fact_posters(value),
        "reads" => w.audit_fact_reads(value),
        "reason" => w.audit_fact_reason(value),
        "revision" => w.audit_fact_revision(value),
        "role" => w.audit_fact_role(value),
        "status" => w.audit_fact_status(value),
        "stays" => w.audit_fact_stays(value),
        "to" => w.audit_fact_to(value),
        "unsent" => w.audit_fact_unsent(value),
        "visits" => w.audit_fact_visits(value),
        "venues" => w.bulk_fact_venues(value),
        "invited" => w.bulk_fact_invited(value),
        "known" => w.bulk_fact_known(value),
        "hidden" => w.bulk_fact_hidden(value),
        "struck" => w.bulk_fact_struck(value),
        "kept" => w.bulk_fact_kept(value),
        "withdrawn" => w.bulk_fact_withdrawn(value),
        "recalled" => w.bulk_fact_recalled(value),
        "letters" => w.bulk_fact_letters(value),
        _ => format!("{key}: {value}"),
    })
}

/// A value as people read it: dates in their language, moments on the service's clock, hashes by their beginning.
fn plain(locale: Locale, zone: Zone, value: &Value) -> Option<String> {
    const HASH_DIGITS: usize = 64;
    let text = match value {
        Value::Null | Value::Bool(false) => return None,
        Value::String(text) if text.is_empty() => return None,
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => return None,
        Value::Array(items) => return Some(items.len().to_string()),
        other => other.to_string(),
    };
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(locale.date(date));
    }
    if let Ok(at) = text.parse::<DateTime<Utc>>() {
        return Some(moment(locale, zone, at));
    }
    let is_hash = text.len() == HASH_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(if is_hash { format!("{}…", &text[..12]) } else { text })
}

/// A moment as people read it: date and time to the second.
pub fn moment(locale: Locale, zone: Zone, at: DateTime<Utc>) -> String {
    format!("{} {}", locale.date(zone.today(at)), at.with_timezone(&zone.0).format("%H:%M:%S"))
}
