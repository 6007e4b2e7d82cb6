//! Officials decide, and posters come and go.
use super::{Hall, form, noon};
use ashiato::base::config::VenuePolicy;
use ashiato::base::db::DbRole;
use ashiato::venue::poster::MAX_POSTERS_PER_VENUE;
use ashiato::venue::venue_list::UNCONFIRMED_DAYS;
use ashiato::venue::{
    Applicant, Filter, PosterId, PosterStatus, Query, RawVenue, Said, VenueError, VenueId, VenueKind, VenueStatus, add_posters, approve,
    close, discard_abandoned, find_by_code, list, refuse, resume, revoke, rotate, suspend,
};
use chrono::Duration;

/// Runs one act in a transaction of its own.
macro_rules! act {
    ($hall:expr, $act:ident, $session:expr, $venue:expr $(, $more:expr)?) => {{
        let mut act = $hall.act($session).await;
        let result = $act(&mut act, $venue $(, $more)?).await;
        act.commit().await.unwrap();
        result
    }};
}

#[tokio::test]
async fn a_venue_goes_its_way_and_each_step_leaves_a_letter_and_an_entry() {
    let hall = Hall::open().await;
    let session = hall.tracer().await;
    let venue = hall.apply(&form(), Applicant::Official(&session, VenuePolicy::Reviewed)).await.id;
    let code = hall.posters(venue).await[0].code;
    let open = async || find_by_code(&mut hall.pool.acquire().await.unwrap(), &code).await.unwrap().is_some();
    assert!(!open().await);
    assert_eq!(act!(hall, approve, &session, venue).unwrap().status, VenueStatus::Active);
    assert!(open().await);
    assert_eq!(act!(hall, suspend, &session, venue).unwrap().status, VenueStatus::Suspended);
    assert!(!open().await);
    assert_eq!(act!(hall, resume, &session, venue).unwrap().status, VenueStatus::Active);
    assert!(open().await);
    assert_eq!(act!(hall, close, &session, venue).unwrap().status, VenueStatus::Closed);
    assert!(!open().await);
    assert!(hall.posters(venue).await.iter().all(|poster| poster.status == PosterStatus::Revoked));
    assert_eq!(hall.audited().await, ["venue.apply", "venue.approve", "venue.suspend", "venue.resume", "venue.close"]);
    assert_eq!(hall.letters().await, ["venue_decision"; 4]);
}

#[tokio::test]
async fn what_does_not_lead_on_is_named_and_changes_nothing() {
    let hall = Hall::open().await;
    let session = hall.tracer().await;
    let (unconfirmed, _) = hall.apply_anonymously().await;
    let wrong = |result: Result<_, VenueError>| match result {
        Err(VenueError::WrongTransition { from, to }) => (from, to),
        other => panic!("{:?}", other.map(|_: ashiato::venue::Decided| ())),
    };
    use VenueStatus::{Active, Closed, Refused, Suspended, Unconfirmed};
    assert_eq!(wrong(act!(hall, approve, &session, unconfirmed)), (Unconfirmed, Active));
    assert_eq!(wrong(act!(hall, close, &session, unconfirmed)), (Unconfirmed, Closed));
    let venue = hall.apply(&form(), Applicant::Official(&session, VenuePolicy::Reviewed)).await.id;
    assert_eq!(wrong(act!(hall, suspend, &session, venue)), (VenueStatus::Pending, Suspended));
    assert!(act!(hall, refuse, &session, venue, &Said::parse("住所が見つかりません。").unwrap()).unwrap().changed);
    assert_eq!(wrong(act!(hall, approve, &session, venue)), (Refused, Active));
    assert_eq!(wrong(act!(hall, close, &session, venue)), (Refused, Closed));
    assert!(matches!(act!(hall, approve, &session, VenueId::random()), Err(VenueError::Unknown)));
    assert_eq!(hall.audited().await, ["venue.apply", "venue.apply", "venue.refuse"]);
}

#[tokio::test]
async fn deciding_twice_is_harmless_and_sends_one_letter() {
    let hall = Hall::open().await;
    let session = hall.tracer().await;
    let venue = hall.apply(&form(), Applicant::Official(&session, VenuePolicy::Reviewed)).await.id;
    assert!(act!(hall, approve, &session, venue).unwrap().changed);
    let again = act!(hall, approve, &session, venue).unwrap();
    assert_eq!((again.status, again.changed), (VenueStatus::Active, false));
    assert_eq!(hall.letters().await.len(), 1);
}

#[tokio::test]
async fn rotating_gives_the_same_place_a_new_code_once() {
    let hall = Hall::open().await;
    let session = hall.tracer().await;
    let venue = hall.active_venue().await;
    let old = hall.posters(venue).await.remove(1);
    let mut act = hall.act(&session).await;
    let new = rotate(&mut act, venue, old.id).await.unwrap();
    assert_eq!((new.no, new.label.as_str(), new.edition), (old.no, old.label.as_str(), 2));
    assert!(matches!(rotate(&mut act, venue, old.id).await, Err(VenueError::Revoked)), "a double click");
    act.commit().await.unwrap();
    let mut conn = hall.pool.acquire().await.unwrap();
    assert!(find_by_code(&mut conn, &old.code).await.unwrap().is_none());
    let found = find_by_code(&mut conn, &new.code).await.unwrap().unwrap();
    assert_eq!((found.poster_id, found.poster_no, found.venue_id), (new.id, 2, venue));
    assert_eq!((found.venue_name.as_str(), found.label.as_str(), found.kind), ("喫茶 ひだまり", "テーブル 1", VenueKind::Restaurant));
    let shown = ashiato::venue::poster(&mut conn, old.id).await.unwrap().unwrap();
    assert_eq!((shown.poster.status, shown.poster.revoked_at), (PosterStatus::Revoked, Some(noon())));
    assert_eq!(hall.posters(venue).await.len(), 4);
}

