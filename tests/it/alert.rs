//! From a reported case to prepared notices: matching, four eyes, the hold, late visits, kills.
#[path = "alert/again.rs"]
mod again;
#[path = "alert/correcting.rs"]
mod correcting;
#[path = "alert/deciding.rs"]
mod deciding;
#[path = "alert/fixture.rs"]
pub mod fixture;
#[path = "alert/holding.rs"]
mod holding;
#[path = "alert/hours.rs"]
mod hours;
#[path = "alert/late.rs"]
mod late;
#[path = "alert/matching.rs"]
mod matching;
#[path = "alert/reporting.rs"]
mod reporting;
#[path = "alert/requesting.rs"]
mod requesting;
#[path = "alert/taken_over.rs"]
mod taken_over;
#[path = "alert/withdrawn.rs"]
mod withdrawn;
#[path = "alert/wording.rs"]
mod wording;
