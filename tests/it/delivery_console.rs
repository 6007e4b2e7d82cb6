//! The delivery board, the progress page and the stop of everything, as officials and programs see them.
use crate::routes::contract::Contract;
use crate::support::app::{App, OpenVenue, Plan};
use crate::support::console::Official;
use crate::support::smtp_sink::{Behaviour, Stage};
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::cli::demo::http::Answer;
use ashiato::official::Role;
use ashiato::web::MAX_STREAMS;
use chrono::Duration as Span;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a browser waits for at most in these stories.
const PATIENT: Duration = Duration::from_secs(15);

struct ConsoleFixture {
    app: App,
    tracer: String,
    approver: String,
    venue: OpenVenue,
}

impl ConsoleFixture {
    async fn new(visitors: usize) -> Self {
        Self::with(visitors, Plan::default()).await
    }

    async fn with(visitors: usize, plan: Plan) -> Self {
        let app = App::with(plan).await;
        let (tracer, approver) = (app.token(Role::Tracer, "tanaka").await, app.token(Role::Approver, "sato").await);
        let venue = app.venue("喫茶 ひだまり", &["入口"]).await;
        for number in 0..visitors {
            app.check_in(&venue.codes[0], &format!("visitor{number}@example.jp")).await;
        }
        app.deliver().await;
        Self { app, tracer, approver, venue }
    }

    /// Reports, submits and approves; nothing is dispatched yet.
    async fn approved(&self) -> String {
        let stays = json!([{ "venue_id": self.venue.id, "date": "2026-11-22" }]);
        let case = json!({ "reference": "R8-0123", "stays": stays });
        let reported = self.ask("POST", "/api/v1/cases", &self.tracer, Some(case)).await.json().unwrap();
        let alert = reported["alert_id"].as_str().unwrap().to_owned();
        self.ask("POST", &format!("/api/v1/alerts/{alert}/submit"), &self.tracer, None).await.expect_status(200).unwrap();
        self.ask("POST", &format!("/api/v1/alerts/{alert}/approve"), &self.approver, None).await.expect_status(200).unwrap();
        alert
    }

