//! Who is told: same venue, same business date; once per venue and date; one mail per person and alert.
use super::town::{Mail, Town};
use ashiato::alert::State;
use ashiato::base::db::DbRole;
use ashiato::base::email_address::EmailAddress;
use ashiato::base::locale::Locale;
use ashiato::keys::{MAX_SEALED_VISIT_BYTES, PersonScope};
use ashiato::mail::suppression::{self, Cause};
use chrono::{Days, Duration};

#[tokio::test]
async fn the_same_venue_on_the_same_date_and_nothing_else_is_told() {
    let town = Town::new().await;
    let (venue, elsewhere) = (town.venue().await, town.venue().await);
    town.visit(venue, "yesterday@example.jp").await;
    town.pass(Duration::days(1)).await;
    town.visit(venue, "here@example.jp").await;
    town.visit(elsewhere, "elsewhere@example.jp").await;
    let alert = town.release(&[(venue, town.today())]).await;
    assert_eq!(town.told().await, ["here@example.jp"]);
    assert_eq!(town.delivery(alert).await.rows(), 1);
    assert_eq!(town.told().await, [""; 0], "once");
}

#[tokio::test]
async fn everybody_reads_the_approved_words_in_his_own_language() {
    let town = Town::new().await;
    let venue = town.venue().await;
    town.visit_in(venue, "ja@example.jp", Locale::Ja).await;
    town.visit_in(venue, "en@example.jp", Locale::En).await;
    let alert = town.release(&[(venue, town.today())]).await;
    let text = town.preview(alert).await.text;
    let mails: Vec<Mail> = town.deliver().await;
    assert_eq!(mails.len(), 2);
    for mail in mails {
        assert_eq!(mail.locale.tag(), &mail.to[..2]);
        let wanted = text.of(mail.locale);
        assert_eq!((&mail.subject, &mail.body), (&wanted.subject, &wanted.body));
    }
}

#[tokio::test]
async fn nobody_gets_a_second_notice_for_a_venue_and_date_whatever_the_number_of_alerts() {
    let town = Town::new().await;
    let (venue, today) = (town.venue().await, town.today());
    town.visits(venue, 0..3).await;
    town.release(&[(venue, today)]).await;
    assert_eq!(town.told().await.len(), 3);
    town.visit(venue, "later@example.jp").await;
    let second = town.report(&[(venue, today)]).await.alert_id;
    let preview = town.preview(second).await;
    assert_eq!((preview.stays[0].visits, preview.stays[0].already_alerted, preview.visits), (4, 3, 1));
    town.approved(second).await;
    town.dispatch().await;
    assert_eq!(town.told().await, ["later@example.jp"]);
    assert_eq!(town.count("select count(*) from outbox where kind = 'notice'").await, 4);
}

#[tokio::test]
async fn one_person_at_several_venues_gets_one_mail_of_the_alert() {
    for batch in [1, 100] {
        let town = Town::new().await;
        let (one, two, three, today) = (town.venue().await, town.venue().await, town.venue().await, town.today());
        for venue in [one, two, three] {
            town.visit(venue, "often@example.jp").await;
        }
        town.visit(two, "Often@EXAMPLE.jp").await;
        town.visit(two, "once@example.jp").await;
        let alert = town.release(&[(one, today), (two, today), (three, today)]).await;
        let mut told: Vec<String> = town.deliver_by(batch).await.into_iter().map(|mail| mail.to).collect();
        told.sort();
        assert_eq!(told, ["often@example.jp", "once@example.jp"].map(str::to_owned).to_vec(), "batches of {batch}");
        let counts = town.delivery(alert).await;
        assert_eq!((counts.sent, counts.merged, counts.rows()), (2, 2, 4));
    }
}

