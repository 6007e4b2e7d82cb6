//! Whoever has the web tier's database login, and nothing else: no secret, no host, no official. Each attack ends with no mail.
use super::fixture::AlertFixture;
use ashiato::alert::{self, AlertError, AlertId, DeliveryRequest, REMATCH_EVERY, Refusal, Seen, State, Submission};
use ashiato::base::db::DbRole;
use ashiato::base::token::Token;
use ashiato::keys::{Lock, PersonalKey};
use ashiato::official::{self, AlarmKind, By, MayAdmin, MayApprove, MayTrace, Role, Session, caller_of, create_token, login_of};
use ashiato::venue::VenueId;
use sqlx::postgres::PgQueryResult;
use uuid::Uuid;

/// A fixture with three visitors today and the draft of an alert about them.
async fn drafted() -> (AlertFixture, VenueId, AlertId) {
    let fixture = AlertFixture::new().await;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..3).await;
    let alert = fixture.report(&[(venue, fixture.today())]).await.alert_id;
    (fixture, venue, alert)
}

impl AlertFixture {
    /// A statement of the thief's, under the grants of web, with one identifier bound.
    async fn thief(&self, statement: &'static str, id: Uuid) -> Result<PgQueryResult, sqlx::Error> {
        sqlx::query(statement).bind(id).execute(&self.web).await
    }

    /// Hands something in as somebody whose key was never vouched for, through the very code of web.
    async fn forged<P: official::Permission>(&self, name: &str, role: Role) -> Session<P> {
        let mut owner = self.db.connect(DbRole::Owner).await;
        let (id, token) = create_token(&mut owner, self.now(), name, role, None).await.unwrap();
        let session = caller_of(&mut owner, &token).await.unwrap().unwrap().authorise().unwrap();
        self.sql("delete from signatory_token where token_id = $1", id).await;
        session
    }

    async fn alarms(&self) -> usize {
        let open = official::open_alarms(&mut self.web.acquire().await.unwrap()).await.unwrap();
        open.iter().filter(|alarm| alarm.kind == AlarmKind::UnvouchedRelease).count()
    }

    /// The worker's turn. No mail leaves.
    async fn nothing_leaves(&self, what: &str) {
        self.dispatch().await;
        assert_eq!(self.told().await.len(), 0, "{what}");
        let queued = self.count("select count(*) from outbox where kind in ('notice', 'correction') and finished_at is null").await;
        assert_eq!(queued, 0, "{what}");
    }

    /// The worker sent it back as signed by nobody who counts, and told people.
    async fn refused(&self, alert: AlertId, what: &str) {
        self.nothing_leaves(what).await;
        let status = self.status(alert).await;
        assert_eq!((status.state, status.refused), (State::Submitted, Some(Refusal::Unvouched)), "{what}");
        assert_eq!(self.alarms().await, 1, "{what}");
    }
}

#[tokio::test]
async fn tokens_of_made_up_administrators_are_nobody() {
    let (fixture, _, _) = drafted().await;
    for _ in 0..2 {
        let (id, token) = (Uuid::new_v4(), Token::random());
        let official =
            "insert into official (id, email, name, role, created_at) values ($1, $1 || chr(64) || 'example.jp', 'x', 'admin', now())";
        fixture.thief(official, id).await.unwrap();
        sqlx::query("insert into api_token (id, name, role, sha256, made_by, created_at) values ($1, 'x', 'admin', $2, $1, now())")
            .bind(id)
            .bind(token.sha256().as_slice())
            .execute(&fixture.web)
            .await
            .unwrap();
        assert!(caller_of(&mut fixture.web.acquire().await.unwrap(), &token).await.unwrap().is_none());
    }
    // One without a maker counts as the command line's, once somebody vouched for it.
    let token = Token::random();
    sqlx::query("insert into api_token (id, name, role, sha256, created_at) values (gen_random_uuid(), 'y', 'admin', $1, now())")
        .bind(token.sha256().as_slice())
        .execute(&fixture.web)
        .await
        .unwrap();
    assert!(caller_of(&mut fixture.web.acquire().await.unwrap(), &token).await.unwrap().is_none());
    // The row of one that was vouched for, with the hash of the thief's own text.
    fixture.session::<MayTrace>("clerk", Role::Admin).await;
    let token = Token::random();
    let swapped = sqlx::query("update api_token set sha256 = $1 where name = 'clerk'").bind(token.sha256().as_slice());
    assert_eq!(swapped.execute(&fixture.web).await.unwrap().rows_affected(), 1);
    assert!(caller_of(&mut fixture.web.acquire().await.unwrap(), &token).await.unwrap().is_none());
    fixture.nothing_leaves("tokens").await;
}