#[tokio::test]
async fn a_poster_answers_only_to_its_own_venue() {
    let hall = Hall::open().await;
    let session = hall.tracer().await;
    let (mine, theirs) = (hall.active_venue().await, hall.active_venue().await);
    let poster = hall.posters(theirs).await.remove(0);
    let mut act = hall.act(&session).await;
    assert!(matches!(revoke(&mut act, mine, poster.id).await, Err(VenueError::Unknown)));
    assert!(matches!(rotate(&mut act, mine, poster.id).await, Err(VenueError::Unknown)));
    assert!(matches!(revoke(&mut act, mine, PosterId::random()).await, Err(VenueError::Unknown)));
    assert!(revoke(&mut act, theirs, poster.id).await.unwrap());
    assert!(!revoke(&mut act, theirs, poster.id).await.unwrap(), "dead already");
}

#[tokio::test]
async fn posters_are_added_after_the_last_up_to_the_limit() {
    let hall = Hall::open().await;
    let session = hall.tracer().await;
    let venue = hall.active_venue().await;
    let mut act = hall.act(&session).await;
    let made = add_posters(&mut act, venue, &["レジ".to_owned()]).await.unwrap();
    assert_eq!((made[0].no, made[0].label.as_str()), (4, "レジ"));
    let twice = add_posters(&mut act, venue, &["窓".to_owned(), "レジ".to_owned()]).await;
    assert!(matches!(twice, Err(VenueError::LabelThere(label)) if label == "レジ"));
    let left = usize::try_from(MAX_POSTERS_PER_VENUE).unwrap() - 4;
    let too_many = vec!["席".to_owned(); left + 1];
    assert!(matches!(add_posters(&mut act, venue, &too_many).await, Err(VenueError::TooManyPosters)));
    assert_eq!(add_posters(&mut act, venue, &too_many[1..]).await.unwrap().len(), left);
    assert!(matches!(add_posters(&mut act, venue, &too_many[..1]).await, Err(VenueError::TooManyPosters)));
    act.commit().await.unwrap();
    act!(hall, close, &session, venue).unwrap();
    let mut act = hall.act(&session).await;
    let late = add_posters(&mut act, venue, &["レジ".to_owned()]).await;
    assert!(matches!(late, Err(VenueError::NoPostersFor(VenueStatus::Closed))));
}

#[tokio::test]
async fn venues_are_found_by_any_width_and_page_by_page() {
    let hall = Hall::open().await;
    let session = hall.tracer().await;
    for (name, kind) in [("Ｃａｆｅ　100%", "restaurant"), ("カフェ b", "bar"), ("ｶﾌｪ c", "restaurant")] {
        let form = RawVenue { name: name.into(), kind: kind.into(), ..form() };
        hall.apply(&form, Applicant::Official(&session, VenuePolicy::Instant)).await;
    }
    let mut conn = hall.pool.acquire().await.unwrap();
    let mut count = async |filter: Filter| list(&mut conn, &filter).await.unwrap().len();
    let text = |text: &str| Filter { query: Query::parse(text), ..Filter::default() };
    assert_eq!(count(Filter::default()).await, 3);
    assert_eq!(count(text("cafe")).await, 1);
    assert_eq!(count(text("カフェ")).await, 2);
    assert_eq!(count(text("100%")).await, 1);
    assert_eq!(count(text("%")).await, 1, "a sign, not a pattern");
    assert_eq!(count(text("中央1-2")).await, 3);
    assert_eq!(count(Filter { kind: Some(VenueKind::Bar), ..Filter::default() }).await, 1);
    assert_eq!(count(Filter { statuses: vec![VenueStatus::Pending], ..Filter::default() }).await, 0);
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = list(&mut conn, &Filter { limit: Some(2), after, ..Filter::default() }).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        seen.extend(page.iter().map(|row| row.id));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3);
}

#[tokio::test]
async fn an_application_that_nobody_confirms_is_forgotten() {
    let hall = Hall::open().await;
    hall.apply_anonymously().await;
    let kept = hall.active_venue().await;
    let mut notifier = hall.db.connect(DbRole::Notifier).await;
    let last_day = noon() + Duration::days(i64::try_from(UNCONFIRMED_DAYS).unwrap());
    assert_eq!(discard_abandoned(&mut notifier, last_day).await.unwrap(), 0);
    assert_eq!(discard_abandoned(&mut notifier, last_day + Duration::microseconds(1)).await.unwrap(), 1);
    assert_eq!(hall.posters(kept).await.len(), 3);
}
