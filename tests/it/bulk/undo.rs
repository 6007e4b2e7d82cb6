//! An import is taken back where nobody has checked in.
use super::mails::{batch, call, name_to_id};
use super::{count, import, list};
use crate::support::app::App;
use ashiato::base::db::DbRole;
use ashiato::official::Role;
use ashiato::venue::import::undo::UNDO_DAYS;
use ashiato::web::post_import_letters;
use chrono::TimeDelta;
use serde_json::json;

const ROWS: [&str; 3] =
    ["喫茶,飲食店,あおば市1,a@example.jp,,許可10001", "本屋,店舗,あおば市2,b@example.jp,,許可10002", "花屋,店舗,あおば市3,,,許可10003"];

async fn code_of(app: &App, name: &str) -> String {
    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query_scalar("select p.code from poster p join venue v on v.id = p.venue_id where v.name = $1")
        .bind(name)
        .fetch_one(&mut owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_import_is_taken_back_and_can_be_made_again() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let path = batch(&app, &token, &ROWS).await;
    let undone = call(&app, &token, "POST", &format!("{path}/undo")).await;
    assert_eq!(
        (undone["venues"].as_u64(), undone["withdrawn"].as_u64(), undone["recalled"].as_u64()),
        (Some(3), Some(2), Some(0)),
        "{undone}"
    );
    assert_eq!(undone["kept"], json!([]));
    assert_eq!(count(&app, "select count(*) from venue where status <> 'closed'").await, 0);
    assert_eq!(count(&app, "select count(*) from poster where status = 'active'").await, 0, "every code is dead");
    assert_eq!(count(&app, "select count(*) from venue").await, 3, "no row is deleted: a visit may name it");
    // Pressed again, or released after it: refused, and nobody is mailed.
    for act in ["undo", "release"] {
        let refused = app.api("POST", &format!("{path}/{act}"), Some(&token), None).await;
        assert!(refused.status == 409 && refused.text().contains("import_undone"), "{act}: {}", refused.text());
    }
    post_import_letters(&app.web.state, usize::MAX).await.unwrap();
    app.deliver().await;
    assert!(app.sink.accepted().is_empty());
    let told = call(&app, &token, "GET", &path).await;
    assert!(told["undone_at"].is_string() && told["mails"]["withdrawn"] == 2, "{told}");
    // The right list after it finds nothing known.
    let again = import(&app, &token, "", &list(&ROWS)).await.expect_status(201).unwrap().json().unwrap();
    assert_eq!((again["venues"].as_u64(), again["known"].as_u64()), (Some(3), Some(0)), "{again}");
    assert_eq!(count(&app, "select count(*) from audit_entry where action = 'venue.undo_import'").await, 1);
}

#[tokio::test]
async fn what_somebody_has_touched_stays_and_is_said() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let more = ["食堂,飲食店,あおば市4,d@example.jp,,", "酒場,バー,あおば市5,e@example.jp,,", "書店,店舗,あおば市6,,,"];
    let path = batch(&app, &token, &[ROWS.as_slice(), &more].concat()).await;
    // A check-in whose day no poster tells of: it waited in memory and went with the process.
    app.check_in(&code_of(&app, "喫茶").await, "visitor@example.jp").await;
    sqlx::query("update poster set scanned_on = null").execute(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    let close = name_to_id(&app, "酒場").await;
    call(&app, &token, "POST", &format!("/api/v1/venues/{close}/close")).await;
    let suspended = name_to_id(&app, "食堂").await;
    call(&app, &token, "POST", &format!("/api/v1/venues/{suspended}/suspend")).await;
    // A letter that was only printed keeps nothing back; one that was used does.
    let printed = name_to_id(&app, "花屋").await;
    app.api("POST", &format!("/api/v1/venues/{printed}/letter"), Some(&token), None).await.expect_status(200).unwrap();
    let used = name_to_id(&app, "書店").await;
    let letter = app.api("POST", &format!("/api/v1/venues/{used}/letter"), Some(&token), None).await.expect_status(200).unwrap();
    let pages = crate::support::pdf::read(&letter.body);
    let code = super::activating::code_on(pages.iter().find(|page| page.contains("/venues/activate")).unwrap());
    assert_eq!(app.form(&format!("/venues/activate/{code}"), &[]).await.status, 200);

    let undone = call(&app, &token, "POST", &format!("{path}/undo")).await;
    let kept: Vec<_> =
        undone["kept"].as_array().unwrap().iter().map(|kept| (kept["row"].as_i64().unwrap(), kept["why"].as_str().unwrap())).collect();
    assert_eq!(kept, [(2, "checked_in"), (5, "changed"), (6, "closed"), (7, "opened")], "{undone}");
    assert_eq!((undone["venues"].as_u64(), undone["kept_count"].as_u64()), (Some(2), Some(4)));
    assert_eq!(count(&app, "select count(*) from venue where status = 'active'").await, 2, "喫茶 and 書店 go on");
    assert_eq!(app.get(&format!("/c/{}", code_of(&app, "喫茶").await)).await.status, 200);
    let page = path.replace("/api/v1/", "/console/");
    let shown = app.official(Role::Tracer, "田中 健").await.get(&page).await.text();
    for word in ["残した店舗・施設 4件", "だれかがポスターを読み取った", "変更があった", "この登録は取り消しました"]
    {
        assert!(shown.contains(word), "{word} is missing in {shown}");
    }
}

/// The answer about a venue is one bit, the same for a person's first check-in and for a later one.
#[tokio::test]
async fn the_undo_does_not_tell_who_was_there() {
    let mut answers = Vec::new();
    for check_ins in [1, 2] {
        let app = App::start().await;
        let token = app.token(Role::Tracer, "clerk").await;
        let path = batch(&app, &token, &ROWS).await;
        for _ in 0..check_ins {
            app.check_in(&code_of(&app, "喫茶").await, "visitor@example.jp").await;
        }
        let undone = call(&app, &token, "POST", &format!("{path}/undo")).await;
        answers.push((
            undone["venues"].clone(),
            undone["kept_count"].clone(),
            undone["kept"][0]["why"].clone(),
            undone["kept"][0]["row"].clone(),
        ));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn seven_days_are_seven_days() {
    for (after, status) in [(TimeDelta::days(UNDO_DAYS) - TimeDelta::seconds(1), 200), (TimeDelta::days(UNDO_DAYS), 409)] {
        let app = App::start().await;
        let token = app.token(Role::Tracer, "clerk").await;
        let path = batch(&app, &token, &["花屋,店舗,あおば市3,,,"]).await;
        app.clock.advance(after);
        let answer = app.api("POST", &format!("{path}/undo"), Some(&token), None).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(status == 200 || answer.text().contains("undo_too_late"), "{}", answer.text());
        let shown = app.official(Role::Tracer, "田中 健").await.get(&path.replace("/api/v1/", "/console/")).await.text();
        assert_eq!(shown.contains("取り消せるのは、"), status == 409, "{shown}");
    }
}

/// Released before it was undone: one letter was delivered, the other waits in the outbox.
#[tokio::test]
async fn who_was_told_is_told_of_the_undo_and_nobody_else() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let path = batch(&app, &token, &ROWS[..1]).await;
    call(&app, &token, "POST", &format!("{path}/release")).await;
    app.deliver().await;
    assert_eq!(app.sink.accepted().len(), 1);
    let other = batch(&app, &token, &ROWS[1..]).await;
    call(&app, &token, "POST", &format!("{other}/release")).await;
    let undone = call(&app, &token, "POST", &format!("{path}/undo")).await;
    assert_eq!(undone["recalled"], 1, "{undone}");
    call(&app, &token, "POST", &format!("{other}/undo")).await;
    post_import_letters(&app.web.state, usize::MAX).await.unwrap();
    app.deliver().await;
    app.clock.advance(TimeDelta::minutes(3));
    app.deliver().await;
    let mails = app.sink.accepted();
    assert_eq!(mails.len(), 2, "the second list's owner heard nothing of it, so hears nothing of its end");
    assert!(mails[1].text.contains("「喫茶」") && mails[1].text.contains("あおば市が取り消しました"), "{}", mails[1].text);
    assert_eq!(count(&app, "select count(*) from outbox where state = 'suppressed'").await, 2);
}