#[tokio::test]
async fn signatures_of_keys_that_nobody_vouched_for_release_nothing() {
    let (fixture, _, alert) = drafted().await;
    let (tracer, approver) =
        (fixture.forged::<MayTrace>("tracer", Role::Tracer).await, fixture.forged::<MayApprove>("approver", Role::Approver).await);
    let mut act = fixture.act(&tracer).await;
    alert::submit(&mut act, &fixture.rules(), alert, &Submission::default()).await.unwrap();
    act.commit().await.unwrap();
    let seen = fixture.seen(alert).await;
    let web_itself = fixture.approve_as(alert, &approver, &seen).await;
    assert!(matches!(web_itself, Err(AlertError::SubmissionNotVouched)), "web says so before the hold");
    // The thief does not ask web.
    let forged = "insert into alert_approval (alert_id, revision, principal, digest, visits, approved_at, hold_until, signed)
                  select alert_id, revision, 'token:approver', digest, visits, submitted_at, submitted_at, signed
                  from alert_submission where alert_id = $1";
    fixture.thief(forged, alert.0).await.unwrap();
    fixture.refused(alert, "both forged").await;
}

#[tokio::test]
async fn one_real_signature_is_not_two() {
    let (fixture, _, alert) = drafted().await;
    fixture.submit(alert, "tracer").await;
    let seen = fixture.seen(alert).await;
    let approver = fixture.forged::<MayApprove>("approver", Role::Approver).await;
    fixture.approve_as(alert, &approver, &seen).await.unwrap();
    fixture.refused(alert, "the approval is forged").await;

    let (fixture, _, alert) = drafted().await;
    fixture.submit(alert, "tracer").await;
    let unsigned = "insert into alert_approval (alert_id, revision, principal, digest, visits, approved_at, hold_until)
                    select alert_id, revision, 'token:approver', digest, visits, submitted_at, submitted_at
                    from alert_submission where alert_id = $1";
    fixture.thief(unsigned, alert.0).await.unwrap();
    fixture.refused(alert, "the approval is not signed at all").await;
}

#[tokio::test]
async fn a_role_that_was_written_into_the_account_counts_for_nothing() {
    let (fixture, _, alert) = drafted().await;
    let tracer = fixture.official("tracer").await;
    fixture.thief("update official set role = 'admin' where id = $1", tracer).await.unwrap();
    let mut owner = fixture.db.connect(DbRole::Owner).await;
    let key = crate::support::console::key_of(tracer);
    let token = official::open_session(&mut fixture.web.acquire().await.unwrap(), fixture.now(), tracer, &key).await.unwrap();
    let (caller, login) = login_of(&mut owner, fixture.now(), &token).await.unwrap().unwrap();
    assert_eq!((caller.role(), login.role), (Role::Tracer, Role::Tracer), "web itself believes the signatory");
    assert!(caller.authorise::<MayApprove>().is_err());

    // A tracer's real signature under an approval.
    fixture.submit(alert, "tracer").await;
    let seen = fixture.seen(alert).await;
    let mut owner = fixture.db.connect(DbRole::Owner).await;
    let (id, token) = create_token(&mut owner, fixture.now(), "clerk", Role::Approver, None).await.unwrap();
    let clerk: Session<MayApprove> = caller_of(&mut owner, &token).await.unwrap().unwrap().authorise().unwrap();
    fixture.sql("update signatory_token set role = 'tracer' where token_id = $1", id).await;
    fixture.approve_as(alert, &clerk, &seen).await.unwrap();
    fixture.refused(alert, "approved by a tracer").await;
}

