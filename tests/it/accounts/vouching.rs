//! Who counts, and who can be written to: links that others took, replays, second administrators, mistyped addresses.
use super::person::{PASSWORD, Person, invitation, path_of};
use crate::support::app::App;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::base::email_address::EmailAddress;
use ashiato::base::locale::Locale;
use ashiato::base::token::Token;
use ashiato::mail::{self, Letter, LetterKind};
use ashiato::official::Act;
use ashiato::official::{self, APPROVERS, By, MayAdmin, MayView, Role, Session, Statement, Trust, login_of, vouched};
use sqlx::Connection;
use uuid::Uuid;

const MIDORI: &str = "midori@city.example.jp";
const KEN: &str = "ken@city.example.jp";
const AOI: &str = "aoi@city.example.jp";

/// In which role the worker believes what somebody signs who is logged in here; none: not at all.
async fn counts_as(app: &App, person: &Person<'_>) -> Option<Role> {
    let cookie = person.cookie();
    let token = Token::from_client(cookie.split('=').nth(1).unwrap()).unwrap();
    let mut web = app.db.connect(DbRole::Web).await;
    let (caller, _) = login_of(&mut web, app.clock.now(), &token).await.unwrap()?;
    let statement = Statement::new("a test's");
    let signed = caller.authorise::<MayView>().unwrap().sign(&statement).ok()?;
    let mut notifier = app.db.connect(DbRole::Notifier).await;
    vouched(&mut notifier, &statement, Some(signed.as_bytes())).await.unwrap().map(|voucher| voucher.role)
}

async fn trust(app: &App, id: Uuid) -> Trust {
    let mut web = app.db.connect(DbRole::Web).await;
    official::official(&mut web, app.clock.now(), id).await.unwrap().unwrap().trust
}

async fn id_of(app: &App, email: &str) -> Uuid {
    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query_scalar("select id from official where email = $1").bind(email).fetch_one(&mut owner).await.unwrap()
}

/// A statement of who has web's database login, with one identifier bound.
async fn thief(app: &App, statement: &'static str, id: Uuid) {
    sqlx::query(statement).bind(id).execute(&mut app.db.connect(DbRole::Web).await).await.unwrap();
}

/// An administrator invites somebody, who follows the link in the letter.
async fn invited<'a>(app: &'a App, admin: &Person<'_>, email: &str, role: &str) -> Person<'a> {
    admin.form("/console/officials/invite", &[("name", "新人"), ("email", email), ("role", role)]).await.expect_status(303).unwrap();
    app.vouch().await;
    let person = Person::follow(app, &link_to(app, email).await, email, id_of(app, email).await).await;
    person.log_in().await;
    person
}

async fn link_to(app: &App, email: &str) -> String {
    app.deliver().await;
    let mails = app.sink.accepted();
    let letter = &mails.iter().rfind(|mail| mail.to == email).expect("a letter").text;
    let link = letter.lines().find_map(|line| line.trim().split_once("/console/invitation/")).unwrap().1;
    format!("/console/invitation/{link}")
}

/// An administrator's act on an account's page, with a fresh proof.
async fn act(admin: &Person<'_>, id: Uuid, act: &str, role: &str) -> (u16, String) {
    let code = admin.next_code();
    let answer = admin.form(&format!("/console/officials/{id}"), &[("act", act), ("role", role), ("totp", &code)]).await;
    admin.app.vouch().await;
    (answer.status, answer.text())
}

#[tokio::test]
async fn who_follows_a_link_counts_in_the_role_that_was_vouched_for() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    assert_eq!(counts_as(&app, &midori).await, Some(Role::Admin));
    let ken = invited(&app, &midori, KEN, "tracer").await;
    assert_eq!(counts_as(&app, &ken).await, Some(Role::Tracer));
    let page = ken.get("/console/account").await.text();
    assert!(page.contains("署名のかぎ") && !page.contains("まだ認められていません"));
    thief(&app, "update official set role = 'admin' where id = $1", ken.id).await;
    assert_eq!(counts_as(&app, &ken).await, Some(Role::Tracer));
    assert_eq!(ken.get("/console/officials").await.status, 403, "web believes the signatory, too");
}