    async fn ask(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Answer {
        Contract::read().at(&self.app).ask(method, path, Some(token), body).await
    }

    async fn mails(&self, alert: &str) -> Value {
        self.ask("GET", &format!("/api/v1/alerts/{alert}/delivery"), &self.tracer, None).await.expect_status(200).unwrap().json().unwrap()
    }

    fn mails_to(&self, part: &str) -> usize {
        self.app.sink.accepted_by_recipient().iter().filter(|(to, _)| to.contains(part)).map(|(_, mails)| *mails).sum()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_stop_everything_and_an_approver_lets_it_go_on() {
    let console = ConsoleFixture::new(3).await;
    let official = console.app.official(Role::Approver, "佐藤 みどり").await;
    let alert = console.approved().await;
    console.app.dispatch().await;
    assert_eq!(
        console.ask("GET", "/api/v1/sending", &console.tracer, None).await.json().unwrap(),
        json!({ "stopped": false, "stops": [] })
    );
    for (reason, code) in [("", "empty"), ("あ\nい", "forbidden_characters"), (&*"あ".repeat(201), "too_long")] {
        let refused = console.ask("POST", "/api/v1/sending/stop", &console.tracer, Some(json!({ "reason": reason }))).await;
        assert_eq!((refused.status, &refused.json().unwrap()["errors"][0]["code"]), (422, &json!(code)));
    }
    let longest = "あ".repeat(200);
    let stopped =
        console.ask("POST", "/api/v1/sending/stop", &console.tracer, Some(json!({ "reason": longest }))).await.expect_status(200).unwrap();
    let stop = stopped.json().unwrap()["stops"][0].clone();
    assert_eq!((&stop["kind"], &stop["by"]), (&json!("asked"), &json!("tanaka")));
    let again = console.ask("POST", "/api/v1/sending/stop", &console.approver, Some(json!({ "reason": "x" }))).await;
    assert_eq!(again.json().unwrap()["code"], "already_stopped");
    console.app.deliver().await;
    assert_eq!((console.mails_to("visitor"), console.mails(&alert).await["delivery"]["queued"].clone()), (0, json!(3)));
    assert_eq!(console.mails_to(&official.id.to_string()), 3, "submitted, held, and that it was stopped");

    let forbidden = console.ask("POST", "/api/v1/sending/resume", &console.tracer, None).await;
    assert_eq!(forbidden.status, 403, "ending it needs an approver");
    let stale = console.ask("POST", "/api/v1/sending/resume", &console.approver, Some(json!({ "stops": [] }))).await;
    assert_eq!(stale.json().unwrap()["code"], "stale", "who has not seen it cannot end it");
    let resumed = console.ask("POST", "/api/v1/sending/resume", &console.approver, None).await.expect_status(200).unwrap();
    assert_eq!(resumed.json().unwrap()["stopped"], false);
    assert_eq!(console.ask("POST", "/api/v1/sending/resume", &console.approver, None).await.json().unwrap()["code"], "not_stopped");
    console.app.dispatch().await;
    console.app.deliver().await;
    assert_eq!((console.mails_to("visitor"), console.mails_to(&official.id.to_string())), (3, 4), "and that it goes on");
    let mut owner = console.app.db.connect(DbRole::Owner).await;
    let acts: Vec<String> =
        sqlx::query_scalar("select action from audit_entry where action like 'sending.%' order by id").fetch_all(&mut owner).await.unwrap();
    assert_eq!(acts, ["sending.stop", "sending.resume"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_of_the_worker_itself_is_told_to_approvers_by_web() {
    let console = ConsoleFixture::new(1).await;
    let official = console.app.official(Role::Admin, "管理 太郎").await;
    console.app.deliver().await;
    let mut owner = console.app.db.connect(DbRole::Owner).await;
    sqlx::query("update sending_counter set value = 0").execute(&mut owner).await.unwrap();
    let alert = console.approved().await;
    console.app.dispatch().await;
    console.app.deliver().await;
    assert_eq!(console.mails(&alert).await["delivery"]["queued"], 1);
    let stop = &console.ask("GET", "/api/v1/sending", &console.tracer, None).await.json().unwrap()["stops"][0].clone();
    assert_eq!((&stop["kind"], stop.get("by")), (&json!("restored"), None));
    let before = console.mails_to(&official.id.to_string());
    ashiato::web::tell_of_stops(&console.app.web.state).await.unwrap();
    ashiato::web::tell_of_stops(&console.app.web.state).await.unwrap();
    console.app.deliver().await;
    assert_eq!(console.mails_to(&official.id.to_string()), before + 1, "once");
    let page = official.get("/console/sending/resume").await.expect_status(200).unwrap().text();
    assert!(page.contains("古い状態"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn officials_stop_and_resume_on_pages_that_say_what_will_happen() {
    let console = ConsoleFixture::new(2).await;
    let (viewer, tracer, approver) = (
        console.app.official(Role::Viewer, "見 るだけ").await,
        console.app.official(Role::Tracer, "田中 健").await,
        console.app.official(Role::Approver, "佐藤 みどり").await,
    );
    assert!(!viewer.get("/console/delivery").await.text().contains("/console/sending/stop"));
    assert_eq!(viewer.get("/console/sending/stop").await.status, 403);
    assert!(tracer.get("/console/delivery").await.text().contains("/console/sending/stop"));
    let refused = tracer.form("/console/sending/stop", &[("reason", " ")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("aria-invalid=\"true\""));
    let stopped = tracer.form("/console/sending/stop", &[("reason", "文面の<b>まちがい")]).await;
    assert_eq!((stopped.status, stopped.header("Location")), (303, Some("/console/delivery?done=stopped")));
    assert!(tracer.get("/console/delivery?done=stopped").await.text().contains("role=\"status\""));
    assert_eq!(tracer.get("/console/sending/resume").await.status, 403);
    let page = approver.get("/console/sending/resume").await.text();
    assert!(page.contains("11月22日 12:00 に 田中 健 さんが止めました。理由：文面の&#60;b&#62;まちがい"), "{page}");
    let stale = approver.form("/console/sending/resume", &[("stop", "00000000-0000-0000-0000-000000000000")]).await;
    assert_eq!(stale.status, 409);
    let id = page.split("name=\"stop\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(approver.form("/console/sending/resume", &[("stop", &id)]).await.status, 303);
    assert_eq!(approver.form("/console/sending/resume", &[("stop", &id)]).await.status, 409, "a second click changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_holds_nine_states_reasons_and_the_sum() {
    let console = ConsoleFixture::new(7).await;
    let alert = console.approved().await;
    console.app.dispatch().await;
    console.app.sink.behave_for("visitor0@example.jp", Behaviour::reply(Stage::Rcpt, "550 5.1.1 no"));
    console.app.sink.behave_for("visitor1@example.jp", Behaviour::reply(Stage::Rcpt, "452 4.2.2 full"));
    console.app.deliver().await;
    let mails = console.mails(&alert).await;
    assert_eq!((&mails["mails"], &mails["delivery"]["sent"], &mails["delivery"]["deferred"]), (&json!(7), &json!(5), &json!(1)));
    let reasons = mails["reasons"].as_array().unwrap();
    let of = |meaning: &str| reasons.iter().find(|reason| reason["meaning"] == meaning).unwrap();
    assert!(of("mailbox_full").get("next_at").is_some() && of("no_mailbox").get("next_at").is_none());
    assert_eq!((&mails["companies"], &mails["sent_per_minute"]), (&json!([]), &json!(5)), "seven mails say nothing of providers");
    assert!(mails["oldest_waiting"].is_string());
    let overall = console.ask("GET", "/api/v1/delivery", &console.tracer, None).await.json().unwrap();
    assert_eq!(overall["delivery"], mails["delivery"], "letters are not among them");

    let tracer = console.app.official(Role::Tracer, "田中 健").await;
    let page = tracer.get(&format!("/console/alerts/{alert}/progress")).await.expect_status(200).unwrap().text();
    let mut at = 0;
    for word in ["送信済み", "送信待ち", "再送待ち", "返事なし", "まとめ済み", "受信停止", "不達", "取り消し", "送信不能"]
    {
        let sign = format!("{word}</span></th><td class=\"r\">");
        let found = page[at..].find(&sign).unwrap_or_else(|| panic!("{word} is missing or out of order"));
        at += found;
    }
    assert!(page[at..].contains("<strong>7</strong>"));
    assert!(page.contains("受信箱がいっぱいです") && page.contains("rcpt 452 4.2.2"));
    assert!(page.contains("<progress max=\"7\" value=\"5\""), "one waits, one came to no mailbox: {page}");
    let board = tracer.get("/console/delivery").await.expect_status(200).unwrap().text();
    assert!(board.contains(&format!("/console/alerts/{alert}/progress")));
    let viewer = console.app.official(Role::Viewer, "見 るだけ").await;
    let page = viewer.get(&format!("/console/alerts/{alert}/progress")).await.text();
    assert!(page.contains("<strong>5</strong>") && !page.contains(">7<") && !page.contains("form=\"pause\""), "rounded to five: {page}");
    assert_eq!(viewer.get("/console/alerts/00000000-0000-0000-0000-000000000000/progress").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_on_an_alert_ask_first_and_come_back_with_what_was_done() {
    let console = ConsoleFixture::new(3).await;
    let alert = console.approved().await;
    console.app.dispatch().await;
    let (tracer, approver) =
        (console.app.official(Role::Tracer, "田中 健").await, console.app.official(Role::Approver, "佐藤 みどり").await);
    let at = |act: &str| format!("/console/alerts/{alert}/progress{act}");
    assert_eq!(tracer.form(&at("/pause"), &[]).await.header("Location"), Some(at("?done=paused").as_str()));
    assert_eq!(tracer.form(&at("/resume"), &[]).await.status, 403);
    assert_eq!(tracer.form(&at("/give-up"), &[]).await.status, 403);
    let page = approver.get(&at("/give-up")).await.text();
    assert!(page.contains("3 件の送信をやめる"), "{page}");
    assert_eq!(approver.form(&at("/give-up"), &[]).await.status, 303);
    let again = approver.form(&at("/give-up"), &[]).await;
    assert!(again.status == 409 && again.text().contains("role=\"alert\""));
    console.app.dispatch().await;
    assert_eq!(console.mails(&alert).await["delivery"]["dead"], 3);
    assert_eq!(approver.form(&at("/resume"), &[]).await.status, 303);
    assert_eq!(approver.form(&at("/retry"), &[]).await.status, 303);
    console.app.dispatch().await;
    console.app.deliver().await;
    assert_eq!(console.mails_to("visitor"), 3);
    let refused = approver.form(&at("/late"), &[("visits", "1")]).await;
    assert_eq!(refused.status, 409);
    assert_eq!(tracer.form(&at("/cancel"), &[]).await.status, 409, "neither submitted nor an approver");
    assert_eq!(approver.form(&at("/cancel"), &[]).await.status, 303);
    console.app.dispatch().await;
    assert!(tracer.get(&at("/correct")).await.text().contains("3 人"));
    let correction = tracer.form(&at("/correct"), &[]).await;
    assert_eq!(correction.status, 303);
    let id = correction.header("Location").unwrap().strip_prefix("/console/alerts/").unwrap().to_owned();
    let number = console.mails(&alert).await["number"].as_str().unwrap().to_owned();
    // Who prepares, reads or approves a correction reads what it corrects and whom it reaches, not what holds for a first notice.
    let draft = tracer.get(&format!("/console/alerts/{id}")).await.text();
    assert!(draft.contains(&format!("お知らせ {number} の訂正です")) && draft.contains("訂正するお知らせが届いた人"), "{draft}");
    assert!(!draft.contains("/wording"), "its words are fixed");
    let stopped = tracer.get(&format!("/console/alerts/{alert}")).await.text();
    assert!(stopped.contains("訂正") && !stopped.contains("このお知らせは送りません"), "mails had left: {stopped}");
    console.ask("POST", &format!("/api/v1/alerts/{id}/submit"), &console.tracer, None).await.expect_status(200).unwrap();
    let waiting = approver.get(&format!("/console/alerts/{id}")).await.text();
    assert!(waiting.contains("訂正") && waiting.contains(&format!("お知らせ {number} の訂正です")), "{waiting}");
    console.ask("POST", &format!("/api/v1/alerts/{id}/approve"), &console.approver, None).await.expect_status(200).unwrap();
    console.app.dispatch().await;
    console.app.deliver().await;
    assert!((0..3).all(|number| console.mails_to(&format!("visitor{number}@")) == 2), "the notice, and that it was a mistake");
    let check = console.app.get(&format!("/alerts/check?number={number}")).await.text();
    assert!(check.contains("このお知らせは、まちがいでした"), "{check}");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_retry_give_up_and_correct() {
    let console = ConsoleFixture::new(2).await;
    let alert = console.approved().await;
    console.app.dispatch().await;
    let at = |act: &str| format!("/api/v1/alerts/{alert}/{act}");
    assert_eq!(console.ask("POST", &at("retry"), &console.approver, None).await.json().unwrap()["code"], "nothing_waiting");
    assert_eq!(console.ask("POST", &at("give-up"), &console.approver, None).await.json().unwrap()["request_pending"], true);
    assert_eq!(console.ask("POST", &at("retry"), &console.approver, None).await.json().unwrap()["code"], "request_pending");
    console.app.dispatch().await;
    console.ask("POST", &at("retry"), &console.approver, None).await.expect_status(200).unwrap();
    console.app.dispatch().await;
    console.app.deliver().await;
    // Its date still takes check-ins; it is stopped and corrected in one act.
    assert_eq!(console.mails(&alert).await["state"], "sending");
    let correction = console.ask("POST", &at("correct"), &console.tracer, None).await.expect_status(201).unwrap().json().unwrap();
    assert_eq!((&correction["corrects"], &correction["state"]), (&json!(alert), &json!("draft")));
    let stopped = console.mails(&alert).await;
    assert_eq!((&stopped["corrected_by"], &stopped["state"]), (&correction["id"], &json!("cancelled")));
    assert_eq!(console.ask("POST", &at("correct"), &console.tracer, None).await.json().unwrap()["code"], "already_corrected");
    for act in ["delivery", "retry", "send-again", "give-up", "correct"] {
        let method = if act == "delivery" { "GET" } else { "POST" };
        let path = format!("/api/v1/alerts/00000000-0000-0000-0000-000000000000/{act}");
        assert_eq!(console.ask(method, &path, &console.approver, None).await.status, 404, "{act}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_venue_is_told_once_after_the_hold_and_not_if_it_was_cancelled() {
    for cancelled in [false, true] {
        let console = ConsoleFixture::with(2, Plan { tell_venues: true, hold_minutes: 10, ..Plan::default() }).await;
        let before = console.mails_to("shop@");
        let alert = console.approved().await;
        console.app.dispatch().await;
        console.app.deliver().await;
        assert_eq!(console.mails_to("shop@"), before, "not during the hold");
        if cancelled {
            console.ask("POST", &format!("/api/v1/alerts/{alert}/cancel"), &console.approver, None).await.expect_status(200).unwrap();
        }
        console.app.clock.advance(Span::minutes(10));
        // Delivery comes before the dispatcher: the alert is not released yet, so the letter waits.
        console.app.deliver().await;
        assert_eq!(console.mails_to("shop@"), before);
        console.app.dispatch().await;
        console.app.clock.advance(Span::seconds(31));
        console.app.deliver().await;
        assert_eq!(console.mails_to("shop@"), before + usize::from(!cancelled));
        console.app.clock.advance(Span::hours(1));
        console.app.deliver().await;
        assert_eq!(console.mails_to("shop@"), before + usize::from(!cancelled), "once");
        if !cancelled {
            let mail = console.app.sink.accepted().into_iter().rfind(|mail| mail.to.contains("shop@")).unwrap();
            let number = console.mails(&alert).await["number"].as_str().unwrap().to_owned();
            assert!(mail.subject.contains(&number) && mail.text.starts_with("「喫茶 ひだまり」"), "{}", mail.text);
            assert!(mail.text.contains(&format!("あおば市から感染についてのお知らせ（番号 {number}）")), "{}", mail.text);
            assert!(!mail.text.contains("11月22日") && !mail.text.contains(" 2 ") && mail.text.contains("0120-000-000"), "{}", mail.text);
            let told = async || {
                let mut web = console.app.db.connect(DbRole::Web).await;
                let since = console.app.clock.now() - Span::days(1);
                ashiato::alert::venue_told_of(&mut web, console.venue.id.parse().unwrap(), since).await.unwrap().remove(0)
            };
            assert_eq!((told().await.number.to_string(), told().await.corrected_at), (number, None));
            let correct = format!("/api/v1/alerts/{alert}/correct");
            let correction = console.ask("POST", &correct, &console.tracer, None).await.expect_status(201).unwrap().json().unwrap();
            let id = correction["id"].as_str().unwrap().to_owned();
            console.ask("POST", &format!("/api/v1/alerts/{id}/submit"), &console.tracer, None).await.expect_status(200).unwrap();
            console.ask("POST", &format!("/api/v1/alerts/{id}/approve"), &console.approver, None).await.expect_status(200).unwrap();
            assert_eq!(told().await.corrected_at, None, "held: nobody was told of the correction");
            console.app.clock.advance(Span::minutes(10));
            console.app.dispatch().await;
            assert!(told().await.corrected_at.is_some(), "the venue's page says that it was a mistake");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_refuses_everybody_is_red_everywhere_and_goes_on_after_one_mail() {
    let console = ConsoleFixture::new(30).await;
    let (admin, tracer) = (console.app.official(Role::Admin, "管理 太郎").await, console.app.official(Role::Tracer, "田中 健").await);
    let alert = console.approved().await;
    console.app.dispatch().await;
    console.app.sink.behave(Behaviour::reply(Stage::Rcpt, "553 city.example.jp does not exist"));
    console.app.deliver().await;
    let mails = console.mails(&alert).await;
    assert_eq!((&mails["delivery"]["bounced"], &mails["delivery"]["dead"], &mails["delivery"]["sent"]), (&json!(0), &json!(0), &json!(0)));
    let stop = console.ask("GET", "/api/v1/sending", &console.tracer, None).await.json().unwrap()["stops"][0].clone();
    assert_eq!((&stop["kind"], &stop["answer"], stop.get("trial_since")), (&json!("refused"), &json!("rcpt 553 (exist)"), None));
    for path in ["/console", "/console/delivery"] {
        let page = tracer.get(path).await.text();
        assert!(page.contains("note bad") && page.contains("rcpt 553 (exist)") && page.contains("DNS"), "{path}: {page}");
    }
    ashiato::web::tell_of_stops(&console.app.web.state).await.unwrap();

    // An approver lets one mail go while nothing is mended, and sees that it was refused.
    let page = admin.get("/console/sending/resume").await.text();
    assert!(page.contains("まず1通だけ"), "{page}");
    let id = page.split("name=\"stop\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let resumed = admin.form("/console/sending/resume", &[("stop", &id)]).await;
    assert_eq!(resumed.header("Location"), Some("/console/delivery?done=trial"));
    assert!(tracer.get("/console/delivery").await.text().contains("ためしの1通を送っています"));
    console.app.deliver().await;
    assert!(tracer.get("/console/delivery").await.text().contains("ためしの1通も断られました"));

    console.app.sink.heal();
    let trial = console.ask("POST", "/api/v1/sending/resume", &console.approver, None).await.expect_status(200).unwrap().json().unwrap();
    assert!(trial["stopped"] == true && trial["stops"][0]["trial_since"].is_string(), "{trial}");
    console.app.deliver().await;
    console.app.clock.advance(Span::minutes(10));
    console.app.deliver().await;
    assert_eq!(console.ask("GET", "/api/v1/sending", &console.tracer, None).await.json().unwrap()["stopped"], false);
    assert_eq!((console.mails_to("visitor"), &console.mails(&alert).await["delivery"]["sent"]), (30, &json!(30)));
    ashiato::web::tell_of_stops(&console.app.web.state).await.unwrap();
    console.app.deliver().await;
    let subjects: Vec<String> =
        console.app.sink.accepted().into_iter().filter(|mail| mail.to.contains(&admin.id.to_string())).map(|mail| mail.subject).collect();
    assert!(
        subjects.iter().any(|subject| subject.contains("rcpt 553")) && subjects.iter().any(|subject| subject.contains("再開")),
        "{subjects:?}"
    );
    let mut owner = console.app.db.connect(DbRole::Owner).await;
    let acts: Vec<String> =
        sqlx::query_scalar("select action from audit_entry where action like 'sending.%' order by id").fetch_all(&mut owner).await.unwrap();
    assert_eq!(acts, ["sending.stop", "sending.trial", "sending.trial_refused", "sending.trial", "sending.resume"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_mails_are_sent_again_from_a_page_and_by_programs() {
    let console = ConsoleFixture::new(4).await;
    let (tracer, approver) =
        (console.app.official(Role::Tracer, "田中 健").await, console.app.official(Role::Approver, "佐藤 みどり").await);
    let alert = console.approved().await;
    console.app.dispatch().await;
    console.app.sink.behave_for("visitor0@example.jp", Behaviour::reply(Stage::Rcpt, "550 5.1.1 no"));
    console.app.sink.behave_for("visitor1@example.jp", Behaviour::reply(Stage::Dot, "550 Unknown user (end of data)"));
    console.app.deliver().await;
    let mails = console.mails(&alert).await;
    assert_eq!((&mails["delivery"]["bounced"], &mails["delivery"]["dead"], &mails["repeats"]), (&json!(1), &json!(1), &json!(0)));
    assert!(mails["reasons"].as_array().unwrap().iter().any(|reason| reason["meaning"] == "filter"));
    console.app.sink.heal();

    let at = |act: &str| format!("/console/alerts/{alert}/progress{act}");
    assert!(!tracer.get(&at("")).await.text().contains("/send-again") && approver.get(&at("")).await.text().contains("/send-again"));
    assert_eq!(tracer.get(&at("/send-again")).await.status, 403);
    let page = approver.get(&at("/send-again")).await.text();
    assert!(page.contains("value=\"dot 550 filter\"") && page.contains("value=\"rcpt 550 5.1.1\""), "{page}");
    assert_eq!(approver.form(&at("/send-again"), &[]).await.status, 422);
    let sent = approver.form(&at("/send-again"), &[("reason", "dot 550 filter")]).await;
    assert_eq!(sent.header("Location"), Some(at("?done=sent_again").as_str()));
    assert_eq!(approver.form(&at("/send-again"), &[("reason", "dot 550 filter")]).await.status, 409, "a second click changes nothing");
    console.app.dispatch().await;
    console.app.deliver().await;
    assert_eq!((console.mails_to("visitor1@"), console.mails_to("visitor0@")), (1, 0));

    let api = format!("/api/v1/alerts/{alert}/send-again");
    let none = console.ask("POST", &api, &console.approver, Some(json!({ "reasons": ["dot 550 filter"] }))).await;
    assert_eq!(none.json().unwrap()["code"], "nothing_waiting");
    let asked = console.ask("POST", &api, &console.approver, None).await.expect_status(200).unwrap().json().unwrap();
    assert_eq!(asked["request_pending"], true);
    console.app.dispatch().await;
    console.app.deliver().await;
    let mails = console.mails(&alert).await;
    assert_eq!((&mails["delivery"]["sent"], &mails["repeats"], console.mails_to("visitor")), (&json!(4), &json!(2), 4));
}

/// A browser that reads events.
struct Reader {
    stream: TcpStream,
    text: String,
}

impl Reader {
    async fn open(to: SocketAddr, official: &Official<'_>, alert: &str) -> Self {
        let mut stream = TcpStream::connect(to).await.unwrap();
        let request =
            format!("GET /console/alerts/{alert}/events HTTP/1.1\r\nHost: {to}\r\n{}\r\nConnection: close\r\n\r\n", official.cookie());
        stream.write_all(request.as_bytes()).await.unwrap();
        Self { stream, text: String::new() }
    }

    /// Reads until `wanted` stands in what came since the last call.
    async fn until(&mut self, wanted: &str) -> String {
        let started = Instant::now();
        loop {
            if let Some(at) = self.text.find(wanted) {
                let rest = self.text.split_off(at + wanted.len());
                return std::mem::replace(&mut self.text, rest);
            }
            assert!(self.more(started).await, "{wanted} never came: {}", self.text);
        }
    }

    /// Reads to the end.
    async fn ended(&mut self) -> String {
        let started = Instant::now();
        while self.more(started).await {}
        std::mem::take(&mut self.text)
    }

    async fn more(&mut self, started: Instant) -> bool {
        let mut bytes = [0; 16 * 1024];
        let left = PATIENT.checked_sub(started.elapsed()).expect("an event in time");
        let read = tokio::time::timeout(left, self.stream.read(&mut bytes)).await.expect("an event in time").unwrap_or(0);
        self.text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        read > 0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_progress_page_lives_and_ends_with_the_session() {
    let console = ConsoleFixture::new(3).await;
    let alert = console.approved().await;
    console.app.dispatch().await;
    let (watcher, other) = (console.app.official(Role::Tracer, "田中 健").await, console.app.official(Role::Tracer, "鈴木 花").await);
    let mut reader = Reader::open(console.app.address, &watcher, &alert).await;
    let head = reader.until("\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/event-stream") && head.contains("no-store"), "{head}");
    reader.until("event: state\ndata: 送信中").await;
    reader.until("<progress max=\"3\" value=\"0\"").await;
    console.app.deliver().await;
    reader.until("<progress max=\"3\" value=\"3\"").await;
    console.ask("POST", &format!("/api/v1/alerts/{alert}/pause"), &console.tracer, None).await.expect_status(200).unwrap();
    reader.until("event: state\ndata: 一時停止中").await;

    let mut second = Reader::open(console.app.address, &other, &alert).await;
    second.until("event: mails").await;
    let mut owner = console.app.db.connect(DbRole::Owner).await;
    sqlx::query("delete from official_session where official_id = $1").bind(watcher.id).execute(&mut owner).await.unwrap();
    assert!(reader.ended().await.contains("event: end"), "logged out");
    console.app.clock.advance(Span::minutes(31));
    assert!(second.ended().await.contains("event: end"), "watching keeps no session alive");
    let until = Instant::now() + PATIENT;
    while console.app.web.state.streams.open() > 0 {
        assert!(Instant::now() < until, "their seats are free again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let gone = console.app.send("GET", &format!("/console/alerts/{alert}/events"), &[watcher.cookie()], b"").await;
    assert_eq!(gone.status, 303, "to the log-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_bounded_and_a_stop_of_the_service_does_not_wait_for_them() {
    let console = ConsoleFixture::new(1).await;
    let alert = console.approved().await;
    console.app.dispatch().await;
    let official = console.app.official(Role::Viewer, "見 るだけ").await;
    let mut readers = Vec::new();
    for _ in 0..MAX_STREAMS {
        let mut reader = Reader::open(console.app.address, &official, &alert).await;
        reader.until("event: mails").await;
        readers.push(reader);
    }
    let full = official.get(&format!("/console/alerts/{alert}/events")).await;
    assert_eq!(full.status, 503);
    assert_eq!(official.get(&format!("/console/alerts/{alert}/progress")).await.status, 200, "the page itself is for everybody");
    // A browser that goes away frees its seat.
    drop(readers.pop());
    let until = Instant::now() + PATIENT * 4;
    while console.app.web.state.streams.open() == MAX_STREAMS {
        assert!(Instant::now() < until, "nobody noticed that the reader is gone");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let ConsoleFixture { app, .. } = console;
    let started = Instant::now();
    app.web.stop().await;
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    for mut reader in readers {
        assert!(!reader.ended().await.contains("event: end"), "a browser comes back to the next process");
    }
    let _ = app.clock.now();
}