#[tokio::test]
async fn an_approver_who_was_made_an_administrator_stays_capped() {
    let (mut fixture, _, alert) = drafted().await;
    fixture.submit(alert, "tracer").await;
    let id = fixture.official("approver").await;
    let approver: Session<MayApprove> = fixture.session_of("b", Role::Approver, Some(id)).await;
    let seen = fixture.seen(alert).await;
    fixture.approve_as(alert, &approver, &seen).await.unwrap();
    fixture.max_notices = 2;
    fixture.thief("update official set role = 'admin' where id = $1", id).await.unwrap();
    fixture.thief("update api_token set role = 'admin' where made_by = $1", id).await.unwrap();
    fixture.nothing_leaves("the cap holds").await;
    assert_eq!(fixture.status(alert).await.refused, Some(Refusal::Cap));
}

#[tokio::test]
async fn a_session_that_was_written_into_the_table_is_none() {
    let (fixture, _, _) = drafted().await;
    let admin = fixture.official("admin").await;
    let insert = "insert into official_session (id, official_id, token_sha256, created_at, seen_at, proven_at, key_sealed)
                  values (gen_random_uuid(), $1, $2, $3, $3, $3, $4)";
    let own = PersonalKey::random();
    for (sealed_under_token, comes_in) in [(false, false), (true, true)] {
        let token = Token::random();
        let sealed = if sealed_under_token { own.seal(Lock::Session(&token), admin.as_bytes()).unwrap() } else { vec![0; 60] };
        let row = sqlx::query(insert).bind(admin).bind(token.sha256().as_slice()).bind(fixture.now()).bind(sealed);
        row.execute(&fixture.web).await.unwrap();
        let found = login_of(&mut fixture.web.acquire().await.unwrap(), fixture.now(), &token).await.unwrap();
        assert_eq!(found.is_some(), comes_in);
        if let Some((caller, _)) = found {
            assert!(!caller.is_vouched_for(), "another key than the administrator's");
            assert_eq!(caller.role(), Role::Viewer);
            assert!(caller.authorise::<MayTrace>().is_err());
        }
    }
    // The administrator's own sealed key in a row of the thief's does not open either.
    let real =
        official::open_session(&mut fixture.web.acquire().await.unwrap(), fixture.now(), admin, &crate::support::console::key_of(admin))
            .await;
    let token = Token::random();
    let swapped = "insert into official_session (id, official_id, token_sha256, created_at, seen_at, proven_at, key_sealed)
                   select gen_random_uuid(), official_id, $1, created_at, seen_at, proven_at, key_sealed
                   from official_session where token_sha256 = $2";
    let row =
        sqlx::query(swapped).bind(token.sha256().as_slice()).bind(real.unwrap().sha256().to_vec()).execute(&fixture.web).await.unwrap();
    assert_eq!(row.rows_affected(), 1);
    assert!(login_of(&mut fixture.web.acquire().await.unwrap(), fixture.now(), &token).await.unwrap().is_none());
}