#[tokio::test]
async fn a_changed_password_goes_on_with_the_same_key() {
    let app = App::start().await;
    let ken = Person::at_work(&app, Role::Approver, KEN, "田中 健").await;
    let new = "赤い自転車が三台";
    let changed = ken.form("/console/account/password", &[("present", PASSWORD), ("password", new), ("again", new)]).await;
    ken.keep_cookie(&changed.expect_status(303).unwrap());
    assert_eq!(counts_as(&app, &ken).await, Some(Role::Approver));
    let again = ken.try_log_in(new, &ken.next_code()).await.expect_status(303).unwrap();
    ken.keep_cookie(&again);
    assert_eq!(counts_as(&app, &ken).await, Some(Role::Approver), "opened with the new password");
}

#[tokio::test]
async fn a_link_that_somebody_wrote_into_the_table_brings_in_no_key() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let fields = [("name", "新人"), ("email", KEN), ("role", "approver")];
    midori.form("/console/officials/invite", &fields).await.expect_status(303).unwrap();
    app.vouch().await;
    let (id, token) = (id_of(&app, KEN).await, Token::random());
    sqlx::query("update official_invitation set token_sha256 = $2 where official_id = $1")
        .bind(id)
        .bind(token.sha256().as_slice())
        .execute(&mut app.db.connect(DbRole::Web).await)
        .await
        .unwrap();
    let thief = Person::follow(&app, &format!("/console/invitation/{}", token.expose()), KEN, id).await;
    thief.log_in().await;
    assert_eq!((counts_as(&app, &thief).await, trust(&app, id).await), (None, Trust::NoKey));

    // Nor does another key beside a good link: it is signed for.
    let aoi = invitation(&app, Role::Approver, AOI, "青い").await;
    app.form(&path_of(&aoi), &[("password", PASSWORD), ("again", PASSWORD)]).await.expect_status(200).unwrap();
    let mut web = app.db.connect(DbRole::Web).await;
    sqlx::query("update official_invitation set public_key = decode(repeat('07', 32), 'hex') where official_id = $1")
        .bind(aoi.official)
        .execute(&mut web)
        .await
        .unwrap();
    let shown = app.get(&path_of(&aoi)).await.text();
    let code = super::person::secret_on(&shown).code(app.clock.now());
    app.form(&format!("{}/confirm", path_of(&aoi)), &[("totp", &code)]).await.expect_status(200).unwrap();
    app.vouch().await;
    assert_eq!(trust(&app, aoi.official).await, Trust::NoKey);
}

#[tokio::test]
async fn a_reset_goes_to_the_mailbox_that_was_vouched_for_or_counts_for_nothing() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let ken = invited(&app, &midori, KEN, "tracer").await;
    thief(&app, "update official set email = 'thief' || chr(64) || 'evil.example' where id = $1", ken.id).await;
    assert_eq!(act(&midori, ken.id, "reset", "").await.0, 303);
    let path = link_to(&app, "thief@evil.example").await;
    let thief = Person::follow(&app, &path, "thief@evil.example", ken.id).await;
    thief.log_in().await;
    assert_eq!(counts_as(&app, &thief).await, None, "whoever reads that mailbox is not ken");
}

#[tokio::test]
async fn old_acts_do_not_come_back() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let ken = invited(&app, &midori, KEN, "tracer").await;
    act(&midori, ken.id, "role", "approver").await;
    ken.log_in().await;
    assert_eq!(counts_as(&app, &ken).await, Some(Role::Approver));
    act(&midori, ken.id, "role", "tracer").await;
    act(&midori, ken.id, "disable", "").await;
    for replayed in ["role", "invite", "join"] {
        sqlx::query(
            "insert into official_act (kind, official_id, standing, role, email_sha256, public_key, until, token_id, acted_at, signed)
             select kind, official_id, standing, role, email_sha256, public_key, until, token_id, acted_at, signed
             from official_act where kind = $2 and official_id = $1",
        )
        .bind(ken.id)
        .bind(replayed)
        .execute(&mut app.db.connect(DbRole::Web).await)
        .await
        .unwrap();
    }
    thief(&app, "update official set disabled_at = null, role = 'approver' where id = $1", ken.id).await;
    app.vouch().await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    let (role, ended): (String, bool) = sqlx::query_as("select role, ended_at is not null from signatory where official_id = $1")
        .bind(ken.id)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!((role.as_str(), ended), ("tracer", true));
    // Disabled without an act, and enabled again by the same hand: out until somebody signs.
    act(&midori, ken.id, "disable", "").await;
    act(&midori, ken.id, "enable", "").await;
    ken.log_in().await;
    assert_eq!(counts_as(&app, &ken).await, None, "the account's role was not the vouched one when it was enabled");
}

