//! Check-ins of each day for programs.
use crate::audit::Reading;
use crate::official::{MayView, Role};
use crate::stats::{self, ShownCount};
use crate::web::error::Error;
use crate::web::read_audit;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::json;

/// A day as programs see it.
#[derive(Serialize)]
struct Day {
    date: NaiveDate,
    check_ins: Option<i64>,
    few: bool,
    usual: Option<i64>,
    open: bool,
    counted_at: Option<DateTime<Utc>>,
}

/// `GET /api/v1/stats`
pub(crate) async fn show(state: Data<State>, may: May<MayView>) -> Result<HttpResponse, Error> {
    read_audit::note(&state, may.0.actor(), Reading::DailyCounts, None).await?;
    let exact = may.0.role() != Role::Viewer;
    let mut connection = state.pool.acquire().await?;
    let today = state.service.zone.today(state.clock.now());
    let shown = |number: Option<i64>| number.map(|number| ShownCount::of(number, exact));
    let days: Vec<Day> = stats::last_days(&mut connection, today)
        .await?
        .into_iter()
        .map(|day| Day {
            date: day.date,
            check_ins: shown(day.check_ins).and_then(ShownCount::number),
            few: shown(day.check_ins) == Some(ShownCount::Few),
            usual: shown(day.usual).and_then(ShownCount::number),
            open: day.open,
            counted_at: day.counted_at,
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({ "days": days })))
}
