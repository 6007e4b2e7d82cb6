//! The first page after the log-in.
use crate::web::console::{Desk, DeskFrame, Here};
use crate::web::error::Error;
use crate::web::look::page;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

#[derive(Template)]
#[template(path = "web/console/dashboard.html")]
struct Dashboard<'a> {
    d: DeskFrame<'a>,
    date: String,
    time: String,
}

/// `GET /console`
pub(crate) async fn show(state: Data<State>, desk: Desk) -> Result<HttpResponse, Error> {
    let zone = state.service.zone;
    let d = desk.frame(&state, Here::Top).await?;
    let date = d.f.locale.long_date(zone.today(desk.now));
    page(StatusCode::OK, &Dashboard { d, date, time: zone.wall_time(desk.now) })
}