#[tokio::test]
async fn a_second_administrator_confirms_once_there_are_two() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let aoi = invited(&app, &midori, AOI, "admin").await;
    assert_eq!(counts_as(&app, &aoi).await, Some(Role::Admin), "the first one had nobody to ask");
    let ken = invited(&app, &midori, KEN, "approver").await;
    assert_eq!(counts_as(&app, &ken).await, Some(Role::Tracer), "until a second one confirms");
    let told = app.sink.accepted().into_iter().rfind(|mail| mail.to == AOI).expect("the other is told").text;
    assert!(told.contains("ほかの管理者が担当者の一覧で確認するまで"), "{told}");
    let (status, page) = act(&midori, ken.id, "confirm", "").await;
    assert!(status == 422 && page.contains("この役割を与えた本人は確認できません"), "{status}");
    assert_eq!(act(&aoi, ken.id, "confirm", "").await.0, 303);
    assert_eq!(counts_as(&app, &ken).await, Some(Role::Approver));

    // Every other way to the same power.
    for (what, role) in [("reset", ""), ("role", "admin")] {
        act(&midori, ken.id, what, role).await;
        assert!(matches!(trust(&app, ken.id).await, Trust::Waits { .. }), "{what}");
        assert_eq!(act(&aoi, ken.id, "confirm", "").await.0, 303, "{what}");
        assert!(!matches!(trust(&app, ken.id).await, Trust::Waits { .. }), "{what}");
    }
    act(&midori, ken.id, "disable", "").await;
    act(&midori, ken.id, "enable", "").await;
    assert!(matches!(trust(&app, ken.id).await, Trust::Waits { .. }), "enabled");
    act(&midori, ken.id, "role", "tracer").await;
    assert!(!matches!(trust(&app, ken.id).await, Trust::Waits { .. }), "less needs nobody");
}

#[tokio::test]
async fn one_of_two_administrators_does_not_become_the_only_one_by_disabling_the_other() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let aoi = invited(&app, &midori, AOI, "admin").await;
    act(&midori, aoi.id, "disable", "").await;
    let ken = invited(&app, &midori, KEN, "approver").await;
    assert_eq!(counts_as(&app, &ken).await, Some(Role::Tracer));
    // The way out is the operator's: in place of the second, or by saying that the other is gone.
    let mut owner = app.db.connect(DbRole::Owner).await;
    let mut tx = owner.begin().await.unwrap();
    assert!(official::confirm_by_operator(&mut tx, app.clock.now(), ken.id).await.unwrap());
    assert!(!official::confirm_by_operator(&mut tx, app.clock.now(), ken.id).await.unwrap(), "once");
    tx.commit().await.unwrap();
    assert_eq!(counts_as(&app, &ken).await, Some(Role::Approver));
    let mut by_operator = Act::without_letters(&mut owner, app.clock.now(), By::Operator).await.unwrap();
    assert!(!official::disable(&mut by_operator, aoi.id).await.unwrap(), "disabled before");
    by_operator.commit().await.unwrap();
    act(&midori, ken.id, "reset", "").await;
    assert!(!matches!(trust(&app, ken.id).await, Trust::Waits { .. }), "and then there is one administrator");
}

#[tokio::test]
async fn an_administrator_who_never_joined_is_no_second_one() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    midori.form("/console/officials/invite", &[("name", "青い"), ("email", AOI), ("role", "admin")]).await.expect_status(303).unwrap();
    app.vouch().await;
    let ken = invited(&app, &midori, KEN, "approver").await;
    assert_eq!(counts_as(&app, &ken).await, Some(Role::Approver));
}

