//! Officials and an alert, through the front door with their cookies: from open cases to the hold and its end, and every refusal.
use crate::support::app::{App, Plan};
use crate::support::console::Official;
use ashiato::alert::{Caps, CityRules};
use ashiato::base::db::DbRole;
use ashiato::cli::demo::http::Answer;
use ashiato::official::{Role, create_token};
use chrono::Duration;
use serde_json::json;

/// A city at noon with a ten minutes' hold, two venues, and somebody who reported two cases.
struct ConsoleFixture {
    app: App,
    venues: [String; 2],
    cases: Vec<String>,
    drafts: Vec<String>,
}

impl ConsoleFixture {
    async fn open(city: CityRules, now: &'static str) -> Self {
        let app = App::with(Plan { hold_minutes: 10, city, now, ..Plan::default() }).await;
        let (cafe, hall) = (app.venue("喫茶 ひだまり", &["入口"]).await, app.venue("市民ホール", &["入口"]).await);
        for visitor in 0..7 {
            app.check_in(&cafe.codes[0], &format!("visitor{visitor}@example.jp")).await;
        }
        for visitor in 5..8 {
            app.check_in(&hall.codes[0], &format!("visitor{visitor}@example.jp")).await;
        }
        let token = app.token(Role::Tracer, "reporter").await;
        let date = &now[..10];
        let (mut cases, mut drafts) = (Vec::new(), Vec::new());
        for (reference, venue) in [("HC-1184", &cafe.id), ("HC-1187", &hall.id)] {
            let body = json!({ "reference": reference, "stays": [{ "venue_id": venue, "date": date }] });
            let made = app.api("POST", "/api/v1/cases", Some(&token), Some(body)).await.expect_status(201).unwrap().json().unwrap();
            cases.push(made["id"].as_str().unwrap().to_owned());
            drafts.push(format!("/console/alerts/{}", made["alert_id"].as_str().unwrap()));
        }
        Self { app, venues: [cafe.id, hall.id], cases, drafts }
    }

    async fn at_noon() -> Self {
        Self::open(CityRules::default(), "2026-11-22T03:00:00Z").await
    }

    async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(&mut self.app.db.connect(DbRole::Owner).await).await.unwrap()
    }
}

/// What stands in a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let start = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("no {name} in {page}"));
    start.split('"').next().unwrap().to_owned()
}

/// Where an answer leads.
fn to(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("Location").unwrap().to_owned()
}

async fn submit(official: &Official<'_>, alert: &str, more: &[(&str, &str)]) -> Answer {
    let page = official.get(alert).await.expect_status(200).unwrap().text();
    let (revision, digest) = (hidden(&page, "revision"), hidden(&page, "digest"));
    let fields: Vec<(&str, &str)> =
        [("revision", revision.as_str()), ("digest", &digest)].into_iter().chain(more.iter().copied()).collect();
    official.form(&format!("{alert}/submit"), &fields).await
}

async fn approve(official: &Official<'_>, alert: &str, more: &[(&str, &str)]) -> Answer {
    let page = official.get(alert).await.expect_status(200).unwrap().text();
    let (revision, digest) = (hidden(&page, "revision"), hidden(&page, "digest"));
    let fields: Vec<(&str, &str)> =
        [("revision", revision.as_str()), ("digest", &digest)].into_iter().chain(more.iter().copied()).collect();
    official.form(&format!("{alert}/approve"), &fields).await
}