#[tokio::test]
async fn a_good_signature_is_good_for_its_own_alert_and_revision_alone() {
    // Another alert over the same stays.
    let (fixture, venue, first) = drafted().await;
    fixture.approved(first).await;
    let second = fixture.report(&[(venue, fixture.today())]).await.alert_id;
    fixture.submit(second, "tracer").await;
    sqlx::query(
        "insert into alert_approval (alert_id, revision, principal, digest, visits, approved_at, hold_until, signed)
         select s.alert_id, s.revision, p.principal, s.digest, p.visits, p.approved_at, p.hold_until, p.signed
         from alert_submission s, alert_approval p where s.alert_id = $1 and p.alert_id = $2",
    )
    .bind(second.0)
    .bind(first.0)
    .execute(&fixture.web)
    .await
    .unwrap();
    let stopped = "update alert set cancelled_at = now() where id = $1";
    fixture.thief(stopped, first.0).await.unwrap();
    fixture.refused(second, "an approval of another alert").await;

    // Another revision of the same alert, after it was sent back and worded anew.
    let (fixture, _, alert) = drafted().await;
    fixture.max_growth_refused(alert).await;
    fixture.send_back(alert, "まちがい").await.unwrap();
    fixture.submit(alert, "tracer").await;
    let replay = "insert into alert_approval (alert_id, revision, principal, digest, visits, approved_at, hold_until, signed)
                  select a.id, a.revision, p.principal, p.digest, p.visits, p.approved_at, p.hold_until, p.signed
                  from alert a join alert_approval p on p.alert_id = a.id where a.id = $1 order by p.revision limit 1";
    fixture.thief(replay, alert.0).await.unwrap();
    fixture.refused(alert, "an approval of an older revision").await;
    for back in [
        "update alert set revision = 1 where id = $1",
        "update alert set number = '7K3M9QXZ' where id = $1",
        "update alert_dispatch set refused_revision = null, refused_reason = null where alert_id = $1",
        "update alert_approval set revision = 2 where alert_id = $1",
    ] {
        assert!(fixture.thief(back, alert.0).await.is_err(), "{back}");
    }
    fixture.nothing_leaves("an approval of an older revision").await;
}

impl AlertFixture {
    /// Approved once, and sent back by the worker because far more had come.
    async fn max_growth_refused(&self, alert: AlertId) {
        self.approved(alert).await;
        let venue = sqlx::query_scalar("select venue_id from alert_stay where alert_id = $1").bind(alert.0);
        let venue: Uuid = venue.fetch_one(&self.notifier).await.unwrap();
        self.visits(VenueId(venue), 10..30).await;
        self.dispatch().await;
        assert_eq!(self.status(alert).await.refused, Some(Refusal::Growth));
    }
}

#[tokio::test]
async fn who_was_disabled_during_the_hold_counts_no_more_whatever_the_account_says() {
    for who in ["tracer", "approver"] {
        for believed in [true, false] {
            let (fixture, _, alert) = drafted().await;
            let (tracer, approver) = (fixture.official("tracer").await, fixture.official("approver").await);
            let by: Session<MayTrace> = fixture.session_of("t", Role::Tracer, Some(tracer)).await;
            let mut act = fixture.act(&by).await;
            alert::submit(&mut act, &fixture.rules(), alert, &Submission::default()).await.unwrap();
            act.commit().await.unwrap();
            let seen = fixture.seen(alert).await;
            let by: Session<MayApprove> = fixture.session_of("a", Role::Approver, Some(approver)).await;
            fixture.approve_as(alert, &by, &seen).await.unwrap();
            let admin: Session<MayAdmin> = fixture.session("admin", Role::Admin).await;
            let leaves = if who == "tracer" { tracer } else { approver };
            let mut act = fixture.act(By::Admin(&admin)).await;
            official::disable(&mut act, leaves).await.unwrap();
            act.commit().await.unwrap();
            if believed {
                official::believe_acts(&mut fixture.notifier.acquire().await.unwrap(), fixture.now()).await.unwrap();
            }
            fixture.thief("update official set disabled_at = null where id = $1", leaves).await.unwrap();
            assert!(fixture.thief("delete from official_act where official_id = $1", leaves).await.is_err());
            fixture.refused(alert, "disabled in the hold").await;
        }
    }
}

