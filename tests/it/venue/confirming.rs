//! Applying and proving the contact mail.
use super::{Hall, TOKYO, form, noon};
use ashiato::audit::Actor;
use ashiato::base::config::{Service, VenuePolicy};
use ashiato::base::token::Token;
use ashiato::mail::PostError;
use ashiato::venue::confirmation::{LETTER_PAUSE_SECONDS, MAX_LETTERS, MAX_TRIES, VALID_DAYS};
use ashiato::venue::{
    Applicant, ConfirmError, Confirmed, NewVenue, Proof, RawVenue, TypedDigits, VenueError, VenueId, VenueStatus, apply, confirm,
    confirm_by_digits, letters, peek, resend,
};
use chrono::{DateTime, Duration, Utc};

impl Hall {
    async fn click(&self, at: DateTime<Utc>, policy: VenuePolicy, token: &Token) -> Result<Confirmed, ConfirmError> {
        let mut tx = self.pool.begin().await.unwrap();
        let confirmed = confirm(&mut tx, at, policy, token).await?;
        tx.commit().await.unwrap();
        Ok(confirmed)
    }

    async fn type_in(&self, at: DateTime<Utc>, venue: VenueId, digits: &str) -> Result<Confirmed, ConfirmError> {
        let typed = TypedDigits { venue, text: digits };
        confirm_by_digits(&self.pool, &self.hasher, at, VenuePolicy::Reviewed, typed).await
    }

    async fn resend(&self, at: DateTime<Utc>, venue: VenueId) -> Option<Proof> {
        let proof = self.proof().await;
        let mut act = self.act_at(at, Actor::Visitor).await;
        let sent = resend(&mut act, venue, &proof).await.unwrap();
        act.commit().await.unwrap();
        sent.then_some(proof)
    }

    async fn status(&self, venue: VenueId) -> VenueStatus {
        ashiato::venue::show(&mut self.pool.acquire().await.unwrap(), venue).await.unwrap().unwrap().status
    }
}

/// Eight digits that are not these.
fn other_than(digits: &str) -> String {
    let number: u32 = digits.parse().unwrap();
    format!("{:08}", (number + 1) % 100_000_000)
}

fn end_of(validity_from: DateTime<Utc>) -> DateTime<Utc> {
    validity_from + Duration::days(VALID_DAYS)
}

#[tokio::test]
async fn an_application_makes_posters_a_letter_and_an_entry_and_nothing_goes_live() {
    let hall = Hall::open().await;
    let (venue, _) = hall.apply_anonymously().await;
    assert_eq!(hall.status(venue).await, VenueStatus::Unconfirmed);
    let posters = hall.posters(venue).await;
    let labels: Vec<_> = posters.iter().map(|poster| (poster.no, poster.edition, poster.label.as_str())).collect();
    assert_eq!(labels, [(1, 1, "入口"), (2, 1, "テーブル 1"), (3, 1, "テーブル 2")]);
    assert_eq!((hall.letters().await, hall.audited().await), (vec!["venue_confirmation".to_owned()], vec!["venue.apply".to_owned()]));
    let mut conn = hall.pool.acquire().await.unwrap();
    assert!(ashiato::venue::find_by_code(&mut conn, &posters[0].code).await.unwrap().is_none());
}

#[tokio::test]
async fn the_letter_that_the_worker_opens_confirms() {
    let hall = Hall::open().await;
    let (venue, proof) = hall.apply_anonymously().await;
    let letter = hall.opened_letters().await.remove(0);
    assert_eq!(letter.to.expose(), "Shop@example.jp");
    let (_, body) = letters::render(letter.kind, letter.locale, &letter.params, &service()).unwrap();
    let link = format!("https://trace.city.example.jp/venues/confirm/{}", proof.token().expose());
    assert!(body.lines().any(|line| line == link), "{body}");
    let (left, right) = proof.digits().split_at(4);
    let digits = body.lines().find(|line| *line == format!("{left} {right}")).unwrap();
    assert!(hall.type_in(noon(), venue, digits).await.unwrap().first);
}

fn service() -> Service {
    Service {
        city: "あおば市".into(),
        name: "感染症お知らせサービス".into(),
        operator: "あおば市保健所".into(),
        hotline: "0120-000-000".into(),
        hotline_hours: "毎日 9:00〜21:00".into(),
        base_url: "https://trace.city.example.jp".into(),
        host: "trace.city.example.jp".into(),
        zone: TOKYO,
        retention_days: 31,
        public_list: false,
    }
}

