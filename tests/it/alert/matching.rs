//! Who is told: same venue, same business date; once per venue and date; one mail per person and alert.
use super::fixture::{AlertFixture, Mail};
use ashiato::alert::State;
use ashiato::base::db::DbRole;
use ashiato::base::email_address::EmailAddress;
use ashiato::base::locale::Locale;
use ashiato::keys::{MAX_SEALED_VISIT_BYTES, PersonScope};
use ashiato::mail::suppression::{self, Cause};
use chrono::{Days, Duration};

#[tokio::test]
async fn the_same_venue_on_the_same_date_and_nothing_else_is_told() {
    let fixture = AlertFixture::new().await;
    let (venue, elsewhere) = (fixture.venue().await, fixture.venue().await);
    fixture.visit(venue, "yesterday@example.jp").await;
    fixture.pass(Duration::days(1)).await;
    fixture.visit(venue, "here@example.jp").await;
    fixture.visit(elsewhere, "elsewhere@example.jp").await;
    let alert = fixture.release(&[(venue, fixture.today())]).await;
    assert_eq!(fixture.told().await, ["here@example.jp"]);
    assert_eq!(fixture.delivery(alert).await.rows(), 1);
    assert_eq!(fixture.told().await, [""; 0], "once");
}

#[tokio::test]
async fn everybody_reads_the_approved_words_in_their_own_language() {
    let fixture = AlertFixture::new().await;
    let venue = fixture.venue().await;
    fixture.visit_in(venue, "ja@example.jp", Locale::Ja).await;
    fixture.visit_in(venue, "en@example.jp", Locale::En).await;
    let alert = fixture.release(&[(venue, fixture.today())]).await;
    let text = fixture.preview(alert).await.text;
    let mails: Vec<Mail> = fixture.deliver().await;
    assert_eq!(mails.len(), 2);
    for mail in mails {
        assert_eq!(mail.locale.tag(), &mail.to[..2]);
        let wanted = text.of(mail.locale);
        assert_eq!((&mail.subject, &mail.body), (&wanted.subject, &wanted.body));
    }
}

#[tokio::test]
async fn nobody_gets_a_second_notice_for_a_venue_and_date_whatever_the_number_of_alerts() {
    let fixture = AlertFixture::new().await;
    let (venue, today) = (fixture.venue().await, fixture.today());
    fixture.visits(venue, 0..3).await;
    fixture.release(&[(venue, today)]).await;
    assert_eq!(fixture.told().await.len(), 3);
    fixture.visit(venue, "later@example.jp").await;
    let second = fixture.report(&[(venue, today)]).await.alert_id;
    let preview = fixture.preview(second).await;
    assert_eq!((preview.stays[0].visits, preview.stays[0].already_alerted, preview.visits), (4, 3, 1));
    fixture.approved(second).await;
    fixture.dispatch().await;
    assert_eq!(fixture.told().await, ["later@example.jp"]);
    assert_eq!(fixture.count("select count(*) from outbox where kind = 'notice'").await, 4);
}

#[tokio::test]
async fn one_person_at_several_venues_gets_one_mail_of_the_alert() {
    for batch in [1, 100] {
        let fixture = AlertFixture::new().await;
        let (one, two, three, today) = (fixture.venue().await, fixture.venue().await, fixture.venue().await, fixture.today());
        for venue in [one, two, three] {
            fixture.visit(venue, "often@example.jp").await;
        }
        fixture.visit(two, "Often@EXAMPLE.jp").await;
        fixture.visit(two, "once@example.jp").await;
        let alert = fixture.release(&[(one, today), (two, today), (three, today)]).await;
        let mut told: Vec<String> = fixture.deliver_by(batch).await.into_iter().map(|mail| mail.to).collect();
        told.sort();
        assert_eq!(told, ["often@example.jp", "once@example.jp"].map(str::to_owned).to_vec(), "batches of {batch}");
        let counts = fixture.delivery(alert).await;
        assert_eq!((counts.sent, counts.merged, counts.rows()), (2, 2, 4));
    }
}