#[tokio::test]
async fn a_person_confirms_not_themself_and_a_token_of_the_command_line_nobody() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let aoi = invited(&app, &midori, AOI, "admin").await;
    act(&midori, aoi.id, "role", "approver").await;
    act(&midori, aoi.id, "role", "admin").await;
    aoi.log_in().await;
    assert_eq!(counts_as(&app, &aoi).await, Some(Role::Tracer));
    assert_eq!(aoi.get("/console/officials").await.status, 403, "who waits manages no accounts");
    let operator = app.token(Role::Admin, "operator").await;
    let confirm = format!("/api/v1/officials/{}/confirm", aoi.id);
    let answer = app.api("POST", &confirm, Some(&operator), None).await;
    assert_eq!((answer.status, answer.json().unwrap()["code"].clone()), (403, "token_may_not_confirm".into()));
    let mut web = app.db.connect(DbRole::Web).await;
    let token = Token::from_client(midori.cookie().split('=').nth(1).unwrap()).unwrap();
    let (caller, _) = login_of(&mut web, app.clock.now(), &token).await.unwrap().unwrap();
    let session: Session<MayAdmin> = caller.authorise().unwrap();
    let own = official::confirm(&mut web, app.clock.now(), &session, aoi.id).await;
    assert!(matches!(own, Err(official::AccountError::SameAdmin)));
}

#[tokio::test]
async fn nothing_goes_to_a_mailbox_whose_owner_has_not_joined() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let _invited = invitation(&app, Role::Approver, "mistyped@city.example.jp", "打ちまちがい").await;
    let ken = Person::at_work(&app, Role::Approver, KEN, "田中 健").await;
    let mut web = app.db.connect(DbRole::Web).await;
    let mut readers = async || {
        let found = official::readers(&mut web, &APPROVERS).await.unwrap();
        found.into_iter().map(|address| address.expose().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(readers().await, [MIDORI, KEN]);
    let venue = app.venue("喫茶 ひだまり", &["入口"]).await;
    app.check_in(&venue.codes[0], "visitor@example.jp").await;
    let token = app.token(Role::Approver, "tanaka").await;
    let case = serde_json::json!({ "reference": "R8-1", "stays": [{ "venue_id": venue.id, "date": "2026-11-22" }] });
    let made = app.api("POST", "/api/v1/cases", Some(&token), Some(case)).await.expect_status(201).unwrap().json().unwrap();
    let submit = format!("/api/v1/alerts/{}/submit", made["alert_id"].as_str().unwrap());
    app.api("POST", &submit, Some(&token), None).await.expect_status(200).unwrap();
    app.deliver().await;
    let mut to: Vec<String> = app.sink.accepted().into_iter().map(|mail| mail.to).filter(|to| to != "shop@example.jp").collect();
    to.sort();
    assert_eq!(to, [KEN, MIDORI], "the letter with the count");
    // A mailbox that was changed in the table, an account that is reset, one that is disabled: not theirs, or not theirs now.
    act(&midori, ken.id, "reset", "").await;
    assert_eq!(readers().await, [MIDORI], "until ken joins again");
    thief(&app, "update official set email = 'thief' || chr(64) || 'evil.example' where id = $1", midori.id).await;
    assert!(readers().await.is_empty());
}

#[tokio::test]
async fn an_invitation_can_be_withdrawn_and_its_address_is_free() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let mistyped = "ken@city.example.org";
    let fields = [("name", "田中 健"), ("email", mistyped), ("role", "approver")];
    midori.form("/console/officials/invite", &fields).await.expect_status(303).unwrap();
    app.vouch().await;
    let id = id_of(&app, mistyped).await;
    let page = midori.get(&format!("/console/officials/{id}")).await.text();
    assert!(page.contains("案内を取り消す"));
    assert_eq!(act(&midori, id, "withdraw", "").await.0, 303);
    app.deliver().await;
    assert!(app.sink.accepted().iter().all(|mail| mail.to != mistyped), "the letter was still waiting, and does not leave");
    assert!(midori.get("/console/officials").await.text().matches("田中 健").count() == 0, "a stranger's address is not kept");
    midori.form("/console/officials/invite", &fields).await.expect_status(303).unwrap();
    let path = link_to(&app, mistyped).await;
    act(&midori, id_of(&app, mistyped).await, "withdraw", "").await;
    assert_eq!(app.get(&path).await.status, 404, "a letter that has left holds a dead link");
    // Who has joined is disabled, not withdrawn; whose reset waits keeps the account.
    let ken = invited(&app, &midori, KEN, "tracer").await;
    let (status, page) = act(&midori, ken.id, "withdraw", "").await;
    assert!(status == 422 && page.contains("取り消せる案内がありません"));
    act(&midori, ken.id, "reset", "").await;
    assert_eq!(act(&midori, ken.id, "withdraw", "").await.0, 303);
    assert!(midori.get("/console/officials").await.text().contains("案内の期間切れ"));
    let mut owner = app.db.connect(DbRole::Owner).await;
    let entries: i64 =
        sqlx::query_scalar("select count(*) from audit_entry where action = 'official.withdraw'").fetch_one(&mut owner).await.unwrap();
    assert_eq!(entries, 3);
}

