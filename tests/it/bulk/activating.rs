//! The owner switches the venue on by the code of a printed letter.
use super::{count, import, list};
use crate::support::app::App;
use crate::support::pdf::read;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::base::token::Token;
use ashiato::official::Act;
use ashiato::official::{MayTrace, Role, caller_of};
use ashiato::venue::activation::{VALID_DAYS, letters, renew};
use ashiato::venue::{Activation, City, VenueId};
use chrono::TimeDelta;

/// A venue that the city entered, and the code of its printed letter.
async fn invited(app: &App, token: &str, name: &str) -> (VenueId, String) {
    import(app, token, "", &list(&[&format!("{name},飲食店,あおば市中央{name},,1,")])).await.expect_status(201).unwrap();
    let id: sqlx::types::Uuid = sqlx::query_scalar("select id from venue where name = $1")
        .bind(name)
        .fetch_one(&mut app.db.connect(DbRole::Owner).await)
        .await
        .unwrap();
    let id = VenueId(id);
    (id, print(app, token, id).await.unwrap().code)
}

async fn print(app: &App, token: &str, id: VenueId) -> Option<Activation> {
    let mut web = app.db.connect(DbRole::Web).await;
    let caller = caller_of(&mut web, &Token::from_client(token).unwrap()).await.unwrap().unwrap();
    let session = caller.authorise::<MayTrace>().unwrap();
    let state = &app.web.state;
    let mut act = Act::without_letters(&mut web, app.clock.now(), City::from(&session)).await.unwrap();
    let made = letters(&mut act, state.activation().unwrap(), &state.service.base_url, &[id]).await.unwrap().remove(&id);
    act.commit().await.unwrap();
    made
}

async fn check_in(app: &App, id: VenueId) -> u16 {
    let code: String = sqlx::query_scalar("select code from poster where venue_id = $1 and no = 1")
        .bind(id.0)
        .fetch_one(&mut app.db.connect(DbRole::Owner).await)
        .await
        .unwrap();
    app.form(&format!("/c/{code}"), &[("email", "visitor@example.jp")]).await.status
}

#[tokio::test]
async fn one_button_makes_the_posters_work() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let (id, code) = invited(&app, &token, "喫茶 <ひだまり>").await;
    assert_eq!(check_in(&app, id).await, 404, "before");
    assert_eq!(print(&app, &token, id).await.unwrap().code, code, "printed again: the same letter");
    let path = format!("/venues/activate/{}", code.replace('-', ""));
    // Typed as people type, it leads to the page; looking uses nothing up.
    let typed = app.get(&format!("/venues/activate?code={}", code.to_lowercase())).await;
    assert_eq!((typed.status, typed.header("Location")), (303, Some(path.as_str())));
    for _ in 0..3 {
        let page = app.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("喫茶 &#60;ひだまり&#62;") && page.text().contains("ポスターを有効にする"), "{}", page.text());
    }
    assert_eq!(check_in(&app, id).await, 404, "still before");
    let wrong = app.form(&path, &[("contact_email", "nobody@")]).await;
    assert!(wrong.status == 422 && wrong.text().contains("value=\"nobody@\""), "{}", wrong.text());
    let done = app.form(&path, &[("contact_email", "")]).await;
    assert!(done.status == 200 && done.text().contains("ポスターが使えます"), "{}", done.text());
    app.clock.advance(TimeDelta::seconds(11));
    assert_eq!(check_in(&app, id).await, 200);
    let again = app.form(&path, &[("contact_email", "late@example.jp")]).await;
    assert!(again.status == 200 && again.text().contains("ポスターが使えます"), "twice is harmless");
    app.deliver().await;
    assert!(app.sink.accepted().is_empty(), "who comes second names no mailbox");
    assert!(print(&app, &token, id).await.is_none(), "no letter to who came");
    assert_eq!(count(&app, "select count(*) from audit_entry where action = 'venue.activate'").await, 1);
    let stored: String = sqlx::query_scalar("select string_agg(a::text, '') from venue_activation a")
        .fetch_one(&mut app.db.connect(DbRole::Owner).await)
        .await
        .unwrap();
    assert!(!stored.contains(&code.replace('-', "")), "the code is nowhere");
}