#[tokio::test]
async fn a_notice_that_is_tried_again_still_speaks_for_its_person() {
    let town = Town::new().await;
    let (one, two, today) = (town.venue().await, town.venue().await, town.today());
    for venue in [one, two] {
        town.visit(venue, "often@example.jp").await;
    }
    town.release(&[(one, today), (two, today)]).await;
    assert_eq!(town.told().await.len(), 1);
    // The mail server said "later": the row comes back.
    let sent = "update outbox set state = 'deferred', finished_at = null where state = 'sent' and alert_id is not null and venue_id <> $1";
    town.sql(sent, uuid::Uuid::nil()).await;
    assert_eq!(town.told().await, ["often@example.jp"]);
}

#[tokio::test]
async fn a_person_of_two_alerts_is_told_by_both() {
    let town = Town::new().await;
    let (one, two, today) = (town.venue().await, town.venue().await, town.today());
    for venue in [one, two] {
        town.visit(venue, "often@example.jp").await;
    }
    town.release(&[(one, today)]).await;
    town.release(&[(two, today)]).await;
    assert_eq!(town.told().await, ["often@example.jp"; 2]);
    assert_eq!(town.count("select count(distinct person) from alert_person").await, 2, "no key links a person across alerts");
}

#[tokio::test]
async fn who_wants_no_mails_gets_none() {
    let town = Town::new().await;
    let (venue, today) = (town.venue().await, town.today());
    town.visits(venue, 0..2).await;
    town.visit(venue, "Quiet@example.jp").await;
    let person = town.opener.person(PersonScope::Suppression, &EmailAddress::parse("quiet@example.jp").unwrap());
    suppression::add(&town.notifier, town.now(), &person, Cause::Asked).await.unwrap();
    let alert = town.release(&[(venue, today)]).await;
    assert_eq!(town.told().await, ["visitor0@example.jp", "visitor1@example.jp"]);
    assert_eq!(town.delivery(alert).await.suppressed, 1);
}

#[tokio::test]
async fn a_row_that_does_not_open_is_dead_and_the_others_go_on() {
    let town = Town::new().await;
    let (venue, today) = (town.venue().await, town.today());
    town.visits(venue, 0..3).await;
    let one = "update visit set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)
               where mac = (select mac from visit where venue_id = $1 order by mac limit 1)";
    town.sql(one, venue.0).await;
    let alert = town.release(&[(venue, today)]).await;
    assert_eq!(town.told().await.len(), 2);
    let counts = town.delivery(alert).await;
    assert_eq!((counts.sent, counts.dead, counts.rows()), (2, 1, 3));
}

#[tokio::test]
async fn an_alert_killed_between_two_stays_goes_on_without_doubles() {
    let town = Town::new().await;
    let (one, two, three, today) = (town.venue().await, town.venue().await, town.venue().await, town.today());
    for venue in [one, two, three] {
        town.visits(venue, 0..5).await;
    }
    let alert = town.report(&[(one, today), (two, today), (three, today)]).await.alert_id;
    town.approved(alert).await;
    town.dispatch().await;
    // As if the process had died after its first stay, the second one's commit never having happened.
    town.sql("update alert_stay_match set matched_at = null where venue_id <> $1", one.0).await;
    town.sql("delete from outbox where venue_id = $1", two.0).await;
    assert_eq!(town.count("select count(*) from outbox where kind = 'notice'").await, 10);
    town.dispatch().await;
    assert_eq!(town.count("select count(*) from outbox where kind = 'notice'").await, 15);
    assert_eq!(town.count("select count(*) from alert_stay_match where matched_at is null").await, 0);
    let mut tellers = Vec::new();
    for _ in 0..4 {
        tellers.push(town.dispatcher());
    }
    let passes = futures_of(&tellers).await;
    assert!(passes.iter().all(|pass| pass.notices == 0));
    assert_eq!(town.told().await.len(), 5);
}

