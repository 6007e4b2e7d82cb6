//! Printed letters to venues that the city entered, on the console.
use crate::official::MayTrace;
use crate::venue::import::ImportId;
use crate::venue::{City, VenueId, activation};
use crate::web::console::ConsoleRequest;
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::print_kit::letters;
use crate::web::session::May;
use actix_web::HttpResponse;
use actix_web::web::Path;

/// `POST /console/venues/import/{id}/letters`: letters and posters of the piece that begins with row `from`.
pub(crate) async fn of_batch(console: ConsoleRequest, may: May<MayTrace>, id: Path<ImportId>, form: Form) -> Result<HttpResponse, Error> {
    let from = form.get("from").parse::<i32>().ok();
    letters::of_batch(&console.state, console.now, City::from(&may.0), *id, from).await
}

/// `POST /console/venues/{id}/letter`
pub(crate) async fn of_venue(console: ConsoleRequest, may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    letters::answer(&console.state, console.now, City::from(&may.0), &[*id]).await
}

/// `POST /console/venues/{id}/letter/renew`: the letter is in the wrong hands.
pub(crate) async fn renew(console: ConsoleRequest, may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let mut act = console.act(City::from(&may.0)).await?;
    activation::renew(&mut act, console.state.activation()?, *id).await?;
    act.commit().await?;
    Ok(crate::web::console::cases::to_page(&console, &format!("/console/venues/{id}"), "letter_renewed"))
}
