//! Two officials at work in a real browser, from the one-time link to the mails: with script, without it, and by the keyboard alone.
use crate::support::app::{App, OpenVenue, Plan};
use crate::support::browser::Browser;
use crate::support::say;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::official::Act;
use ashiato::official::{By, NewOfficial, Role, TotpHash, TotpSecret, invite};
use chrono::TimeDelta;
use std::time::{Duration, Instant};

const PASSWORD: &str = "correct horse battery staple 7";
/// From "new case" to "submitted", typing included, on a machine that builds and tests besides.
const SUBMITTED_WITHIN: Duration = Duration::from_secs(120);
/// As many as a case with one venue and two days needs.
const MOST_CLICKS: u32 = 10;
/// Tab presses until a control must have been reached.
const MOST_TABS: usize = 60;

/// An official with what they have to log in.
struct Person {
    email: &'static str,
    secret: TotpSecret,
}

struct City {
    app: App,
    browser: Browser,
    clicks: u32,
}

impl City {
    async fn new() -> Option<Self> {
        let browser = Browser::open().await?;
        let app = App::with(Plan { hold_minutes: 10, ..Plan::default() }).await;
        Some(Self { app, browser, clicks: 0 })
    }

    async fn goto(&self, path: &str) {
        self.browser.goto(&format!("http://{}{path}", self.app.address)).await;
    }

    async fn click(&mut self, css: &str) {
        self.clicks += 1;
        self.browser.click(css).await;
    }

    async fn follow(&mut self, css: &str) {
        self.clicks += 1;
        self.browser.follow(css).await;
    }

    /// Each one-time code counts once: the next comes 30 seconds later.
    fn code(&self, person: &Person) -> String {
        self.app.clock.advance(TimeDelta::seconds(30));
        person.secret.code(self.app.clock.now())
    }

    /// Follows the one-time link as the person who was sent it.
    async fn joins(&mut self, email: &'static str, name: &str, role: Role) -> Person {
        let mut owner = self.app.db.connect(DbRole::Owner).await;
        let new = NewOfficial::parse(email, name, role.as_str()).ok().unwrap();
        let mut act = Act::without_letters(&mut owner, self.app.clock.now(), By::Operator).await.unwrap();
        let invitation = invite(&mut act, &new).await.ok().unwrap();
        act.commit().await.unwrap();
        self.browser.goto(&invitation.url(&format!("http://{}", self.app.address))).await;
        let fields = self.browser.run("return [...document.querySelectorAll('main input')].map(input => input.name)").await;
        for field in fields.as_array().unwrap() {
            self.browser.fill(&format!("[name={}]", field.as_str().unwrap()), PASSWORD).await;
        }
        self.follow("main form button").await;
        let secret = TotpSecret::from_seed(&self.browser.text("span.code").await, TotpHash::Sha1).ok().unwrap();
        let person = Person { email, secret };
        let code = self.code(&person);
        self.browser.fill("main form input", &code).await;
        self.follow("main form button").await;
        assert!(self.browser.text("main").await.contains('-'), "recovery codes are shown once: {}", self.browser.text("main").await);
        self.app.vouch().await;
        person
    }

    async fn logs_in(&mut self, person: &Person) {
        self.goto("/console").await;
        assert_eq!(self.browser.path().await, "/console/login?next=%2Fconsole");
        let code = self.code(person);
        self.browser.fill("[name=email]", person.email).await;
        self.browser.fill("[name=password]", PASSWORD).await;
        self.browser.fill("main form .field:last-of-type input", &code).await;
        self.follow("main form button").await;
        assert_eq!(self.browser.path().await, "/console");
    }

    async fn logs_out(&mut self) {
        self.follow("form[action^='/console/logout'] button").await;
        assert!(self.browser.path().await.starts_with("/console/login"), "{}", self.browser.path().await);
    }

    /// A new case with one venue on two days, prepared and submitted. Returns the alert's path.
    async fn submits(&mut self, reference: &str, scripted: bool, shots: bool) -> String {
        self.follow(".side a[href='/console/cases']").await;
        let (started, clicks_before) = (Instant::now(), self.clicks);
        self.follow("a[href='/console/cases/new']").await;
        self.browser.fill("[name=reference]", reference).await;
        // By Tab to the first part of the date: a click would choose the part under the pointer.
        self.browser.keys("\u{E004}").await;
        self.browser.keys("11222026").await;
        assert_eq!(self.browser.run("return document.querySelector('[name=onset]').value").await, "2026-11-22");
        self.follow("main form button").await;
        assert!(self.browser.path().await.starts_with("/console/cases/"));
        // In the small kana of a hurried typist; the venue wrote it otherwise.
        self.browser.fill("#q", "ひだまり").await;
        if scripted {
            self.appears("#found a.button").await;
        } else {
            self.follow("form.find button").await;
        }
        self.follow("#found a.button").await;
        assert!(self.browser.has("#stays td.window").await, "the suggested days are marked");
        self.click("label[for='d2026-11-21']").await;
        self.click("label[for='d2026-11-22']").await;
        if scripted {
            assert!(self.browser.text("#stays button").await.contains('2'), "the button says the sum");
        }
        if shots {
            self.browser.shot("walk-case").await;
        }
        self.follow("#stays button").await;
        self.follow("main a[href^='/console/alerts/']").await;
        if shots {
            self.browser.shot("walk-preview").await;
        }
        let alert = self.browser.path().await.split('?').next().unwrap().to_owned();
        self.follow("form[action$='/submit'] button").await;
        assert!(self.browser.has(".note.good[role=status]").await, "{}", self.browser.text("main").await);
        let (took, clicks) = (started.elapsed(), self.clicks - clicks_before);
        say(&format!("from \"new case\" to \"submitted\": {clicks} clicks, {:.1} s, script {scripted}", took.as_secs_f32()));
        assert!(took < SUBMITTED_WITHIN && clicks <= MOST_CLICKS, "{took:?}, {clicks} clicks");
        alert
    }

