//! Admins and their colleagues: roles, disabling, resetting, tokens; each act proven, told and on record.
use super::person::{PASSWORD, Person, path_of};
use crate::routes::contract::fits;
use crate::support::app::App;
use crate::web::html::Page;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::official::{FRESH, Role};
use ashiato::web::routes::table;
use chrono::Duration;

const MIDORI: &str = "midori@city.example.jp";
const KEN: &str = "ken@city.example.jp";

async fn count(app: &App, what: &'static str) -> i64 {
    sqlx::query_scalar(what).fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap()
}

#[tokio::test]
async fn an_admin_invites_a_colleague_by_mail() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let fields = [("name", "田中 健"), ("email", KEN), ("role", "tracer")];
    let sent = midori.form("/console/officials/invite", &fields).await.expect_status(303).unwrap();
    assert_eq!(sent.header("Location"), Some("/console/officials?done=invited"));
    let list = midori.get("/console/officials?done=invited").await.expect_status(200).unwrap().text();
    assert!(list.contains("登録待ち") && list.contains("案内を送りました") && !list.contains("/console/invitation/"));
    app.deliver().await;
    let mails = app.sink.accepted();
    let letter = &mails.iter().find(|mail| mail.to == KEN).expect("the invitation").text;
    let link = letter.lines().find_map(|line| line.trim().split_once("/console/invitation/")).unwrap().1.to_owned();
    let told = &mails.iter().find(|mail| mail.to == MIDORI).expect("the admins are told").text;
    assert!(told.contains("田中 健") && told.contains("佐藤 みどり") && !told.contains(&link));
    let id =
        sqlx::query_scalar("select id from official where email = $1").bind(KEN).fetch_one(&mut app.db.connect(DbRole::Owner).await).await;
    let ken = Person::follow(&app, &format!("/console/invitation/{link}"), KEN, id.unwrap()).await;
    ken.log_in().await;
    assert!(midori.get("/console/officials").await.text().contains("使用中"));
}

#[tokio::test]
async fn a_form_with_mistakes_names_each_and_keeps_what_was_typed() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let long = "長".repeat(61);
    for (name, email, role, said) in [
        ("", KEN, "tracer", vec!["入力してください"]),
        (long.as_str(), KEN, "tracer", vec!["長すぎます"]),
        ("a\u{202E}b", KEN, "tracer", vec!["使えない文字"]),
        ("健", "ken", "tracer", vec!["「@」が入っていません"]),
        ("健", KEN, "", vec!["どれかを選んでください。"]),
        ("健", KEN, "root", vec!["どれかを選んでください。"]),
        ("", "", "", vec!["メールアドレスを入れてください", "どれかを選んでください。"]),
        ("健", MIDORI, "viewer", vec!["もう登録されています"]),
    ] {
        let answer = midori.form("/console/officials/invite", &[("name", name), ("email", email), ("role", role)]).await;
        assert_eq!(answer.status, 422, "{said:?}");
        let page = answer.text();
        assert!(page.contains("<title>エラー：") && page.contains(&format!("value=\"{email}\"")), "{said:?}");
        for said in said {
            assert!(page.contains(said), "{said}: {page}");
        }
    }
    assert_eq!(count(&app, "select count(*) from official").await, 1);
    assert_eq!(count(&app, "select count(*) from outbox").await, 0, "nothing half done");
}

#[tokio::test]
async fn weighty_acts_ask_for_the_second_factor_when_the_last_proof_is_old() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let ken = Person::join(&app, Role::Tracer, KEN, "田中 健").await;
    let page = format!("/console/officials/{}", ken.id);
    app.clock.advance(FRESH - Duration::seconds(1));
    assert!(!midori.get(&page).await.text().contains("name=\"totp\""), "fresh to the last second");
    midori.form(&page, &[("act", "role"), ("role", "viewer")]).await.expect_status(303).unwrap();
    app.clock.advance(Duration::seconds(2));
    assert!(midori.get(&page).await.text().contains("name=\"totp\""));
    let change = |code: &str| [("act", "role".to_owned()), ("role", "approver".to_owned()), ("totp", code.to_owned())];
    let post = async |code: &str| {
        let fields = change(code);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        midori.form(&page, &fields).await
    };
    for wrong in ["", "000000", "12345"] {
        let answer = post(wrong).await;
        assert_eq!(answer.status, 422, "{wrong:?}");
        assert!(answer.text().contains("value=\"role\" checked"), "what was chosen is kept");
    }
    assert_eq!(post(&midori.next_code()).await.status, 303, "the pause of a second is over");
    assert_eq!(count(&app, "select count(*) from official where role = 'approver'").await, 1);
    assert_eq!(post("").await.status, 303, "proven for five minutes; the same role again changes nothing");
    app.clock.advance(FRESH + Duration::seconds(1));
    assert_eq!(post(&midori.recovery_codes[0]).await.status, 303, "a recovery code proves too");
    app.clock.advance(FRESH + Duration::seconds(1));
    assert_eq!(post(&midori.recovery_codes[0]).await.status, 422, "once");
}