#[tokio::test]
async fn a_named_mailbox_is_proven_before_it_counts() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let (id, code) = invited(&app, &token, "本屋").await;
    let done = app.form(&format!("/venues/activate/{code}"), &[("contact_email", "Owner@Example.jp")]).await;
    let text = done.text();
    assert!(done.status == 200 && text.contains("確認のメールをお送りしました") && text.contains("Owner@example.jp"), "{text}");
    assert!(text.contains(&format!("action=\"/venues/{id}/confirm")), "the digits can be typed at once: {text}");
    assert_eq!(count(&app, "select count(*) from venue where contact_email is not null").await, 0, "not yet");
    app.deliver().await;
    let mail = app.sink.accepted().remove(0);
    assert!(mail.text.contains("ポスターはもう使えます") && !mail.text.contains("申請"), "{}", mail.text);
    let link = mail.text.split_whitespace().find(|word| word.contains("/venues/confirm/")).unwrap();
    let path = &link[link.find("/venues").unwrap()..];
    assert!(app.get(path).await.text().contains("本屋"));
    assert_eq!(count(&app, "select count(*) from venue where contact_email is not null").await, 0, "looking proves nothing");
    app.form(path, &[]).await;
    assert_eq!(count(&app, "select count(*) from venue where contact_email ilike 'owner_example.jp'").await, 1);
    assert_eq!(count(&app, "select count(*) from venue_activation where contact_email is not null").await, 0);
    assert_eq!(count(&app, "select count(*) from venue where status = 'active'").await, 1);
    assert!(print(&app, &token, id).await.is_none());
}

#[tokio::test]
async fn old_wrong_and_replaced_codes_get_one_answer() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let (id, code) = invited(&app, &token, "喫茶").await;
    let dead = |answer: ashiato::cli::demo::http::Answer| {
        assert!(answer.status == 404 && answer.text().contains("このコードでは有効にできません"), "{}", answer.text());
        assert!(!answer.text().contains("喫茶"), "it says nothing about a venue");
    };
    dead(app.get("/venues/activate/7K3M9QXZ2VTA").await);
    dead(app.get("/venues/activate/nonsense").await);
    let poster: String =
        sqlx::query_scalar("select code from poster limit 1").fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    dead(app.get(&format!("/venues/activate/{poster}")).await);
    let nothing = app.get("/venues/activate?code=").await;
    assert!(nothing.status == 422 && nothing.text().contains("コードを入れてください"), "{}", nothing.text());
    let typed = app.get("/venues/activate?code=ABC").await;
    assert!(typed.status == 422 && typed.text().contains("封書と見くらべてください"), "{}", typed.text());
    // A letter in the wrong hands is replaced.
    let mut web = app.db.connect(DbRole::Web).await;
    let caller = caller_of(&mut web, &Token::from_client(&token).unwrap()).await.unwrap().unwrap();
    let city = City::from(&caller.authorise().unwrap());
    let mut act = Act::without_letters(&mut web, app.clock.now(), city).await.unwrap();
    renew(&mut act, app.web.state.activation().unwrap(), id).await.unwrap();
    act.commit().await.unwrap();
    dead(app.get(&format!("/venues/activate/{code}")).await);
    let next = print(&app, &token, id).await.unwrap().code;
    assert_ne!(next, code);
    assert_eq!(app.get(&format!("/venues/activate/{next}")).await.status, 200);
    app.clock.advance(TimeDelta::days(VALID_DAYS) - TimeDelta::seconds(1));
    assert_eq!(app.get(&format!("/venues/activate/{next}")).await.status, 200, "its last second");
    app.clock.advance(TimeDelta::seconds(1));
    dead(app.get(&format!("/venues/activate/{next}")).await);
    dead(app.form(&format!("/venues/activate/{next}"), &[]).await);
    assert_eq!(count(&app, "select count(*) from venue where status = 'active'").await, 0);
}

#[tokio::test]
async fn letters_and_posters_of_who_still_waits_are_one_file() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let made = import(
        &app,
        &token,
        "",
        &list(&["喫茶,飲食店,あおば市1,,2,", "𠮷野屋,飲食店,あおば市2,,,", "本屋,店舗,あおば市3,shop@example.jp,,"]),
    )
    .await;
    let id = made.expect_status(201).unwrap().json().unwrap()["id"].as_str().unwrap().to_owned();
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let page = tanaka.get(&format!("/console/venues/import/{id}")).await.text();
    assert!(page.contains("封書とポスターのPDF") && page.contains("封書の印刷ずみ 0件"), "{page}");
    let first = tanaka.form(&format!("/console/venues/import/{id}/letters"), &[("from", "2")]).await;
    assert_eq!((first.status, first.header("Content-Type")), (200, Some("application/pdf")), "{}", first.text());
    assert!(first.body.starts_with(b"%PDF") && first.header("Content-Disposition").unwrap().contains("letters.pdf"));
    assert_eq!(count(&app, "select count(*) from venue_activation").await, 2, "the one with a mailbox gets no letter");
    let again = tanaka.form(&format!("/console/venues/import/{id}/letters"), &[]).await;
    assert_eq!(again.body, first.body, "the same letters");
    assert!(tanaka.get(&format!("/console/venues/import/{id}")).await.text().contains("封書の印刷ずみ 2件"));
    let venue: sqlx::types::Uuid =
        sqlx::query_scalar("select id from venue where name = '喫茶'").fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    let shown = tanaka.get(&format!("/console/venues/{venue}")).await.text();
    assert!(shown.contains("封書のコードを新しくする") && shown.contains("封書での案内中"), "{shown}");
    assert_eq!(tanaka.form(&format!("/console/venues/{venue}/letter/renew"), &[]).await.status, 303);
    let new = tanaka.form(&format!("/console/venues/{venue}/letter"), &[]).await;
    assert!(new.status == 200 && new.body.starts_with(b"%PDF"));
    let code = print(&app, &token, VenueId(venue)).await.unwrap().code;
    app.form(&format!("/venues/activate/{code}"), &[]).await;
    assert_eq!(tanaka.form(&format!("/console/venues/{venue}/letter"), &[]).await.status, 409, "nothing to print for who came");
    assert_eq!(tanaka.form(&format!("/console/venues/{venue}/letter/renew"), &[]).await.status, 409);
    assert_eq!(
        tanaka.form(&format!("/console/venues/import/{id}/letters"), &[("from", "2")]).await.status,
        409,
        "no piece begins there now"
    );
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let app = App::start().await;
    let mut refused = 0;
    for _ in 0..70 {
        refused += u16::from(app.get("/venues/activate/7K3M9QXZ2VTA").await.status == 429);
    }
    assert!(refused > 0, "seventy guesses at once");
}