#[tokio::test]
async fn a_notice_that_is_tried_again_still_speaks_for_its_person() {
    let fixture = AlertFixture::new().await;
    let (one, two, today) = (fixture.venue().await, fixture.venue().await, fixture.today());
    for venue in [one, two] {
        fixture.visit(venue, "often@example.jp").await;
    }
    fixture.release(&[(one, today), (two, today)]).await;
    assert_eq!(fixture.told().await.len(), 1);
    // The mail server said "later": the row comes back.
    let sent = "update outbox set state = 'deferred', finished_at = null where state = 'sent' and alert_id is not null and venue_id <> $1";
    fixture.sql(sent, uuid::Uuid::nil()).await;
    assert_eq!(fixture.told().await, ["often@example.jp"]);
}

#[tokio::test]
async fn a_person_of_two_alerts_is_told_by_both() {
    let fixture = AlertFixture::new().await;
    let (one, two, today) = (fixture.venue().await, fixture.venue().await, fixture.today());
    for venue in [one, two] {
        fixture.visit(venue, "often@example.jp").await;
    }
    fixture.release(&[(one, today)]).await;
    fixture.release(&[(two, today)]).await;
    assert_eq!(fixture.told().await, ["often@example.jp"; 2]);
    assert_eq!(fixture.count("select count(distinct person) from alert_person").await, 2, "no key links a person across alerts");
}

#[tokio::test]
async fn who_wants_no_mails_gets_none() {
    let fixture = AlertFixture::new().await;
    let (venue, today) = (fixture.venue().await, fixture.today());
    fixture.visits(venue, 0..2).await;
    fixture.visit(venue, "Quiet@example.jp").await;
    let person = fixture.opener.person(PersonScope::Suppression, &EmailAddress::parse("quiet@example.jp").unwrap());
    suppression::add(&fixture.notifier, fixture.now(), &person, Cause::Asked).await.unwrap();
    let alert = fixture.release(&[(venue, today)]).await;
    assert_eq!(fixture.told().await, ["visitor0@example.jp", "visitor1@example.jp"]);
    assert_eq!(fixture.delivery(alert).await.suppressed, 1);
}

#[tokio::test]
async fn a_row_that_does_not_open_is_dead_and_the_others_go_on() {
    let fixture = AlertFixture::new().await;
    let (venue, today) = (fixture.venue().await, fixture.today());
    fixture.visits(venue, 0..3).await;
    let one = "update visit set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)
               where mac = (select mac from visit where venue_id = $1 order by mac limit 1)";
    fixture.sql(one, venue.0).await;
    let alert = fixture.release(&[(venue, today)]).await;
    assert_eq!(fixture.told().await.len(), 2);
    let counts = fixture.delivery(alert).await;
    assert_eq!((counts.sent, counts.dead, counts.rows()), (2, 1, 3));
}

#[tokio::test]
async fn an_alert_killed_between_two_stays_goes_on_without_doubles() {
    let fixture = AlertFixture::new().await;
    let (one, two, three, today) = (fixture.venue().await, fixture.venue().await, fixture.venue().await, fixture.today());
    for venue in [one, two, three] {
        fixture.visits(venue, 0..5).await;
    }
    let alert = fixture.report(&[(one, today), (two, today), (three, today)]).await.alert_id;
    fixture.approved(alert).await;
    fixture.dispatch().await;
    // As if the process had died after its first stay, the second one's commit never having happened.
    fixture.sql("update alert_stay_match set matched_at = null where venue_id <> $1", one.0).await;
    fixture.sql("delete from outbox where venue_id = $1", two.0).await;
    assert_eq!(fixture.count("select count(*) from outbox where kind = 'notice'").await, 10);
    fixture.dispatch().await;
    assert_eq!(fixture.count("select count(*) from outbox where kind = 'notice'").await, 15);
    assert_eq!(fixture.count("select count(*) from alert_stay_match where matched_at is null").await, 0);
    let mut tellers = Vec::new();
    for _ in 0..4 {
        tellers.push(fixture.dispatcher());
    }
    let passes = futures_of(&tellers).await;
    assert!(passes.iter().all(|pass| pass.notices == 0));
    assert_eq!(fixture.told().await.len(), 5);
}