    /// Waits for what a script brings.
    async fn appears(&self, css: &str) {
        let started = Instant::now();
        while !self.browser.has(css).await {
            assert!(started.elapsed() < Duration::from_secs(20), "{css} does not appear: {}", self.browser.text("main").await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Types the number that the page shows, and a one-time code if it asks for one.
    async fn approves(&mut self, alert: &str, person: &Person, shots: bool) {
        self.follow(".side a[href='/console/alerts']").await;
        self.follow(&format!("main a[href='{alert}']")).await;
        let total = self.browser.text("tfoot strong").await;
        self.browser.fill("[name=visits]", &total).await;
        if self.browser.has("[name=totp]").await {
            let code = self.code(person);
            self.browser.fill("[name=totp]", &code).await;
        }
        if shots {
            self.browser.shot("walk-approve").await;
        }
        self.follow("form[action$='/approve'] .acts button").await;
        assert!(
            self.browser.has(".note").await && !self.browser.has("form[action$='/approve']").await,
            "{}",
            self.browser.text("main").await
        );
    }

    /// Presses Tab until the focus is there.
    async fn tab_to(&self, css: &str) {
        for _ in 0..MOST_TABS {
            self.browser.keys("\u{E004}").await;
            if self.browser.run(&format!("return document.activeElement.matches({css:?})")).await == true {
                return;
            }
        }
        panic!("{css} cannot be reached by Tab on {}", self.browser.path().await);
    }
}

async fn venue_with_visitors(app: &App) -> OpenVenue {
    let venue = app.venue("喫茶 ひだまり", &["入口", "テーブル 1"]).await;
    for person in 0..12 {
        app.check_in(&venue.codes[0], &format!("visitor{person:02}@example.jp")).await;
    }
    venue
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officials_release_an_alert_with_script_and_without() {
    let Some(mut city) = City::new().await else { return };
    venue_with_visitors(&city.app).await;
    let tracer = city.joins("tanaka@city.example.jp", "田中 健", Role::Tracer).await;
    let approver = city.joins("sato@city.example.jp", "佐藤 みどり", Role::Approver).await;
    for (reference, scripted) in [("R8-1001", true), ("R8-1002", false)] {
        city.browser.scripts(scripted).await;
        city.logs_in(&tracer).await;
        if scripted {
            city.browser.shot("walk-dashboard").await;
        }
        let alert = city.submits(reference, scripted, scripted).await;
        city.logs_out().await;
        city.logs_in(&approver).await;
        city.approves(&alert, &approver, scripted).await;
        if scripted {
            city.browser.shot("walk-hold").await;
        }
        city.app.clock.advance(TimeDelta::minutes(11));
        city.app.dispatch().await;
        city.app.deliver().await;
        for (page, name) in [(format!("{alert}/progress"), "walk-progress"), ("/console/delivery".to_owned(), "walk-delivery")] {
            city.goto(&page).await;
            if scripted {
                city.browser.shot(name).await;
            }
            assert!(city.browser.text("main").await.contains("12") || !scripted, "{page}: {}", city.browser.text("main").await);
        }
        city.logs_out().await;
    }
    let notices = city.app.sink.accepted().into_iter().filter(|mail| mail.subject.contains("利用された施設")).count();
    assert_eq!(notices, 12, "everybody once, whatever the number of cases");
    city.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_needs_no_mouse() {
    let Some(mut city) = City::new().await else { return };
    venue_with_visitors(&city.app).await;
    let tracer = city.joins("tanaka@city.example.jp", "田中 健", Role::Tracer).await;
    let approver = city.joins("sato@city.example.jp", "佐藤 みどり", Role::Approver).await;
    city.logs_in(&tracer).await;
    let alert = city.submits("R8-2001", true, false).await;
    city.logs_out().await;

    city.goto("/console").await;
    let code = city.code(&approver);
    let clicks = city.clicks;
    city.tab_to("[name=email]").await;
    city.browser.keys(approver.email).await;
    city.tab_to("[name=password]").await;
    city.browser.keys(PASSWORD).await;
    city.tab_to("main form .field:last-of-type input").await;
    city.browser.keys(&code).await;
    city.browser.enter().await;
    assert_eq!(city.browser.path().await, "/console");
    city.tab_to(".side a[href='/console/alerts']").await;
    city.browser.enter().await;
    city.tab_to(&format!("main a[href='{alert}']")).await;
    city.browser.enter().await;
    let total = city.browser.text("tfoot strong").await;
    city.tab_to("[name=visits]").await;
    city.browser.keys(&total).await;
    city.tab_to("form[action$='/approve'] .acts button").await;
    city.browser.enter().await;
    assert!(!city.browser.has("form[action$='/approve']").await, "{}", city.browser.text("main").await);
    assert_eq!(city.clicks, clicks, "nothing was clicked");
    city.browser.close().await;
}