#[tokio::test]
async fn nothing_is_written_while_letters_cannot_be_sealed() {
    let hall = Hall::open().await;
    let proof = hall.proof().await;
    let new = NewVenue::parse(&form()).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut act = hall.act_at(noon() + Duration::days(40), Actor::Visitor).await;
    let applied = apply(&mut act, &new, Applicant::Anonymous(&proof)).await;
    assert!(matches!(applied, Err(VenueError::Post(PostError::NotReady(_)))));
    drop(act);
    let venues: i64 = sqlx::query_scalar("select count(*) from venue").fetch_one(&hall.pool).await.unwrap();
    assert_eq!(venues, 0);
}

#[tokio::test]
async fn an_official_applies_for_a_venue_without_any_letter() {
    let hall = Hall::open().await;
    let session = hall.tracer().await;
    for (policy, status) in [(VenuePolicy::Instant, VenueStatus::Active), (VenuePolicy::Reviewed, VenueStatus::Pending)] {
        assert_eq!(hall.apply(&form(), Applicant::Official(&session, policy)).await.status, status);
    }
    assert!(hall.letters().await.is_empty());
}

#[tokio::test]
async fn looking_at_the_link_uses_nothing_up_and_clicking_twice_is_harmless() {
    let hall = Hall::open().await;
    let (venue, proof) = hall.apply_anonymously().await;
    for _ in 0..3 {
        let seen = peek(&mut hall.pool.acquire().await.unwrap(), noon(), proof.token()).await.unwrap().unwrap();
        assert_eq!((seen.id, seen.status, seen.expires_at), (venue, VenueStatus::Unconfirmed, end_of(noon())));
    }
    let first = hall.click(noon(), VenuePolicy::Reviewed, proof.token()).await.unwrap();
    assert_eq!((first.id, first.status, first.first), (venue, VenueStatus::Pending, true));
    let again = hall.click(noon(), VenuePolicy::Instant, proof.token()).await.unwrap();
    assert_eq!((again.status, again.first), (VenueStatus::Pending, false));
    assert_eq!(hall.audited().await, ["venue.apply", "venue.confirm"]);
}

#[tokio::test]
async fn digits_confirm_as_people_type_them_and_again() {
    let hall = Hall::open().await;
    let (venue, proof) = hall.apply_anonymously().await;
    let (left, right) = proof.digits().split_at(4);
    let first = hall.type_in(noon(), venue, &format!(" {left}　{right} ")).await.unwrap();
    assert_eq!((first.status, first.first), (VenueStatus::Pending, true));
    for _ in 0..=MAX_TRIES {
        assert!(!hall.type_in(noon(), venue, proof.digits()).await.unwrap().first, "right digits are never used up");
    }
}

#[tokio::test]
async fn five_wrong_tries_end_the_digits_but_not_the_link() {
    let hall = Hall::open().await;
    let (venue, proof) = hall.apply_anonymously().await;
    assert!(matches!(hall.type_in(noon(), venue, "1234").await, Err(ConfirmError::NotEightDigits)), "not counted");
    for _ in 0..MAX_TRIES {
        assert!(matches!(hall.type_in(noon(), venue, &other_than(proof.digits())).await, Err(ConfirmError::Refused)));
    }
    assert!(matches!(hall.type_in(noon(), venue, proof.digits()).await, Err(ConfirmError::Refused)), "the sixth, though right");
    assert_eq!(hall.status(venue).await, VenueStatus::Unconfirmed);
    let new = hall.resend(noon() + Duration::seconds(LETTER_PAUSE_SECONDS), venue).await.unwrap();
    assert!(matches!(hall.type_in(noon(), venue, proof.digits()).await, Err(ConfirmError::Refused)), "the old digits are dead");
    assert!(matches!(hall.click(noon(), VenuePolicy::Reviewed, proof.token()).await, Err(ConfirmError::Refused)), "and the old link");
    assert!(hall.type_in(noon(), venue, new.digits()).await.unwrap().first);
}