#[tokio::test]
async fn four_workers_at_once_queue_each_notice_once() {
    let fixture = AlertFixture::new().await;
    let today = fixture.today();
    let mut stays = Vec::new();
    for _ in 0..6 {
        let venue = fixture.venue().await;
        fixture.visits(venue, 0..10).await;
        stays.push((venue, today));
    }
    let (one, two) = (fixture.report(&stays).await.alert_id, fixture.report(&stays).await.alert_id);
    fixture.approved(one).await;
    fixture.approved(two).await;
    let tellers: Vec<_> = (0..4).map(|_| fixture.dispatcher()).collect();
    let passes = futures_of(&tellers).await;
    assert_eq!(passes.iter().map(|pass| pass.notices).sum::<u64>(), 60);
    assert_eq!(passes.iter().map(|pass| pass.started).sum::<u64>(), 2);
    assert_eq!(fixture.count("select count(*) from outbox where kind = 'notice'").await, 60);
}

async fn futures_of(tellers: &[ashiato::alert::Dispatcher]) -> Vec<ashiato::alert::PassReport> {
    let (a, b, c, d) = tokio::join!(tellers[0].run_due(), tellers[1].run_due(), tellers[2].run_due(), tellers[3].run_due());
    vec![a.unwrap(), b.unwrap(), c.unwrap(), d.unwrap()]
}

#[tokio::test]
async fn an_alert_is_done_when_all_is_sent_and_its_dates_are_over() {
    let fixture = AlertFixture::new().await;
    let (venue, yesterday) = (fixture.venue().await, fixture.today());
    fixture.visits(venue, 0..2).await;
    fixture.pass(Duration::days(1)).await;
    let alert = fixture.release(&[(venue, yesterday)]).await;
    assert_eq!(fixture.status(alert).await.state, State::Sending, "nothing is sent yet");
    fixture.deliver().await;
    assert_eq!(fixture.dispatch().await.finished, 1);
    assert_eq!(fixture.status(alert).await.state, State::Done);
    assert_eq!(fixture.dispatch().await, ashiato::alert::PassReport::default());
}

#[tokio::test]
async fn a_stay_without_visits_tells_nobody_and_ends() {
    let fixture = AlertFixture::new().await;
    let (venue, long_ago) = (fixture.venue().await, fixture.today() - Days::new(20));
    let alert = fixture.release(&[(venue, long_ago)]).await;
    assert_eq!(fixture.delivery(alert).await.rows(), 0);
    assert_eq!(fixture.status(alert).await.state, State::Done);
}

#[tokio::test]
async fn a_visit_longer_than_any_stays_where_it_lies_and_holds_up_no_other() {
    let fixture = AlertFixture::new().await;
    let venue = fixture.venue().await;
    let (date, long) =
        (fixture.today(), format!("{}@{}.example.jp", "a".repeat(64), ["d".repeat(63), "e".repeat(63), "f".repeat(40)].join(".")));
    fixture.visit(venue, &long).await;
    let longest: i32 =
        sqlx::query_scalar("select octet_length(sealed) from visit").fetch_one(&mut fixture.db.connect(DbRole::Owner).await).await.unwrap();
    assert_eq!(usize::try_from(longest).unwrap(), MAX_SEALED_VISIT_BYTES);
    for (mac, length) in [(1_u8, MAX_SEALED_VISIT_BYTES), (2, MAX_SEALED_VISIT_BYTES + 1), (3, 20_000_000)] {
        sqlx::query("insert into visit (venue_id, visit_date, mac, epoch_id, poster_no, sealed) values ($1, $2, $3, 1, 1, $4)")
            .bind(venue.0)
            .bind(date)
            .bind(vec![mac; 16])
            .bind(vec![7_u8; length])
            .execute(&fixture.web)
            .await
            .unwrap();
    }
    fixture.release(&[(venue, date)]).await;
    let sizes: Vec<i32> = sqlx::query_scalar("select octet_length(sealed) from outbox where kind = 'notice' order by 1")
        .fetch_all(&fixture.notifier)
        .await
        .unwrap();
    assert_eq!(sizes, [0, 0, longest, longest], "what is too long was not copied");
    assert_eq!(fixture.told().await, [long]);
    assert_eq!(fixture.count("select count(*) from outbox where kind = 'notice' and state = 'dead'").await, 3);
}