#[tokio::test]
async fn four_notifiers_at_once_queue_each_notice_once() {
    let town = Town::new().await;
    let today = town.today();
    let mut stays = Vec::new();
    for _ in 0..6 {
        let venue = town.venue().await;
        town.visits(venue, 0..10).await;
        stays.push((venue, today));
    }
    let (one, two) = (town.report(&stays).await.alert_id, town.report(&stays).await.alert_id);
    town.approved(one).await;
    town.approved(two).await;
    let tellers: Vec<_> = (0..4).map(|_| town.dispatcher()).collect();
    let passes = futures_of(&tellers).await;
    assert_eq!(passes.iter().map(|pass| pass.notices).sum::<u64>(), 60);
    assert_eq!(passes.iter().map(|pass| pass.started).sum::<u64>(), 2);
    assert_eq!(town.count("select count(*) from outbox where kind = 'notice'").await, 60);
}

async fn futures_of(tellers: &[ashiato::alert::Dispatcher]) -> Vec<ashiato::alert::PassReport> {
    let (a, b, c, d) = tokio::join!(tellers[0].run_due(), tellers[1].run_due(), tellers[2].run_due(), tellers[3].run_due());
    vec![a.unwrap(), b.unwrap(), c.unwrap(), d.unwrap()]
}

#[tokio::test]
async fn an_alert_is_done_when_all_is_sent_and_its_dates_are_over() {
    let town = Town::new().await;
    let (venue, yesterday) = (town.venue().await, town.today());
    town.visits(venue, 0..2).await;
    town.pass(Duration::days(1)).await;
    let alert = town.release(&[(venue, yesterday)]).await;
    assert_eq!(town.status(alert).await.state, State::Sending, "nothing is sent yet");
    town.deliver().await;
    assert_eq!(town.dispatch().await.finished, 1);
    assert_eq!(town.status(alert).await.state, State::Done);
    assert_eq!(town.dispatch().await, ashiato::alert::PassReport::default());
}

#[tokio::test]
async fn a_stay_without_visits_tells_nobody_and_ends() {
    let town = Town::new().await;
    let (venue, long_ago) = (town.venue().await, town.today() - Days::new(20));
    let alert = town.release(&[(venue, long_ago)]).await;
    assert_eq!(town.delivery(alert).await.rows(), 0);
    assert_eq!(town.status(alert).await.state, State::Done);
}

#[tokio::test]
async fn a_visit_longer_than_any_stays_where_it_lies_and_holds_up_no_other() {
    let town = Town::new().await;
    let venue = town.venue().await;
    let (date, long) =
        (town.today(), format!("{}@{}.example.jp", "a".repeat(64), ["d".repeat(63), "e".repeat(63), "f".repeat(40)].join(".")));
    town.visit(venue, &long).await;
    let longest: i32 =
        sqlx::query_scalar("select octet_length(sealed) from visit").fetch_one(&mut town.db.connect(DbRole::Owner).await).await.unwrap();
    assert_eq!(usize::try_from(longest).unwrap(), MAX_SEALED_VISIT_BYTES);
    for (mac, length) in [(1_u8, MAX_SEALED_VISIT_BYTES), (2, MAX_SEALED_VISIT_BYTES + 1), (3, 20_000_000)] {
        sqlx::query("insert into visit (venue_id, visit_date, mac, epoch_id, poster_no, sealed) values ($1, $2, $3, 1, 1, $4)")
            .bind(venue.0)
            .bind(date)
            .bind(vec![mac; 16])
            .bind(vec![7_u8; length])
            .execute(&town.web)
            .await
            .unwrap();
    }
    town.release(&[(venue, date)]).await;
    let sizes: Vec<i32> = sqlx::query_scalar("select octet_length(sealed) from outbox where kind = 'notice' order by 1")
        .fetch_all(&town.notifier)
        .await
        .unwrap();
    assert_eq!(sizes, [0, 0, longest, longest], "what is too long was not copied");
    assert_eq!(town.told().await, [long]);
    assert_eq!(town.count("select count(*) from outbox where kind = 'notice' and state = 'dead'").await, 3);
}