#[tokio::test]
async fn disabling_and_another_role_end_sessions_at_once() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let ken = Person::at_work(&app, Role::Tracer, KEN, "田中 健").await;
    let page = format!("/console/officials/{}", ken.id);
    ken.get("/console").await.expect_status(200).unwrap();
    midori.form(&page, &[("act", "role"), ("role", "viewer")]).await.expect_status(303).unwrap();
    assert_eq!(ken.get("/console").await.status, 303);
    ken.log_in().await;
    midori.form(&page, &[("act", "disable")]).await.expect_status(303).unwrap();
    assert_eq!(ken.get("/console").await.status, 303);
    assert_eq!(ken.try_log_in(PASSWORD, &ken.next_code()).await.status, 422);
    midori.form(&page, &[("act", "enable")]).await.expect_status(303).unwrap();
    ken.log_in().await;
    midori.form(&page, &[("act", "reset")]).await.expect_status(303).unwrap();
    assert_eq!(ken.get("/console").await.status, 303);
    assert_eq!(ken.try_log_in(PASSWORD, &ken.next_code()).await.status, 422, "what they knew is worth nothing");
    app.deliver().await;
    let mails = app.sink.accepted();
    let letter = &mails.iter().rfind(|mail| mail.to == KEN).unwrap().text;
    let link = letter.lines().find_map(|line| line.trim().split_once("/console/invitation/")).unwrap().1;
    let again = Person::follow(&app, &format!("/console/invitation/{link}"), KEN, ken.id).await;
    again.log_in().await;
    assert_eq!(mails.iter().filter(|mail| mail.to == MIDORI).count(), 3, "role, enabled, reset");
}

#[tokio::test]
async fn somebody_can_always_manage_accounts() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let page = format!("/console/officials/{}", midori.id);
    for (act, said) in
        [("disable", "ほかにログインできる管理者がいません"), ("role", "ほかにログインできる"), ("reset", "自分の認証アプリは")]
    {
        let answer = midori.form(&page, &[("act", act), ("role", "viewer")]).await;
        assert_eq!(answer.status, 422, "{act}");
        assert!(answer.text().contains(said), "{act}");
    }
    let second = super::person::invitation(&app, Role::Admin, KEN, "田中 健").await;
    assert_eq!(midori.form(&page, &[("act", "disable")]).await.status, 422, "who was only invited cannot log in");
    let ken = Person::follow(&app, &path_of(&second), KEN, second.official).await;
    let left = midori.form(&page, &[("act", "role"), ("role", "viewer")]).await.expect_status(303).unwrap();
    assert_eq!(left.header("Location"), Some("/console/login?done=role"), "one's own session ends too");
    ken.log_in().await;
    ken.get("/console/officials").await.expect_status(200).unwrap();
}

#[tokio::test]
async fn who_is_no_admin_sees_none_of_it() {
    let app = App::start().await;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Admin) {
        let official = app.official(role, "係").await;
        let page = official.get("/console").await.text();
        assert!(!page.contains("/console/officials"), "{role}");
        for path in ["/console/officials", "/console/officials/invite", "/console/tokens"] {
            assert_eq!(official.get(path).await.status, 403, "{role} {path}");
            let fields = [("name", "x"), ("email", "x@example.jp"), ("role", "admin")];
            let posted = official.form(path, &fields).await.status;
            assert!(matches!(posted, 403 | 405), "{role} {path} {posted}");
        }
    }
    assert_eq!(count(&app, "select count(*) from official where role = 'admin'").await, 0);
}