/// The code of the letter on a page.
pub fn code_on(page: &str) -> String {
    let is_code = |word: &&str| word.len() == 14 && word.split('-').map(str::len).eq([4, 4, 4]) && word.is_ascii();
    page.split_whitespace().find(is_code).unwrap_or_else(|| panic!("no code on {page}")).to_owned()
}

#[tokio::test]
async fn a_program_prints_letters_and_follows_the_batch() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let rows = list(&["喫茶,飲食店,あおば市1,,2,", "花屋,店舗,あおば市2,,,", "本屋,店舗,あおば市3,shop@example.jp,,"]);
    let made = import(&app, &token, "", &rows).await.expect_status(201).unwrap().json().unwrap();
    let batch = format!("/api/v1/venues/import/{}", made["id"].as_str().unwrap());
    let call = async |method: &str, path: &str| app.api(method, path, Some(&token), None).await;
    let shown = call("GET", &batch).await.expect_status(200).unwrap().json().unwrap();
    assert_eq!((shown["invited"].as_i64(), shown["printed"].as_i64()), (Some(2), Some(0)), "{shown}");
    assert_eq!(shown["pieces"], serde_json::json!([{ "from": 2, "to": 3 }]));

    let pages = read(&call("POST", &format!("{batch}/letters?from=2")).await.expect_status(200).unwrap().body);
    let letters: Vec<&String> = pages.iter().filter(|page| page.contains("/venues/activate")).collect();
    assert!(letters.len() == 2 && letters[0].contains("喫茶") && letters[1].contains("花屋"), "one for each who waits: {pages:?}");
    assert_eq!(app.form(&format!("/venues/activate/{}", code_on(letters[0])), &[]).await.status, 200);
    let shown = call("GET", &batch).await.json().unwrap();
    assert_eq!((shown["invited"].as_i64(), shown["printed"].as_i64()), (Some(1), Some(1)), "{shown}");
    assert_eq!(shown["pieces"], serde_json::json!([{ "from": 3, "to": 3 }]));

    let florist: sqlx::types::Uuid =
        sqlx::query_scalar("select id from venue where name = '花屋'").fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    let letter = format!("/api/v1/venues/{florist}/letter");
    let alone = read(&call("POST", &letter).await.expect_status(200).unwrap().body);
    assert_eq!(code_on(&alone[0]), code_on(letters[1]), "printed again it is the same");
    call("POST", &format!("{letter}/renew")).await.expect_status(200).unwrap();
    assert_ne!(code_on(&read(&call("POST", &letter).await.body)[0]), code_on(letters[1]));
    assert_eq!(app.get(&format!("/venues/activate/{}", code_on(letters[1]))).await.status, 404, "the lost letter opens nothing");
    assert_eq!(count(&app, "select count(*) from audit_entry where action = 'venue.print_letters'").await, 3);

    let cafe: sqlx::types::Uuid =
        sqlx::query_scalar("select id from venue where name = '喫茶'").fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    let nobody = sqlx::types::Uuid::new_v4();
    for (path, status) in [
        (format!("/api/v1/venues/{cafe}/letter"), 409),
        (format!("/api/v1/venues/{cafe}/letter/renew"), 409),
        (format!("/api/v1/venues/{nobody}/letter"), 404),
        (format!("/api/v1/venues/{nobody}/letter/renew"), 404),
        (format!("/api/v1/venues/import/{nobody}/letters"), 404),
        (format!("{batch}/letters?from=2"), 409),
        (format!("{batch}/letters?from=1"), 422),
        (format!("{batch}/letters?from=x"), 422),
    ] {
        let answer = call("POST", &path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
    assert_eq!(call("GET", &format!("/api/v1/venues/import/{nobody}")).await.status, 404);
}