#[tokio::test]
async fn what_was_cancelled_paused_or_stopped_stays_so() {
    let (fixture, _, alert) = drafted().await;
    fixture.approved(alert).await;
    fixture.cancel(alert).await.unwrap();
    assert!(fixture.thief("update alert set cancelled_at = null where id = $1", alert.0).await.is_err());
    // Else the purge would take it within the hour, and it could be written anew with the signatures that it had.
    assert!(fixture.thief("update alert set created_at = '2020-01-01' where id = $1", alert.0).await.is_err());
    fixture.nothing_leaves("cancelled").await;

    let (fixture, _, alert) = drafted().await;
    fixture.approved(alert).await;
    fixture.pause(alert).await.unwrap();
    fixture.thief("update alert set paused_at = null, pauses = 0 where id = $1", alert.0).await.unwrap();
    assert_eq!(fixture.status(alert).await.state, State::Paused, "and people see that it is");
    fixture.nothing_leaves("paused").await;
    let forged = "insert into alert_resume (alert_id, pause, resumed_at, signed)
                  select alert_id, 1, submitted_at, signed from alert_submission where alert_id = $1";
    fixture.thief(forged, alert.0).await.unwrap();
    fixture.nothing_leaves("resumed by nobody").await;
    assert_eq!(fixture.alarms().await, 1);
    fixture.pause(alert).await.unwrap();
    fixture.resume(alert).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.told().await.len(), 3, "an approver's own signature lets it go on");

    let (fixture, _, _) = drafted().await;
    let tracer: Session<MayTrace> = fixture.session("tracer", Role::Tracer).await;
    let mut web = fixture.web.acquire().await.unwrap();
    let mut act = fixture.act(&tracer).await;
    alert::stop_sending(&mut act, "まちがい").await.unwrap();
    act.commit().await.unwrap();
    let ended =
        "update sending_stop set resumed_at = now(), resumed_by = 'token:approver', resume_signed = decode(repeat('00', 104), 'hex')
                 where $1::uuid is not null";
    fixture.thief(ended, Uuid::nil()).await.unwrap();
    fixture.dispatch().await;
    let stops = alert::halts(&mut web).await.unwrap();
    assert_eq!(stops.len(), 1, "the end was taken back, and people see that the stop holds");
    assert_eq!(fixture.count("select count(*) from sending_stop where ended_at is null").await, 1);
    assert_eq!(fixture.alarms().await, 1);
    let approver: Session<MayApprove> = fixture.session("approver", Role::Approver).await;
    let mut act = fixture.act(&approver).await;
    alert::resume_sending(&mut act, &fixture.rules(), &[stops[0].stop.id]).await.unwrap();
    act.commit().await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.count("select count(*) from sending_stop where ended_at is null").await, 0);
}

#[tokio::test]
async fn what_an_alert_is_about_does_not_change_after_its_approval() {
    // Before the release: the digest no longer fits.
    let (fixture, _, alert) = drafted().await;
    let other = fixture.venue().await;
    fixture.visits(other, 50..53).await;
    fixture.approved(alert).await;
    let add = "insert into alert_stay (alert_id, venue_id, visit_date) select alert_id, $1, visit_date from alert_stay limit 1";
    fixture.thief(add, other.0).await.unwrap();
    fixture.nothing_leaves("another stay").await;
    assert_eq!(fixture.status(alert).await.refused, Some(Refusal::Digest));

    // After it: what was added is none of it, late or not, and it becomes no correction.
    let (fixture, venue, alert) = drafted().await;
    let other = fixture.venue().await;
    fixture.visits(other, 50..53).await;
    let first = fixture.release(&[(other, fixture.today())]).await;
    fixture.approved(alert).await;
    fixture.dispatch().await;
    assert_eq!(fixture.told().await.len(), 6);
    fixture.visits(other, 60..61).await;
    fixture.thief(add, other.0).await.unwrap();
    assert!(fixture.thief("update alert set corrects = $1 where corrects is null and created_at is not null", first.0).await.is_err());
    fixture.visits(venue, 70..71).await;
    fixture.clock.advance(REMATCH_EVERY);
    fixture.dispatch().await;
    fixture.release_late(alert, 1).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.told().await, ["visitor70@example.jp"], "the late one of its own venue alone");
}