#[tokio::test]
async fn a_token_is_shown_once_and_ends_when_told() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 みどり").await;
    let empty = midori.form("/console/tokens", &[("name", " "), ("role", "viewer")]).await;
    assert_eq!(empty.status, 422);
    let made = midori.form("/console/tokens", &[("name", "市の集計"), ("role", "viewer")]).await.expect_status(200).unwrap().text();
    let token = made.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    app.vouch().await;
    assert_eq!(app.api("GET", "/api/v1/alerts/x", Some(&token), None).await.status, 404, "it works");
    let listed = midori.get("/console/tokens").await.text();
    assert!(listed.contains("市の集計") && !listed.contains(&token));
    let id = listed.split("/console/tokens/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    midori.get(&format!("/console/tokens/{id}")).await.expect_status(200).unwrap();
    let gone = midori.form(&format!("/console/tokens/{id}/revoke"), &[]).await.expect_status(303).unwrap();
    assert_eq!(gone.header("Location"), Some("/console/tokens?done=revoked"));
    assert_eq!(app.api("GET", "/api/v1/alerts/x", Some(&token), None).await.status, 401);
    assert_eq!(midori.get(&format!("/console/tokens/{id}")).await.status, 404);
    assert_eq!(midori.form(&format!("/console/tokens/{id}/revoke"), &[]).await.status, 404);
}

#[tokio::test]
async fn one_changes_ones_own_password_and_is_alone_afterwards() {
    let app = App::start().await;
    let ken = Person::at_work(&app, Role::Tracer, KEN, "田中 健").await;
    let elsewhere = app.session_of(ken.id).await;
    let new = "赤い自転車が三台";
    for (present, password, again, said) in [
        ("wrong one", new, new, "今のパスワードとちがいます"),
        (PASSWORD, "password1", "password1", "よく使われる"),
        (PASSWORD, new, "赤い自転車が二台", "2つのパスワードがちがいます"),
    ] {
        let answer = ken.form("/console/account/password", &[("present", present), ("password", password), ("again", again)]).await;
        assert_eq!(answer.status, 422, "{said}");
        assert!(answer.text().contains(said), "{said}");
    }
    app.clock.advance(Duration::seconds(1));
    let before = ken.cookie();
    let changed = ken.form("/console/account/password", &[("present", PASSWORD), ("password", new), ("again", new)]).await;
    ken.keep_cookie(&changed.expect_status(303).unwrap());
    assert_eq!(elsewhere.get("/console").await.status, 303);
    assert_eq!(app.send("GET", "/console", &[&before], b"").await.status, 303, "this browser has a new session");
    let page = ken.get("/console/account?done=password").await.expect_status(200).unwrap().text();
    assert!(page.contains("パスワードを変えました"));
    assert_eq!(ken.try_log_in(PASSWORD, &ken.next_code()).await.status, 422);
    ken.try_log_in(new, &ken.code()).await.expect_status(303).unwrap();
}

#[tokio::test]
async fn one_changes_ones_own_app_and_recovery_codes() {
    let app = App::start().await;
    let ken = Person::at_work(&app, Role::Tracer, KEN, "田中 健").await;
    let elsewhere = app.session_of(ken.id).await;
    app.clock.advance(FRESH + Duration::seconds(1));
    assert_eq!(ken.form("/console/account/second-factor", &[]).await.status, 422, "prove first");
    let begun = ken.form("/console/account/second-factor", &[("totp", &ken.code())]).await.expect_status(200).unwrap().text();
    let next = super::person::secret_on(&begun);
    let confirm = "/console/account/second-factor/confirm";
    assert_eq!(ken.form(confirm, &[("totp", &ken.next_code())]).await.status, 422, "a code of the old app");
    ken.try_log_in(PASSWORD, &ken.code()).await.expect_status(303).unwrap();
    ken.form(confirm, &[("totp", &next.code(app.clock.now()))]).await.expect_status(303).unwrap();
    assert_eq!(elsewhere.get("/console").await.status, 303);
    assert_eq!(ken.try_log_in(PASSWORD, &ken.next_code()).await.status, 422, "the old app is over");
    ken.try_log_in(PASSWORD, &next.code(app.clock.now())).await.expect_status(303).unwrap();
    assert_eq!(ken.form(confirm, &[("totp", "123456")]).await.status, 303, "nothing waits: back to the beginning");
    let made = ken.form("/console/account/recovery-codes", &[]).await.expect_status(200).unwrap().text();
    let codes = super::person::codes_on(&made);
    let recover = async |code: &str| app.form("/console/recover", &[("email", KEN), ("password", PASSWORD), ("code", code)]).await.status;
    assert_eq!((recover(&ken.recovery_codes[0]).await, recover(&codes[0]).await), (422, 303));
}

