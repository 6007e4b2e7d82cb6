//! The visitor's own page, from the front door: ask, read the mail, see, erase, stop and start again.
mod person;

use crate::support::app::App;
use crate::support::logs;
use crate::support::smtp_sink::{Behaviour, Stage};
use ashiato::audit;
use ashiato::base::clock::Clock;
use ashiato::base::db::{self, DbRole};
use ashiato::base::token::Token;
use ashiato::retention::POLICY;
use ashiato::visit::my_visits::{LETTER_PAUSE, LETTERS_A_DAY, LINK_VALID, MAX_REQUESTS_PER_LINK};
use chrono::Duration;
use person::{
    alert, ask, count, days_later, exported, is_gone, link, open, path_in_mail, press, queue_alert, queue_alert_over, with_notifier,
};

const HANAKO: &str = "hanako@example.jp";
const TARO: &str = "taro@example.jp";
const TODAY: &str = "2026-11-22";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_from_the_answer_whether_an_address_was_ever_here() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    app.check_in(&cafe.codes[0], HANAKO).await;
    let known = app.form("/my", &[("email", HANAKO)]).await.expect_status(200).unwrap();
    let unknown = app.form("/my", &[("email", "nobody@example.jp")]).await.expect_status(200).unwrap();
    let too_often = app.form("/my", &[("email", HANAKO)]).await.expect_status(200).unwrap();
    assert_eq!((known.text(), known.text()), (unknown.text(), too_often.text()));
    assert!(known.text().contains("5分に1通、1日に5通") && !known.text().contains("example.jp"));
    app.deliver().await;

    let mails: Vec<_> = app.sink.accepted().into_iter().filter(|mail| mail.to != "shop@example.jp").collect();
    assert_eq!(mails.len(), 2, "one each, and none for the second click");
    assert!(mails.iter().all(|mail| mail.subject == "【あおば市】あなたの記録のページ" && mail.text.contains("2026年11月22日 13:00まで")));
    assert!(open(&app, &path_in_mail(&app, "nobody@example.jp")).await.contains("記録はありません"));
    assert!(open(&app, &path_in_mail(&app, HANAKO)).await.contains("記録 1件"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_address_is_shown_back_with_what_is_wrong() {
    let app = App::start().await;
    for (typed, said) in [("", "メールアドレスを入れてください"), ("hanako", "「@」が入っていません"), ("a@b", "「@」のあとが足りません")]
    {
        let page = app.form("/my", &[("email", typed)]).await.expect_status(422).unwrap().text();
        assert!(page.contains(said) && page.contains(&format!("value=\"{typed}\"")) && page.contains("<title>エラー："), "{typed}");
    }
    assert!(app.get("/my").await.expect_status(200).unwrap().text().contains("リンクをメールで受け取る"));
    assert_eq!(count(&app, "select count(*) from outbox").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_lists_ones_own_visits_over_venues_and_days_and_nobody_elses() {
    let app = App::start().await;
    let (cafe, library) = (app.venue("喫茶 ひだまり", &["入口"]).await, app.venue("あおば<市立>図書館", &["入口"]).await);
    let never = app.venue("青葉書店", &["入口"]).await;
    app.check_in(&cafe.codes[0], HANAKO).await;
    app.check_in(&cafe.codes[0], TARO).await;
    days_later(&app, 3).await;
    app.check_in(&library.codes[0], " Hanako@EXAMPLE.jp ").await;
    app.check_in(&cafe.codes[0], "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ").await;
    app.check_in(&never.codes[0], TARO).await;

    let path = link(&app, HANAKO).await;
    let page = open(&app, &path).await;
    assert!(page.contains("記録 3件") && page.contains("あおば&#60;市立&#62;図書館") && !page.contains("青葉書店"), "{page}");
    assert!(page.contains("2026年11月22日（日）") && page.contains("12月23日まで保管") && page.contains("12月26日まで保管"));
    let mut own = exported(&app, &path).await;
    own.sort_unstable();
    let visit = |date: &str, venue: &str| (date.to_owned(), venue.to_owned());
    assert_eq!(own, [visit(TODAY, "喫茶 ひだまり"), visit("2026-11-25", "あおば<市立>図書館"), visit("2026-11-25", "喫茶 ひだまり")]);
    let file = app.get(&format!("{path}/export")).await;
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"my-visits.json\""));
    assert_eq!(app.get(&path).await.header("cache-control"), Some("no-store"));

    let english = app.send("GET", &path, &["Accept-Language: en"], b"").await.text();
    assert!(english.contains("Records: 3") && english.contains("Sunday 22 November 2026"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_erases_one_visit_hears_nothing_about_it_and_keeps_the_others() {
    let app = App::start().await;
    let (cafe, library) = (app.venue("喫茶 ひだまり", &["入口"]).await, app.venue("図書館", &["入口"]).await);
    for venue in [&cafe, &library] {
        app.check_in(&venue.codes[0], HANAKO).await;
        app.check_in(&venue.codes[0], TARO).await;
    }
    let path = link(&app, HANAKO).await;
    open(&app, &path).await;
    let page = press(&app, &path, "forget", &[("venue", &cafe.id), ("date", TODAY)]).await;
    assert!(page.contains("記録を消しました") && page.contains("記録 1件") && page.contains("図書館") && !page.contains("ひだまり"));
    assert_eq!(count(&app, "select count(*) from visit").await, 3);
    assert_eq!(alert(&app, &cafe, TODAY).await, 1, "the other guest alone");
    assert_eq!(app.sink.accepted().last().unwrap().to, TARO);
    assert_eq!(alert(&app, &library, TODAY).await, 2);
    // Checked in again, it is a new record.
    app.check_in(&cafe.codes[0], HANAKO).await;
    assert_eq!(count(&app, "select count(*) from visit").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_everything_takes_back_what_was_about_to_be_sent() {
    let app = App::start().await;
    let (cafe, library) = (app.venue("喫茶 ひだまり", &["入口"]).await, app.venue("図書館", &["入口"]).await);
    for venue in [&cafe, &library] {
        app.check_in(&venue.codes[0], HANAKO).await;
    }
    app.check_in(&cafe.codes[0], TARO).await;
    assert_eq!(alert(&app, &library, TODAY).await, 1);
    let path = link(&app, HANAKO).await;
    open(&app, &path).await;
    queue_alert(&app, &cafe, TODAY).await;
    let page = press(&app, &path, "forget-all", &[]).await;
    assert!(page.contains("すべての記録を消しました") && page.contains("記録はありません"));
    assert_eq!(count(&app, "select count(*) from visit").await, 1);
    let before = app.sink.accepted().len();
    app.deliver().await;
    assert_eq!(app.sink.accepted().len(), before + 1, "Taro's");
    let states = "select count(*) from outbox where kind = 'notice' and ((state = 'cancelled' and sealed = '') or (state = 'sent'))";
    assert_eq!(count(&app, states).await, 3);
    assert_eq!(count(&app, "select count(*) from outbox where kind = 'notice' and state = 'sent' and sealed = ''").await, 1);
    assert!(exported(&app, &path).await.is_empty());
    audit::verify(&mut app.db.connect(DbRole::Web).await).await.unwrap();
    let told = "select count(*) from audit_entry where action = 'visit.forget' and actor_kind = 'visitor' and actor_id is null
        and target_id is null and detail::text = '{\"notices_cancelled\":1,\"visits\":2}'";
    assert_eq!(count(&app, told).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_erases_nobody_elses_visit() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    app.check_in(&cafe.codes[0], TARO).await;
    let path = link(&app, HANAKO).await;
    open(&app, &path).await;
    press(&app, &path, "forget", &[("venue", &cafe.id), ("date", TODAY)]).await;
    press(&app, &path, "forget-all", &[]).await;
    assert_eq!(count(&app, "select count(*) from visit").await, 1);
    for fields in [&[][..], &[("venue", cafe.id.as_str())], &[("venue", "x"), ("date", TODAY)], &[("venue", &cafe.id), ("date", "x")]] {
        app.form(&format!("{path}/forget"), fields).await.expect_status(422).unwrap();
    }
    let foreign = app.send("POST", &format!("{path}/forget-all"), &["Sec-Fetch-Site: cross-site"], b"").await;
    assert_eq!(foreign.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_notices_gets_none_until_starting_again() {
    let app = App::start().await;
    let (cafe, library) = (app.venue("喫茶 ひだまり", &["入口"]).await, app.venue("図書館", &["入口"]).await);
    for venue in [&cafe, &library] {
        app.check_in(&venue.codes[0], HANAKO).await;
    }
    let path = link(&app, HANAKO).await;
    assert!(open(&app, &path).await.contains("お知らせを止める"));
    let page = press(&app, &path, "stop", &[]).await;
    assert!(
        page.contains("お知らせを止めました") && page.contains("お知らせをまた受け取る") && !page.contains("お知らせを止める</button>")
    );
    assert_eq!(alert(&app, &cafe, TODAY).await, 0);
    assert_eq!(count(&app, "select count(*) from outbox where state = 'suppressed'").await, 1);

    // A later link tells how it stands, and reaches who gets no notices.
    app.clock.advance(LETTER_PAUSE);
    let later = link(&app, HANAKO).await;
    assert!(open(&app, &later).await.contains("お知らせをまた受け取る"));
    assert!(press(&app, &later, "start", &[]).await.contains("お知らせを、また受け取ります"));
    assert_eq!(alert(&app, &library, TODAY).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_lives_for_its_hour_and_then_nothing_of_it_is_left() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    app.check_in(&cafe.codes[0], HANAKO).await;
    let path = link(&app, HANAKO).await;
    let unopened = link(&app, TARO).await;
    app.clock.advance(LINK_VALID - Duration::microseconds(1));
    assert!(open(&app, &path).await.contains("記録 1件"));
    app.clock.advance(Duration::microseconds(1));
    for path in [path.as_str(), &unopened, &format!("{path}/export"), "/my/nonsense", &format!("/my/{}", Token::random().expose())] {
        assert!(is_gone(&app.get(path).await), "{path}");
    }
    for button in ["forget-all", "stop", "start"] {
        assert!(is_gone(&app.form(&format!("{path}/{button}"), &[]).await), "{button}");
    }
    ashiato::worker::serve_people(&app.worker.state).await.unwrap();
    assert_eq!(count(&app, "select (select count(*) from my_link) + (select count(*) from my_request)").await, 0);
    assert_eq!(count(&app, "select count(*) from visit").await, 1);
    assert_eq!(count(&app, "select count(*) from my_letter").await, 2, "letters are counted for a day");
    app.clock.advance(Duration::hours(23));
    ashiato::worker::serve_people(&app.worker.state).await.unwrap();
    assert_eq!(count(&app, "select count(*) from my_letter").await, 0);
    for table in ["my_link", "my_request", "my_letter"] {
        assert!(POLICY.iter().any(|rule| rule.what.split(", ").any(|name| name == table)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_scanner_that_opens_every_link_harms_nothing() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    app.check_in(&cafe.codes[0], HANAKO).await;
    let path = link(&app, HANAKO).await;
    for method in ["HEAD", "GET", "GET"] {
        assert_eq!(with_notifier(&app, app.send(method, &path, &[], b"")).await.status, 200);
    }
    for button in ["forget", "forget-all", "stop", "start"] {
        assert_eq!(app.get(&format!("{path}/{button}")).await.status, 405, "{button}");
    }
    assert!(open(&app, &path).await.contains("記録 1件"));
    assert_eq!(count(&app, "select count(*) from my_request").await, 1, "one look");
    assert_eq!(count(&app, "select count(*) from suppression").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobodys_mailbox_is_filled_through_us() {
    let app = App::start().await;
    assert_eq!(ask(&app, HANAKO).await, 1);
    app.clock.advance(LETTER_PAUSE - Duration::microseconds(1));
    assert_eq!(ask(&app, "HANAKO@example.jp").await, 0, "however it is typed");
    assert_eq!(ask(&app, TARO).await, 1, "others are not held up");
    app.clock.advance(Duration::microseconds(1));
    for _ in 1..LETTERS_A_DAY {
        assert_eq!(ask(&app, HANAKO).await, 1);
        app.clock.advance(LETTER_PAUSE);
    }
    assert_eq!(ask(&app, HANAKO).await, 0, "five today");
    assert_eq!(count(&app, "select count(*) from outbox where state = 'suppressed' and kind = 'visitor_link'").await, 2);
    let first = app.clock.now() - LETTER_PAUSE * i32::try_from(LETTERS_A_DAY).unwrap();
    days_later(&app, 1).await;
    app.clock.set(first + Duration::hours(24));
    assert_eq!(ask(&app, HANAKO).await, 1, "the first of them is a day old");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_tried_again_counts_once_and_its_link_works() {
    use crate::support::smtp_sink::{Behaviour, Stage};
    let app = App::start().await;
    app.sink.behave_times(1, Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));
    assert_eq!(ask(&app, HANAKO).await, 0);
    app.clock.advance(Duration::minutes(3));
    app.deliver().await;
    assert_eq!(app.sink.accepted().len(), 1);
    assert!(open(&app, &path_in_mail(&app, HANAKO)).await.contains("記録はありません"));
    assert_eq!(count(&app, "select count(*) from my_letter").await, 1);
}

/// docs/GUARANTEES.md "What is kept, and who can read it": who takes over a web host sees what passes
/// through from then on, and no more; a dump lists nobody's places.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_link_neither_web_nor_a_dump_tells_where_anybody_was() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    app.check_in(&cafe.codes[0], HANAKO).await;
    let path = link(&app, HANAKO).await;
    open(&app, &path).await;
    app.form(&format!("{path}/stop"), &[]).await.expect_status(303).unwrap();

    let mut web = app.db.connect(DbRole::Web).await;
    for secret in ["address from my_link", "person from my_letter", "sealed from my_request", "person from suppression"] {
        let read = sqlx::query(sqlx::AssertSqlSafe(format!("select {secret}"))).fetch_all(&mut web).await;
        assert_eq!(read.unwrap_err().as_database_error().unwrap().code().unwrap(), "42501", "{secret}");
    }
    for change in ["delete from my_link", "update my_link set expires_at = now()", "update my_request set done_at = now()"] {
        let changed = sqlx::query(change).execute(&mut web).await;
        assert_eq!(changed.unwrap_err().as_database_error().unwrap().code().unwrap(), "42501", "{change}");
    }

    let everything = "select row_to_json(t)::text from my_link t union all select row_to_json(t)::text from my_request t
        union all select row_to_json(t)::text from my_letter t";
    let dump: Vec<String> = sqlx::query_scalar(everything).fetch_all(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    let dump = dump.join("\n");
    assert!(dump.lines().count() >= 4, "a link, two requests, a letter");
    let token = path.strip_prefix("/my/").unwrap();
    for clear in [HANAKO, token, &cafe.id] {
        let hex: String = clear.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!dump.contains(clear) && !dump.contains(&hex), "in clear: {clear}");
    }
    worker_closes_and_empties(&app).await;
}

async fn worker_closes_and_empties(app: &App) {
    ashiato::worker::serve_people(&app.worker.state).await.unwrap();
    assert_eq!(count(app, "select count(*) from my_request where done_at is null or sealed <> ''").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_is_still_being_done() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    app.check_in(&cafe.codes[0], HANAKO).await;
    let path = link(&app, HANAKO).await;
    // The worker is away.
    assert!(app.get(&path).await.expect_status(200).unwrap().text().contains("調べています"));
    app.get(&path).await.expect_status(200).unwrap();
    assert_eq!(count(&app, "select count(*) from my_request").await, 1, "who waits asks once");
    assert_eq!(app.get(&format!("{path}/export")).await.expect_status(303).unwrap().header("location"), Some(path.as_str()));
    open(&app, &path).await;

    // A matcher is at work: what it has read may still be queued, so nothing is erased now.
    let mut matcher = app.db.connect(DbRole::Notifier).await;
    assert!(db::try_lock(&mut matcher, "dispatch").await.unwrap());
    let page = press(&app, &path, "forget-all", &[]).await;
    assert!(page.contains("受け付けました") && page.contains("記録 1件"));
    assert_eq!(count(&app, "select count(*) from visit").await, 1);
    db::unlock(&mut matcher, "dispatch").await.unwrap();
    ashiato::worker::serve_people(&app.worker.state).await.unwrap();
    assert!(open(&app, &path).await.contains("すべての記録を消しました"));
    assert_eq!(count(&app, "select count(*) from visit").await, 0);
    assert!(db::try_lock(&mut matcher, "dispatch").await.unwrap(), "the lock was given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_link_may_ask_two_hundred_times() {
    let app = App::start().await;
    let path = link(&app, HANAKO).await;
    open(&app, &path).await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query(
        "insert into my_request select gen_random_uuid(), token_sha256, kind, visit_date, epoch_id, '', requested_at, requested_at
         from my_request cross join generate_series(1, $1)",
    )
    .bind(i32::try_from(MAX_REQUESTS_PER_LINK - 2).unwrap())
    .execute(&mut owner)
    .await
    .unwrap();
    press(&app, &path, "stop", &[]).await;
    app.form(&format!("{path}/start"), &[]).await.expect_status(429).unwrap();
    assert_eq!(count(&app, "select count(*) from my_request").await, MAX_REQUESTS_PER_LINK);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_the_visit_that_spoke_for_a_person_leaves_the_other_notice() {
    let app = App::start().await;
    let (cafe, library) = (app.venue("喫茶 ひだまり", &["入口"]).await, app.venue("あおば市立図書館", &["入口"]).await);
    for venue in [&cafe, &library] {
        app.check_in(&venue.codes[0], HANAKO).await;
        app.check_in(&venue.codes[0], TARO).await;
    }
    let path = link(&app, HANAKO).await;
    open(&app, &path).await;
    queue_alert_over(&app, &[&cafe, &library], TODAY).await;
    app.sink.behave_for(HANAKO, Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));
    app.deliver().await;
    let spoke = "select venue_id::text from outbox where state = 'deferred'";
    let venue: String = sqlx::query_scalar(spoke).fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    assert_eq!(count(&app, "select count(*) from outbox where state = 'merged'").await, 2);

    press(&app, &path, "forget", &[("venue", &venue), ("date", TODAY)]).await;
    app.sink.heal();
    let before = app.sink.accepted_by_recipient();
    app.dispatch().await;
    app.deliver().await;
    let after = app.sink.accepted_by_recipient();
    let more = |who: &str| after.get(who).copied().unwrap_or(0) - before.get(who).copied().unwrap_or(0);
    assert_eq!((more(HANAKO), more(TARO)), (1, 0), "the other visit still speaks, and nobody hears twice");
    assert_eq!(count(&app, "select count(*) from outbox where state = 'merged'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_and_no_link_is_logged_or_audited() {
    logs::capture();
    let mut app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    app.check_in(&cafe.codes[0], "himitsu@example.jp").await;
    let path = link(&app, "himitsu@example.jp").await;
    app.run_worker();
    // As in production: the answer is held until the worker's next turn.
    assert!(app.get(&path).await.expect_status(200).unwrap().text().contains("記録 1件"));
    for button in ["stop", "start", "forget-all"] {
        app.clock.advance(Duration::seconds(1));
        app.form(&format!("{path}/{button}"), &[]).await.expect_status(303).unwrap();
    }
    assert!(app.get(&path).await.text().contains("すべての記録を消しました"));
    let token = path.strip_prefix("/my/").unwrap();
    let (text, audited): (String, Vec<String>) = (
        logs::text(),
        sqlx::query_scalar("select action || detail::text from audit_entry")
            .fetch_all(&mut app.db.connect(DbRole::Owner).await)
            .await
            .unwrap(),
    );
    assert!(text.len() > 1000 && !text.contains("himitsu") && !text.contains(token));
    for action in ["visit.look_up{}", "visit.stop_notices{}", "visit.start_notices{}"] {
        assert!(audited.iter().any(|entry| entry == action), "{action}: {audited:?}");
    }
    assert!(!audited.concat().contains('@'));
    app.worker.stop().await;
}