#[tokio::test]
async fn an_account_from_before_keys_counts_once_the_operator_has_compared_its_key() {
    let app = App::start().await;
    let ken = Person::join(&app, Role::Approver, KEN, "田中 健").await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query("update official_credential set key_salt = null, key_sealed = null, public_key = null").execute(&mut owner).await.unwrap();
    sqlx::query("update signatory set public_key = null").execute(&mut owner).await.unwrap();
    ken.log_in().await;
    assert_eq!(counts_as(&app, &ken).await, None);
    let page = ken.get("/console/account").await.text();
    assert!(page.contains("このかぎは、まだ認められていません"));
    let letters = page.split("<span class=\"code\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let vouch = async |owner: &mut sqlx::PgConnection, typed: &str| {
        let mut tx = owner.begin().await.unwrap();
        let done = official::vouch(&mut tx, app.clock.now(), ken.id, typed).await;
        tx.commit().await.unwrap();
        done.ok()
    };
    assert_eq!(vouch(&mut owner, "ABCD-EFGH-JKMN-PQRS").await, None);
    // Somebody puts a key of their own there: it is not the one that ken reads.
    let mut web = app.db.connect(DbRole::Web).await;
    let mine: Vec<u8> = sqlx::query_scalar("select public_key from official_credential").fetch_one(&mut web).await.unwrap();
    let set = "update official_credential set public_key = $1";
    sqlx::query(set).bind([7_u8; 32].as_slice()).execute(&mut web).await.unwrap();
    assert_eq!(vouch(&mut owner, &letters).await, None);
    sqlx::query(set).bind(mine).execute(&mut web).await.unwrap();
    assert_eq!(vouch(&mut owner, &letters.to_lowercase()).await, Some(Role::Approver));
    ken.log_in().await;
    assert_eq!(counts_as(&app, &ken).await, Some(Role::Approver));
}

#[tokio::test]
async fn an_unvouched_administrator_gives_nobody_power_and_is_told_so() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let ken = invited(&app, &midori, KEN, "tracer").await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query("update signatory set public_key = null where official_id = $1").bind(midori.id).execute(&mut owner).await.unwrap();
    let (status, page) = act(&midori, ken.id, "role", "approver").await;
    assert!(status == 422 && page.contains("ashiato official vouch"), "{status}");
    assert_eq!(act(&midori, ken.id, "role", "viewer").await.0, 303, "less can always be given");
    assert_eq!(act(&midori, ken.id, "disable", "").await.0, 303, "and somebody can always be stopped");
    let mut by_operator = Act::without_letters(&mut owner, app.clock.now(), By::Operator).await.unwrap();
    let enabled = official::enable(&mut by_operator, ken.id).await.unwrap();
    by_operator.commit().await.unwrap();
    assert!(enabled.is_some(), "the operator needs no key");
}