#[tokio::test]
async fn clicks_and_requests_that_nobody_signed_move_no_mail() {
    let (fixture, venue, alert) = drafted().await;
    fixture.approved(alert).await;
    fixture.dispatch().await;
    assert_eq!(fixture.told().await.len(), 3);
    fixture.visits(venue, 5..7).await;
    fixture.clock.advance(REMATCH_EVERY);
    fixture.dispatch().await;
    let unsigned = "insert into alert_late_release (alert_id, released_at, principal, visits) values ($1, now(), 'token:approver', 2)";
    fixture.thief(unsigned, alert.0).await.unwrap();
    fixture.nothing_leaves("a late release").await;
    assert_eq!(fixture.status(alert).await.release_refused, Some(Refusal::Unvouched));
    fixture.release_late(alert, 2).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.told().await.len(), 2);
    fixture.visits(venue, 8..10).await;
    let again = "insert into alert_late_release (alert_id, released_at, principal, visits, signed)
                 select alert_id, released_at + interval '1 second', principal, visits, signed
                 from alert_late_release where alert_id = $1 and signed is not null";
    fixture.thief(again, alert.0).await.unwrap();
    fixture.nothing_leaves("a late release once more").await;

    let ask = "insert into delivery_request (alert_id, asked_at, act, principal) values ($1, now(), 'retry', 'token:approver')";
    fixture.sql("update outbox set state = 'dead', reason = 'given-up' where alert_id = $1", alert.0).await;
    fixture.thief(ask, alert.0).await.unwrap();
    fixture.nothing_leaves("a retry").await;
    let approver: Session<MayApprove> = fixture.session("approver", Role::Approver).await;
    let mut act = fixture.act(&approver).await;
    alert::request_delivery(&mut act, &fixture.rules(), alert, DeliveryRequest::Retry).await.unwrap();
    act.commit().await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.told().await.len(), 5, "an approver's own");
    let replay = "insert into delivery_request (alert_id, asked_at, act, principal, signed)
                  select alert_id, asked_at, act, principal, signed from delivery_request where alert_id = $1 and signed is not null";
    assert!(fixture.thief(replay, alert.0).await.is_err(), "a request is carried out once");
}

#[tokio::test]
async fn what_the_worker_believes_is_out_of_webs_hands() {
    let (fixture, _, alert) = drafted().await;
    fixture.approved(alert).await;
    for statement in [
        "insert into signatory (official_id, email_sha256, role, standing, confirmed, since)
         values ($1, sha256(''), 'admin', 1, true, now())",
        "update signatory set role = 'admin' where official_id <> $1",
        "delete from signatory where official_id <> $1",
        "insert into signatory_token (token_id, principal, role, since) values ($1, 'token:x', 'admin', now())",
        "update signatory_token set role = 'admin' where token_id <> $1",
        "update official_act set believed = true, looked_at = now() where official_id <> $1",
        "delete from official_act where official_id <> $1",
        "update alert_submission set visits = 0 where alert_id = $1",
        "delete from alert_submission where alert_id = $1",
        "update alert_approval set hold_until = now() where alert_id = $1",
        "delete from alert_approval where alert_id = $1",
        "update alert_late_release set handled_at = null where alert_id = $1",
        "update alert_dispatch set resumed_pause = 9 where alert_id = $1",
        "update sending_stop set ended_at = now() where id <> $1",
        "insert into outbox (id, kind, visit_date, epoch_id, sealed, created_at, next_at, expires_at)
         values ($1, 'notice', current_date, 1, '', now(), now(), now() + interval '1 day')",
        "insert into outbox (id, kind, visit_date, epoch_id, sealed, created_at, next_at, expires_at, alert_id)
         values ($1, 'correction', current_date, 1, '', now(), now(), now() + interval '1 day', $1)",
        "alter table alert disable trigger alert_guard",
        "set session_replication_role = replica",
    ] {
        let mut tx = fixture.web.begin().await.unwrap();
        let done = if statement.contains("$1") {
            sqlx::query(statement).bind(alert.0).execute(&mut *tx).await
        } else {
            sqlx::query(statement).execute(&mut *tx).await
        };
        assert!(done.is_err(), "{statement}");
    }
}

#[tokio::test]
async fn two_people_who_count_release_it_and_each_is_needed() {
    let (fixture, _, alert) = drafted().await;
    fixture.submit(alert, "tracer").await;
    let Seen { visits, .. } = fixture.seen(alert).await;
    assert_eq!(visits, 3);
    let seen = fixture.seen(alert).await;
    fixture.approve(alert, "approver", &seen).await.unwrap();
    assert_eq!(fixture.dispatch().await.started, 1);
    assert_eq!((fixture.told().await.len(), fixture.alarms().await), (3, 0));
}