#[tokio::test]
async fn one_sees_and_ends_ones_own_sessions_and_no_others() {
    let app = App::start().await;
    let ken = Person::at_work(&app, Role::Tracer, KEN, "田中 健").await;
    let (one, two) = (app.session_of(ken.id).await, app.session_of(ken.id).await);
    let stranger = app.official(Role::Admin, "他人").await;
    let page = ken.get("/console/account").await.expect_status(200).unwrap().text();
    assert_eq!(page.matches("/end\"").count(), 2, "two others, and this one");
    let id = page.split("/console/account/sessions/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(stranger.form(&format!("/console/account/sessions/{id}/end"), &[]).await.status, 404);
    ken.form(&format!("/console/account/sessions/{id}/end"), &[]).await.expect_status(303).unwrap();
    let open = [one.get("/console").await.status, two.get("/console").await.status];
    assert_eq!(open.iter().filter(|status| **status == 200).count(), 1);
    ken.form("/console/account/sessions/end-others", &[]).await.expect_status(303).unwrap();
    let open = [one.get("/console").await.status, two.get("/console").await.status, ken.get("/console").await.status];
    assert_eq!(open, [303, 303, 200]);
}

/// Every page of this area in both languages, fresh and with a proof to give, right and wrong.
#[tokio::test]
async fn every_page_is_well_formed_and_its_forms_lead_to_routes() {
    let app = App::start().await;
    let midori = Person::at_work(&app, Role::Admin, MIDORI, "佐藤 <b>\"&'みどり").await;
    let ken = super::person::invitation(&app, Role::Tracer, KEN, "田中 健").await;
    let one = format!("/console/officials/{}", ken.official);
    let made = midori.form("/console/tokens", &[("name", "<b>\"&'"), ("role", "viewer")]).await.expect_status(200).unwrap().text();
    Page::checked("a token is made", &made, "ja");
    let token = made.split("/console/tokens/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let hostile = "\"><script>alert(1)</script>";
    for stale in [false, true] {
        if stale {
            app.clock.advance(FRESH + Duration::seconds(1));
        }
        for lang in ["ja", "en"] {
            let pages = [
                "/console/account",
                "/console/account?done=recovered",
                "/console/account/password",
                "/console/account/second-factor",
                "/console/account/recovery-codes",
                "/console/officials",
                "/console/officials?done=invited",
                "/console/officials/invite",
                &one,
                &format!("{one}?done=reset"),
                "/console/tokens",
                &format!("/console/tokens/{token}"),
            ];
            for path in pages {
                let path = format!("{path}{}lang={lang}", if path.contains('?') { '&' } else { '?' });
                let answer = midori.get(&path).await.expect_status(200).unwrap();
                let page = Page::checked(&path, &answer.text(), lang);
                for (method, action) in page.forms() {
                    assert!(
                        table().into_iter().any(|(_, known, pattern)| known == method.as_str() && fits(pattern, action)),
                        "{path}: {action}"
                    );
                    assert!(action.contains(&format!("lang={lang}")), "{path}: {action} forgets the language");
                }
            }
            let posted: [(&str, &[(&str, &str)]); 5] = [
                ("/console/account/password", &[("present", hostile), ("password", hostile), ("again", "")]),
                ("/console/account/second-factor", &[("seed", hostile), ("totp", hostile)]),
                ("/console/officials/invite", &[("name", hostile), ("email", hostile), ("role", hostile), ("totp", hostile)]),
                (&one, &[("act", hostile), ("role", hostile), ("totp", hostile)]),
                ("/console/tokens", &[("name", "\u{202E}"), ("role", hostile), ("totp", hostile)]),
            ];
            for (path, fields) in posted {
                app.clock.advance(Duration::seconds(2));
                let path = format!("{path}?lang={lang}");
                let answer = midori.form(&path, fields).await;
                assert_eq!(answer.status, 422, "{path}");
                let page = Page::checked(&path, &answer.text(), lang);
                assert!(page.title().starts_with(if lang == "ja" { "エラー：" } else { "Error: " }), "{path}: {}", page.title());
            }
        }
    }
}