/// An act that nobody signed, as web's login can append it.
async fn rubbish(app: &App, kind: &str, official: Uuid, standing: i64) {
    sqlx::query("insert into official_act (kind, official_id, standing, role, acted_at) values ($1, $2, $3, 'tracer', now())")
        .bind(kind)
        .bind(official)
        .bind(standing)
        .execute(&mut app.db.connect(DbRole::Web).await)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_number_that_somebody_made_up_leaves_room_for_the_next_grant() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let ken = invited(&app, &midori, KEN, "tracer").await;
    for looked_at in [false, true] {
        for standing in [i64::MAX, i64::MAX - 1, i64::MIN] {
            rubbish(&app, "confirm", ken.id, standing).await;
        }
        if looked_at {
            app.vouch().await;
        }
        let role = if looked_at { "tracer" } else { "viewer" };
        assert_eq!(act(&midori, ken.id, "role", role).await.0, 303);
        ken.log_in().await;
        assert_eq!(counts_as(&app, &ken).await, Some(role.parse().unwrap()), "the signature names a number that was believed");
    }
    let mut owner = app.db.connect(DbRole::Owner).await;
    let standing: i64 =
        sqlx::query_scalar("select standing from signatory where official_id = $1").bind(ken.id).fetch_one(&mut owner).await.unwrap();
    assert!(standing < 10_000, "{standing}");
}

#[tokio::test]
async fn an_act_that_the_database_refuses_holds_up_no_other() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let ken = invited(&app, &midori, KEN, "tracer").await;
    let _open = invitation(&app, Role::Tracer, AOI, "鈴木 葵").await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    // An admin's own program signs a reset of ken with the link's key of somebody else's invitation, which can be there but once.
    let (standing, email): (i64, Vec<u8>) = sqlx::query_as("select standing, email_sha256 from signatory where official_id = $1")
        .bind(ken.id)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    let key: Vec<u8> =
        sqlx::query_scalar("select invitation_key from signatory where invitation_key is not null").fetch_one(&mut owner).await.unwrap();
    let now = app.clock.now();
    let until = now + chrono::Duration::days(7);
    let said = Statement::new("ashiato official act v1")
        .text("reset")
        .id(ken.id)
        .number(standing + 1)
        .maybe(Some(b"tracer"))
        .maybe(Some(&email))
        .maybe(Some(&key))
        .number(until.timestamp_micros())
        .maybe(None)
        .at(now);
    let cookie = midori.cookie();
    let token = Token::from_client(cookie.split('=').nth(1).unwrap()).unwrap();
    let mut web = app.db.connect(DbRole::Web).await;
    let (caller, _) = login_of(&mut web, now, &token).await.unwrap().unwrap();
    let signed = caller.authorise::<MayAdmin>().unwrap().sign(&said).unwrap();
    sqlx::query(
        "insert into official_act (kind, official_id, standing, role, email_sha256, public_key, until, acted_at, signed)
         values ('reset', $1, $2, 'tracer', $3, $4, $5, $6, $7)",
    )
    .bind(ken.id)
    .bind(standing + 1)
    .bind(&email)
    .bind(&key)
    .bind(until)
    .bind(now)
    .bind(signed.as_bytes())
    .execute(&mut web)
    .await
    .unwrap();
    rubbish(&app, "disable", ken.id, 0).await;
    app.vouch().await;
    let looked: Vec<bool> = sqlx::query_scalar("select believed from official_act where official_id = $1 order by id desc limit 2")
        .bind(ken.id)
        .fetch_all(&mut owner)
        .await
        .unwrap();
    assert_eq!(looked, [true, false], "the one behind it was looked at, and counts");
}

#[tokio::test]
async fn what_officials_write_each_other_leaves_to_nobody_else() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let ken = invited(&app, &midori, KEN, "approver").await;
    app.deliver().await;
    let before = app.sink.accepted().len();
    let mut web = app.db.connect(DbRole::Web).await;
    let zone = ashiato::base::clock::Zone(chrono_tz::Asia::Tokyo);
    let sealer = &app.web.state.sealer;
    for to in [KEN, MIDORI, "stranger@example.jp"] {
        let params = [("kind", "clock".to_owned()), ("at", app.clock.now().to_rfc3339())];
        let params = params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let to = EmailAddress::parse(to).unwrap();
        let letter = Letter { kind: LetterKind::Alarm, to, locale: Locale::default(), params };
        mail::post(&mut web, sealer, app.clock.now(), zone, &letter).await.unwrap();
    }
    act(&midori, ken.id, "disable", "").await;
    app.deliver().await;
    let to: Vec<String> = app.sink.accepted()[before..].iter().map(|mail| mail.to.clone()).collect();
    assert_eq!(to, [MIDORI], "a stranger gets none, nor does who was disabled while it waited");
}