#[tokio::test]
async fn two_cases_become_one_alert_that_is_worded_approved_held_and_stopped() {
    let console = ConsoleFixture::at_noon().await;
    let (tracer, approver) =
        (console.app.official(Role::Tracer, "田中 健").await, console.app.official(Role::Approver, "佐藤 みどり").await);
    let list = tracer.get("/console/alerts").await.text();
    assert!(list.contains("HC-1184") && list.contains("喫茶 ひだまり") && list.contains("HC-1187"), "{list}");
    let joined = to(&tracer.form("/console/alerts", &[("case", &console.cases[0]), ("case", &console.cases[1])]).await);
    let alert = joined.strip_suffix("?done=joined").unwrap().to_owned();
    assert!(tracer.get(&joined).await.text().contains("role=\"status\""));
    for draft in &console.drafts {
        assert!(tracer.get(draft).await.text().contains("にまとめました"), "nobody submits it any more");
    }
    let words = [("advice", "test"), ("until", "2026-12-06"), ("note_ja", "2階を利用された方へ。"), ("name_venues", "yes")];
    assert_eq!(to(&tracer.form(&format!("{alert}/wording"), &words).await), format!("{alert}?done=worded"));
    let page = tracer.get(&alert).await.text();
    for expected in ["検査を受けてください。", "<p>2階を利用された方へ。</p>", "5未満", "喫茶 ひだまり", "HC-1184、HC-1187", "およそ10"]
    {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
    assert!(tracer.get(&format!("{alert}?text=en")).await.text().contains("Please get tested."));
    assert_eq!(to(&submit(&tracer, &alert, &[]).await), format!("{alert}?done=submitted"));
    let page = approver.get(&alert).await.text();
    assert!(page.contains("田中 健 が 12:00 に提出しました。") && page.contains("10件の送信を承認する"), "{page}");
    assert!(page.contains("<span class=\"count\">1</span>"), "it stands in the menu");
    assert!(!tracer.get(&alert).await.text().contains("/approve"), "who submitted it is offered no approval");
    assert_eq!(to(&approve(&approver, &alert, &[("visits", "１０件")]).await), format!("{alert}?done=approved"));
    let hold = approver.get(&alert).await.text();
    assert!(hold.contains("12:10 に送信を始めます") && hold.contains("残り 10分0秒（12:00:00 現在）"), "{hold}");
    assert!(hold.contains("提出 田中 健") && hold.contains("承認 佐藤 みどり"), "{hold}");
    assert!(tracer.get(&format!("{alert}/cancel")).await.text().contains("取り消すと、もとにもどせません"));
    assert_eq!(to(&tracer.form(&format!("{alert}/cancel"), &[]).await), format!("{alert}?done=cancelled"));
    console.app.clock.advance(Duration::minutes(11));
    console.app.dispatch().await;
    assert_eq!(console.count("select count(*) from outbox where kind = 'notice'").await, 0);
    assert!(tracer.get(&alert).await.text().contains("取り消しました"));
    assert_eq!(tracer.form(&format!("{alert}/cancel"), &[]).await.status, 409, "twice");
}

#[tokio::test]
async fn after_the_hold_the_page_leads_to_the_progress() {
    let console = ConsoleFixture::at_noon().await;
    let (tracer, approver) =
        (console.app.official(Role::Tracer, "田中 健").await, console.app.official(Role::Approver, "佐藤 みどり").await);
    let alert = &console.drafts[0];
    submit(&tracer, alert, &[]).await;
    to(&approve(&approver, alert, &[("visits", "7")]).await);
    console.app.clock.advance(Duration::minutes(10));
    assert!(approver.get(alert).await.text().contains("まもなく送信を始めます"));
    console.app.dispatch().await;
    assert_eq!(to(&approver.get(&format!("{alert}?lang=en")).await), format!("{alert}/progress?lang=en"));
}

#[tokio::test]
async fn the_second_person_is_another_one_with_the_right_to_it() {
    let console = ConsoleFixture::at_noon().await;
    let first = console.app.official(Role::Approver, "佐藤 みどり").await;
    let alert = &console.drafts[0];
    submit(&first, alert, &[]).await;
    let other = console.app.official(Role::Approver, "鈴木 一").await;
    let page = other.get(alert).await.text();
    let fields = [("revision", hidden(&page, "revision")), ("digest", hidden(&page, "digest")), ("visits", "7".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let again = console.app.session_of(first.id).await;
    for session in [&first, &again] {
        let refused = session.form(&format!("{alert}/approve"), &fields).await;
        assert_eq!(refused.status, 403);
        assert!(refused.text().contains("提出した人は承認できません"), "{}", refused.text());
    }
    // A token that they made at the console is the same person, too.
    let mut owner = console.app.db.connect(DbRole::Owner).await;
    let now = ashiato::base::clock::Clock::now(&*console.app.clock);
    let (_, token) = create_token(&mut owner, now, "mine", Role::Approver, Some(first.id)).await.unwrap();
    let api = alert.replace("/console/", "/api/v1/");
    let refused = console.app.api("POST", &format!("{api}/approve"), Some(token.expose()), Some(json!({ "visits": 7 }))).await;
    assert_eq!((refused.status, refused.json().unwrap()["code"].as_str()), (403, Some("same_principal")));
    for role in [Role::Viewer, Role::Tracer, Role::Auditor] {
        let official = console.app.official(role, "高橋").await;
        assert_eq!(official.form(&format!("{alert}/approve"), &fields).await.status, 403, "{role}");
        assert!(!official.get(alert).await.text().contains("/approve"), "{role}");
    }
    assert_eq!(console.count("select count(*) from alert_approval").await, 0);
    to(&other.form(&format!("{alert}/approve"), &fields).await);
}

#[tokio::test]
async fn of_two_approvals_at_once_one_wins_and_the_other_is_told() {
    let console = ConsoleFixture::at_noon().await;
    let tracer = console.app.official(Role::Tracer, "田中 健").await;
    let (one, two) = (console.app.official(Role::Approver, "佐藤 みどり").await, console.app.official(Role::Approver, "鈴木 一").await);
    for alert in &console.drafts {
        let typed = if alert == &console.drafts[0] { "7" } else { "3" };
        submit(&tracer, alert, &[]).await;
        let page = one.get(alert).await.text();
        let fields = [("revision", hidden(&page, "revision")), ("digest", hidden(&page, "digest")), ("visits", typed.to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let path = format!("{alert}/approve");
        let (a, b) = tokio::join!(one.form(&path, &fields), two.form(&path, &fields));
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409]);
        let told = if a.status == 409 { a.text() } else { b.text() };
        assert!(told.contains("いまは「待機中」です") && told.contains("何も実行していません"), "{told}");
    }
    assert_eq!(console.count("select count(*) from alert_approval").await, 2);
    assert_eq!(console.count("select count(*) from audit_entry where action = 'alert.approve'").await, 2);
}

#[tokio::test]
async fn what_was_looked_at_is_what_is_decided() {
    let console = ConsoleFixture::at_noon().await;
    let (tracer, colleague) = (console.app.official(Role::Tracer, "田中 健").await, console.app.official(Role::Tracer, "高橋").await);
    let approver = console.app.official(Role::Approver, "佐藤 みどり").await;
    let alert = &console.drafts[0];
    let page = tracer.get(alert).await.text();
    let seen = [("revision", hidden(&page, "revision")), ("digest", hidden(&page, "digest"))];
    let seen: Vec<(&str, &str)> = seen.iter().map(|(name, value)| (*name, value.as_str())).collect();
    to(&colleague.form(&format!("{alert}/wording"), &[("advice", "stay_home"), ("until", "")]).await);
    let stale = tracer.form(&format!("{alert}/submit"), &seen).await;
    assert_eq!(stale.status, 409);
    assert!(stale.text().contains("内容が変わっています"), "{}", stale.text());
    for forged in [&[][..], &[("revision", "1"), ("digest", "00")], &[("revision", "x"), ("digest", seen[1].1)]] {
        assert_eq!(tracer.form(&format!("{alert}/submit"), forged).await.status, 409, "nothing was looked at");
    }
    to(&submit(&tracer, alert, &[]).await);
    assert_eq!(tracer.form(&format!("{alert}/submit"), &seen).await.status, 409, "submitted twice");
    assert_eq!(colleague.form(&format!("{alert}/wording"), &[("advice", "watch"), ("until", "")]).await.status, 409);
    assert_eq!(colleague.get(&format!("{alert}/wording")).await.status, 409);
    for wrong in ["", "8", "seven", "-7", "7.0"] {
        let answer = approve(&approver, alert, &[("visits", wrong)]).await;
        assert_eq!(answer.status, 422, "{wrong}");
        assert!(answer.text().contains("<title>エラー：") && answer.text().contains(&format!("value=\"{wrong}\"")), "{}", answer.text());
    }
    assert_eq!(console.count("select count(*) from alert_approval").await, 0);
    // Sent back with a reason, corrected, submitted again: the approver's old page counts no more.
    let old = approver.get(alert).await.text();
    assert_eq!(approver.form(&format!("{alert}/return"), &[("reason", " ")]).await.status, 422);
    to(&approver.form(&format!("{alert}/return"), &[("reason", "日を確かめてください。")]).await);
    assert!(tracer.get(alert).await.text().contains("佐藤 みどり が差し戻しました。理由：日を確かめてください。"));
    assert!(tracer.get("/console/alerts").await.text().contains("差し戻し"));
    assert_eq!(console.count("select count(*) from outbox where kind = 'alert_returned'").await, 1, "the submitter is told, nobody else");
    to(&submit(&tracer, alert, &[]).await);
    let fields = [("revision", hidden(&old, "revision")), ("digest", hidden(&old, "digest")), ("visits", "7".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(approver.form(&format!("{alert}/approve"), &fields).await.status, 409);
    to(&approve(&approver, alert, &[("visits", "7")]).await);
}

#[tokio::test]
async fn who_has_not_shown_the_second_factor_lately_approves_nothing() {
    let console = ConsoleFixture::at_noon().await;
    let (tracer, approver) =
        (console.app.official(Role::Tracer, "田中 健").await, console.app.official(Role::Approver, "佐藤 みどり").await);
    let alert = &console.drafts[0];
    submit(&tracer, alert, &[]).await;
    assert!(!approver.get(alert).await.text().contains("one-time-code"), "just logged in");
    // A made-up official has no second factor that would open.
    let mut owner = console.app.db.connect(DbRole::Owner).await;
    sqlx::query("delete from official_credential").execute(&mut owner).await.unwrap();
    console.app.clock.advance(Duration::minutes(5) + Duration::seconds(1));
    assert!(approver.get(alert).await.text().contains("one-time-code"));
    for code in ["", "000000", "not a code"] {
        let answer = approve(&approver, alert, &[("visits", "7"), ("totp", code)]).await;
        assert_eq!(answer.status, 422);
        assert!(code.is_empty() || !answer.text().contains(&format!("value=\"{code}\"")), "nothing of the code is kept");
        assert!(answer.text().contains("value=\"7\""), "the number is");
    }
    assert_eq!(console.count("select count(*) from alert_approval").await, 0);
}

#[tokio::test]
async fn a_paragraph_that_must_not_be_sent_comes_back_with_the_reason() {
    let console = ConsoleFixture::at_noon().await;
    let tracer = console.app.official(Role::Tracer, "田中 健").await;
    let path = format!("{}/wording", console.drafts[0]);
    for (typed, shown, words) in [
        ("くわしくは evil.example/x へ", "くわしくは evil.example/x へ", "リンクかホスト名"),
        ("<script>alert(1)</script> 043-238-1111", "&#60;script&#62;", "電話番号のように"),
        ("taro＠example", "taro＠example", "メールアドレスのように"),
        ("a\u{202E}b", "", "使えない文字"),
    ] {
        let answer = tracer.form(&path, &[("advice", "test"), ("until", ""), ("note_ja", typed)]).await;
        assert_eq!(answer.status, 422, "{typed}");
        let page = answer.text();
        assert!(page.contains(words) && page.contains(shown) && !page.contains("<script>alert"), "{page}");
        assert!(page.contains("id=\"note_jae\"") && page.contains("aria-invalid=\"true\""), "{page}");
    }
    let both = tracer.form(&path, &[("advice", "shout"), ("until", "2026-11-22"), ("note_en", &"a".repeat(501))]).await.text();
    assert!(both.contains("選んでください。") && both.contains("明日から50日後") && both.contains("500文字までで"), "{both}");
    assert_eq!(console.count("select count(*) from alert where advice <> 'watch' or note_ja is not null").await, 0);
}

#[tokio::test]
async fn at_night_both_must_say_tonight() {
    // 21:00 in Tokyo.
    let city = CityRules { window: "08:00-20:00".parse().unwrap(), ..CityRules::default() };
    let console = ConsoleFixture::open(city, "2026-11-22T12:00:00Z").await;
    let (tracer, approver) =
        (console.app.official(Role::Tracer, "田中 健").await, console.app.official(Role::Approver, "佐藤 みどり").await);
    let (waits, goes) = (&console.drafts[0], &console.drafts[1]);
    to(&submit(&tracer, waits, &[]).await);
    assert!(approver.get(waits).await.text().contains("11月23日 08:00 に送信を始めます"));
    to(&approve(&approver, waits, &[("visits", "7"), ("tonight", "急ぎます")]).await);
    let hold = approver.get(waits).await.text();
    assert!(hold.contains("11月23日 08:00 に送信を始めます") && hold.contains("08:00–20:00"), "{hold}");
    assert_eq!(submit(&tracer, goes, &[("tonight", &"あ".repeat(201))]).await.status, 422);
    to(&submit(&tracer, goes, &[("tonight", "明日の朝、また集まるため")]).await);
    assert!(approver.get(goes).await.text().contains("理由：明日の朝、また集まるため"));
    to(&approve(&approver, goes, &[("visits", "3"), ("tonight", "確かめました")]).await);
    assert!(approver.get(goes).await.text().contains("21:10 に送信を始めます"));
    console.app.clock.advance(Duration::minutes(10));
    console.app.dispatch().await;
    assert_eq!(console.count("select count(*) from outbox where kind = 'notice'").await, 3);
    console.app.clock.set("2026-11-22T23:00:00Z".parse().unwrap());
    console.app.dispatch().await;
    assert_eq!(console.count("select count(*) from outbox where kind = 'notice'").await, 10);
}

#[tokio::test]
async fn beyond_the_cap_an_administrator_approves() {
    let city = CityRules { caps: Caps { per_alert: 6, ..Caps::default() }, ..CityRules::default() };
    let console = ConsoleFixture::open(city, "2026-11-22T03:00:00Z").await;
    let (tracer, approver) =
        (console.app.official(Role::Tracer, "田中 健").await, console.app.official(Role::Approver, "佐藤 みどり").await);
    let alert = &console.drafts[0];
    assert!(tracer.get(alert).await.text().contains("管理者の承認がいります"));
    submit(&tracer, alert, &[]).await;
    let refused = approve(&approver, alert, &[("visits", "7")]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("管理者の承認がいります"));
    let admin = console.app.official(Role::Admin, "山本").await;
    to(&approve(&admin, alert, &[("visits", "7")]).await);
    console.app.clock.advance(Duration::minutes(10));
    console.app.dispatch().await;
    assert_eq!(console.count("select count(*) from outbox where kind = 'notice'").await, 7, "the notifier asked the database");
}

#[tokio::test]
async fn a_tracer_cancels_what_is_theirs_and_nothing_else() {
    let console = ConsoleFixture::at_noon().await;
    let (tracer, other) = (console.app.official(Role::Tracer, "田中 健").await, console.app.official(Role::Tracer, "高橋").await);
    let alert = &console.drafts[0];
    submit(&tracer, alert, &[]).await;
    assert!(!other.get(alert).await.text().contains("/cancel"));
    let refused = other.form(&format!("{alert}/cancel"), &[]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("取り消せるのは"));
    to(&tracer.form(&format!("{alert}/cancel"), &[]).await);
}

#[tokio::test]
async fn every_look_at_numbers_is_on_record_and_small_ones_are_not_shown() {
    let console = ConsoleFixture::at_noon().await;
    let viewer = console.app.official(Role::Viewer, "見る人").await;
    let page = viewer.get(&console.drafts[1]).await.text();
    assert!(page.contains("5未満") && !page.contains("<form method=\"post\" action=\"/console/alerts"), "{page}");
    assert!(!page.contains("<strong>3</strong>"), "{page}");
    assert_eq!(console.count("select count(*) from audit_entry where action = 'read.alert_preview'").await, 1);
    let approver = console.app.official(Role::Approver, "佐藤 みどり").await;
    assert!(approver.get(&console.drafts[1]).await.text().contains("<strong>3</strong>"), "who types it sees it");
    assert_eq!(console.count("select count(*) from audit_entry where action = 'read.alert_preview'").await, 2);
}

#[tokio::test]
async fn the_preview_names_what_overlaps_and_who_will_be_named() {
    let console = ConsoleFixture::at_noon().await;
    let token = console.app.token(Role::Tracer, "reporter").await;
    let stays = json!([{ "venue_id": console.venues[0], "date": "2026-11-22" }, { "venue_id": console.venues[1], "date": "2026-11-22" }]);
    let body = json!({ "reference": "HC-1200", "stays": stays });
    let made = console.app.api("POST", "/api/v1/cases", Some(&token), Some(body)).await.json().unwrap();
    let alert = format!("/console/alerts/{}", made["alert_id"].as_str().unwrap());
    let tracer = console.app.official(Role::Tracer, "田中 健").await;
    let mut owner = console.app.db.connect(DbRole::Owner).await;
    sqlx::query("update venue set may_be_named = true where id = $1::uuid").bind(&console.venues[0]).execute(&mut owner).await.unwrap();
    let form = tracer.get(&format!("{alert}/wording")).await.text();
    assert!(form.contains("立ち寄り先 2か所のうち、同意しているのは 1か所です。"), "{form}");
    to(&tracer.form(&format!("{alert}/wording"), &[("advice", "watch"), ("until", ""), ("name_venues", "yes")]).await);
    let page = tracer.get(&alert).await.text();
    assert!(page.contains("（下書き）と重なる") && page.contains("ほかのお知らせと重なる立ち寄り先は2か所です。"), "{page}");
    assert!(page.contains("利用された施設と日は、喫茶 ひだまり、2026年11月22日（日）です。"), "{page}");
    assert!(page.contains("そのほかの施設を利用された方に届く形です。") && page.contains("施設名と日付は、感染した方を守るため"), "{page}");
}

#[tokio::test]
async fn nothing_and_nonsense_cannot_be_joined() {
    let console = ConsoleFixture::at_noon().await;
    let tracer = console.app.official(Role::Tracer, "田中 健").await;
    let unknown = uuid::Uuid::new_v4().to_string();
    for fields in [&[][..], &[("case", "x")], &[("case", unknown.as_str()), ("case", console.cases[0].as_str())]] {
        let answer = tracer.form("/console/alerts", fields).await;
        assert_eq!(answer.status, 422, "{fields:?}");
        assert!(answer.text().contains("role=\"alert\""));
    }
    assert_eq!(console.count("select count(*) from alert").await, 2);
    for path in ["/console/alerts/x", &format!("/console/alerts/{unknown}"), &format!("/console/alerts/{unknown}/wording")] {
        assert_eq!(tracer.get(path).await.status, 404, "{path}");
    }
}
