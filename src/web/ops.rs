//! For the operator: is the process alive, and can it take a check-in?
use crate::base::db::{self, Cause};
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::web::Data;

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: 200 when this process can take a check-in, and below it a line for each thing that will end that unless
/// somebody does something; else 503 with what is missing, a line each.
pub(crate) async fn readyz(state: Data<State>) -> HttpResponse {
    let missing = missing(&state).await;
    if missing.is_empty() {
        let warnings = state.watch.warnings(state.service.zone, state.clock.now());
        let body: String = warnings.iter().map(|warning| format!("{warning}\n")).collect();
        return HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(format!("ready\n{body}"));
    }
    HttpResponse::ServiceUnavailable()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("Retry-After", "5"))
        .body(missing.join("\n") + "\n")
}

async fn missing(state: &State) -> Vec<String> {
    let mut missing = Vec::new();
    match db::is_migrated(&state.pool).await {
        Ok(true) => {}
        Ok(false) => missing.push("migrations".to_owned()),
        Err(error) => missing.push(format!("database: {}", Cause::of(&error).as_str())),
    }
    if !state.is_unlocked() {
        missing.push("secret key".to_owned());
    }
    let (zone, now) = (state.service.zone, state.clock.now());
    if !state.sealer.ready(zone.today(now)) {
        missing.push("day key".to_owned());
    } else if !state.watch.agree_everywhere(zone, now) {
        missing.push("clock".to_owned());
    }
    if let Some(cause) = state.recorder.trouble() {
        missing.push(format!("check-ins: {}", cause.as_str()));
    } else if !state.recorder.is_up() {
        missing.push("check-ins: stopping".to_owned());
    }
    missing
}