#[tokio::test]
async fn four_wrong_tries_leave_one() {
    let hall = Hall::open().await;
    let (venue, proof) = hall.apply_anonymously().await;
    for _ in 1..MAX_TRIES {
        assert!(hall.type_in(noon(), venue, &other_than(proof.digits())).await.is_err());
    }
    assert!(hall.type_in(noon(), venue, proof.digits()).await.unwrap().first);
}

#[tokio::test]
async fn guesses_at_the_same_time_are_counted_one_by_one() {
    let hall = Hall::open().await;
    let (venue, proof) = hall.apply_anonymously().await;
    let wrong = other_than(proof.digits());
    let guesses = (0..12).map(|_| hall.type_in(noon(), venue, &wrong));
    assert!(futures_of(guesses).await.iter().all(Result::is_err));
    let tries: i16 = sqlx::query_scalar("select tries from venue_confirmation").fetch_one(&hall.pool).await.unwrap();
    assert_eq!(tries, MAX_TRIES);
}

/// Runs futures at the same time on this task.
async fn futures_of<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, output) in pending.iter_mut().filter(|(_, output)| output.is_none()) {
            if let std::task::Poll::Ready(ready) = future.as_mut().poll(context) {
                *output = Some(ready);
            }
        }
        let all = pending.iter().all(|(_, output)| output.is_some());
        if all { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    pending.into_iter().filter_map(|(_, output)| output).collect()
}

#[tokio::test]
async fn everything_ends_at_its_very_moment() {
    let hall = Hall::open().await;
    let (venue, proof) = hall.apply_anonymously().await;
    let end = end_of(noon());
    assert!(peek(&mut hall.pool.acquire().await.unwrap(), end, proof.token()).await.unwrap().is_none());
    assert!(matches!(hall.click(end, VenuePolicy::Reviewed, proof.token()).await, Err(ConfirmError::Refused)));
    assert!(matches!(hall.type_in(end, venue, proof.digits()).await, Err(ConfirmError::Refused)));
    let before = end - Duration::microseconds(1);
    assert!(hall.click(before, VenuePolicy::Instant, proof.token()).await.unwrap().first);
}

#[tokio::test]
async fn a_stranger_learns_nothing_from_the_answer() {
    let hall = Hall::open().await;
    assert!(matches!(hall.type_in(noon(), VenueId::random(), "12345678").await, Err(ConfirmError::Refused)));
    assert!(matches!(hall.click(noon(), VenuePolicy::Instant, &Token::random()).await, Err(ConfirmError::Refused)));
    assert!(hall.resend(noon(), VenueId::random()).await.is_none());
}

#[tokio::test]
async fn letters_are_bounded_in_number_and_pace() {
    let hall = Hall::open().await;
    let (venue, _) = hall.apply_anonymously().await;
    let mut at = noon() + Duration::seconds(LETTER_PAUSE_SECONDS);
    assert!(hall.resend(at - Duration::microseconds(1), venue).await.is_none(), "a second click is no second letter");
    for _ in 1..MAX_LETTERS {
        assert!(hall.resend(at, venue).await.is_some());
        at += Duration::seconds(LETTER_PAUSE_SECONDS);
    }
    assert!(hall.resend(at + Duration::days(1), venue).await.is_none());
    assert_eq!(hall.letters().await.len(), usize::try_from(MAX_LETTERS).unwrap());
}

#[tokio::test]
async fn a_confirmed_venue_gets_no_more_letters() {
    let hall = Hall::open().await;
    let (venue, proof) = hall.apply_anonymously().await;
    hall.click(noon(), VenuePolicy::Reviewed, proof.token()).await.unwrap();
    assert!(hall.resend(noon() + Duration::days(1), venue).await.is_none());
}

#[tokio::test]
async fn hostile_names_come_back_as_they_went_in() {
    let hall = Hall::open().await;
    let session = hall.tracer().await;
    for name in ["<svg onload=alert(1)>", "=HYPERLINK(\"http://x\")", "{{7*7}}", "'; drop table venue; --", "\\x00%_$1"] {
        let form = RawVenue { name: name.into(), posters: vec![name.into()], ..form() };
        let id = hall.apply(&form, Applicant::Official(&session, VenuePolicy::Instant)).await.id;
        let shown = ashiato::venue::show(&mut hall.pool.acquire().await.unwrap(), id).await.unwrap().unwrap();
        assert_eq!((shown.name.as_str(), hall.posters(id).await[0].label.as_str()), (name, name));
    }
}
