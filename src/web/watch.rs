//! Faults that a web process sees, told to officials as alarms. Requests only set marks; the upkeep comes here, so
//! that no request waits for the database.
use crate::base::clock::Zone;
use crate::official::{self, AlarmKind};
use crate::visit::Hole;
use crate::web::client::ProxyState;
use crate::web::state::State;
use chrono::{DateTime, Duration, Utc};
use std::time::Instant;

/// A proxy must have been readable for so long, in every process, until its alarm ends.
pub const READABLE_AGAIN: Duration = Duration::minutes(10);
/// For so long a hole in the check-ins stays on the dashboard after they work again: who was not there at night reads of
/// it in the morning.
pub const HOLE_SHOWN: Duration = Duration::hours(12);

/// Raises and clears the alarms about proxies and about check-ins that were not written.
///
/// # Errors
/// The database; on a full disk the log and `/readyz` have to do, until it can be written.
pub async fn watch(state: &State) -> Result<(), sqlx::Error> {
    let mut connection = state.pool.acquire().await?;
    let now = state.clock.now();
    match state.proxies.state(now.timestamp()) {
        ProxyState::Unreadable => drop(official::raise(&mut connection, now, AlarmKind::ProxyUnreadable, "").await?),
        ProxyState::Readable => {
            official::clear_if_quiet(&mut connection, now, AlarmKind::ProxyUnreadable, READABLE_AGAIN).await?;
        }
        ProxyState::Unknown => {}
    }
    match state.recorder.hole() {
        Some(hole) if hole.is_worth_telling(Instant::now()) => {
            let detail = detail(&hole, now, state.service.zone);
            official::raise(&mut connection, now, AlarmKind::CheckInsFail, &detail).await?;
            state.recorder.told(&hole);
        }
        _ => drop(official::clear_if_quiet(&mut connection, now, AlarmKind::CheckInsFail, HOLE_SHOWN).await?),
    }
    Ok(())
}

/// From when until when, how many were turned away, and why: `2026-12-01 03:10–03:25: 932 × 503 (disk full)`.
fn detail(hole: &Hole, now: DateTime<Utc>, zone: Zone) -> String {
    let ago = |instant: Instant| now - Duration::from_std(instant.elapsed()).unwrap_or_default();
    let (began, cause) = (ago(hole.began), hole.cause.as_str());
    let from = format!("{} {}", zone.today(began), zone.wall_time(began));
    let until = hole.ended.map(|ended| zone.wall_time(ago(ended))).unwrap_or_default();
    format!("{from}–{until}: {} × 503 ({cause})", hole.refused)
}
