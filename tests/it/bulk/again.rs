//! A list that is handed in again makes nothing twice; what nobody sees is left out.
use super::{count, everything, import, list, location, upload};
use crate::support::app::App;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::base::table::read;
use ashiato::official::Act;
use ashiato::official::Role;
use ashiato::venue::City;
use ashiato::venue::import::{self as venues, ImportError, Wanted};
use serde_json::{Value, json};
use sqlx::PgConnection;

const HIDDEN: &[u8] = include_bytes!("lists/03_hidden_row.xlsx");
const STRUCK: &[u8] = include_bytes!("lists/03b_struck_row.xlsx");

async fn made(app: &App, token: &str, question: &str, file: &[u8]) -> Value {
    import(app, token, question, file).await.expect_status(201).unwrap().json().unwrap()
}

async fn dry(app: &App, token: &str, question: &str, file: &[u8]) -> Value {
    import(app, token, &format!("?dry_run=true{question}"), file).await.expect_status(200).unwrap().json().unwrap()
}

#[tokio::test]
async fn a_newer_list_makes_only_what_is_new() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    made(&app, &token, "", &list(&["㈱ひだまり,飲食店,あおば市中央１丁目２番３号,a@example.jp,,", "本屋,店舗,あおば市本町3,,,"])).await;
    // Written by another hand, with one shop more; and that one stands there twice.
    let newer = list(&[
        "株式会社　ヒダマリ,飲食店,千葉県あおば市中央1-2-3,other@example.jp,,",
        "本屋,店舗,あおば市 本町３,,,",
        "花屋,店舗,あおば市本町4,,,",
        "花　屋,店舗,あおば市本町４番,,,",
    ]);
    let told = dry(&app, &token, "", &newer).await;
    assert_eq!((told["venues"].as_u64(), told["known"].as_u64()), (Some(1), Some(3)), "{told}");
    let twins = told["twins"].as_array().unwrap();
    let rows: Vec<_> = twins.iter().map(|twin| (twin["row"].as_u64().unwrap(), twin["by"].as_str().unwrap())).collect();
    assert_eq!(rows, [(2, "name_and_address"), (3, "name_and_address"), (5, "name_and_address")]);
    assert_eq!((twins[0]["status"].as_str(), twins[2]["earlier_row"].as_u64()), (Some("active"), Some(4)), "{told}");
    assert_eq!(made(&app, &token, "", &newer).await["venues"], 1);
    assert_eq!(count(&app, "select count(*) from venue").await, 3);
    let detail: String = sqlx::query_scalar("select detail::text from audit_entry where action = 'venue.import' order by id desc limit 1")
        .fetch_one(&mut app.db.connect(DbRole::Owner).await)
        .await
        .unwrap();
    assert!(detail.contains("\"known\":3") && detail.contains("\"hidden\":0"), "{detail}");
    // Nothing is new now: nothing is made, by page, program or both, and a program is told why.
    let before = everything(&app).await;
    let other = list(&["花屋,店舗,あおば市本町4,,,"]);
    for (file, code) in [(&newer, "imported_already"), (&other, "nothing_new")] {
        let refused = import(&app, &token, "", file).await;
        assert!(refused.status == 409 && refused.text().contains(code), "{code}: {}", refused.text());
    }
    assert_eq!(everything(&app).await, before);
    assert_eq!(made(&app, &token, "?again=true", &other).await["venues"], 1, "two shops may share a house and a name");
}

#[tokio::test]
async fn a_place_is_known_by_its_own_number_where_that_is_one() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let head = |number: &str, rows: &[&str]| format!("名称,種類,住所,{number}\r\n{}\r\n", rows.join("\r\n")).into_bytes();
    made(&app, &token, "", &head("許可番号", &["喫茶,飲食店,あおば市1,保食12345", "本屋,店舗,あおば市2,保食12346"])).await;
    let known = async |file: Vec<u8>| {
        let told = dry(&app, &token, "", &file).await;
        told["twins"]
            .as_array()
            .unwrap()
            .iter()
            .map(|twin| (twin["row"].as_u64().unwrap(), twin["by"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let number = |row| vec![(row, "number".to_owned())];
    assert_eq!(known(head("許可番号", &["カフェあさひ,飲食店,あおば市1,保食 １２３４５"])).await, number(2), "renamed");
    assert_eq!(known(head("許可番号", &["喫茶,飲食店,あおば市9,保食12345"])).await, number(2), "moved");
    assert_eq!(known(head("許可番号", &["カフェ,飲食店,あおば市9,保食12345"])).await, [], "neither agrees: another's number");
    assert_eq!(known(head("No.", &["カフェあさひ,飲食店,あおば市1,保食12345"])).await, [], "a running number is no identity");
    assert_eq!(known(head("許可番号", &["カフェあさひ,飲食店,あおば市1,1"])).await, [], "nor is a short one");
    let both = known(head("許可番号", &["喫茶,飲食店,あおば市1,保食12345", "喫茶 別館,飲食店,あおば市1,保食12345"])).await;
    assert_eq!(both, [(2, "name_and_address".to_owned())], "two places share a licence, and one of them is there");
    // What was closed is made anew; an application that nobody confirmed keeps nobody out.
    let id: String = sqlx::query_scalar("select id::text from venue where name = '喫茶'")
        .fetch_one(&mut app.db.connect(DbRole::Owner).await)
        .await
        .unwrap();
    app.api("POST", &format!("/api/v1/venues/{id}/close"), Some(&token), None).await.expect_status(200).unwrap();
    assert_eq!(known(head("許可番号", &["喫茶,飲食店,あおば市1,保食12345"])).await, []);
    let fields =
        [("name", "花屋"), ("kind", "shop"), ("postal_code", "123-4567"), ("address", "あおば市3"), ("contact_email", "x@example.jp")];
    assert_eq!(app.form("/venues/apply", &fields).await.status, 200);
    assert_eq!(known(head("許可番号", &["花屋,店舗,あおば市3,保食99999"])).await, []);
}

#[tokio::test]
async fn what_an_older_program_wrote_down_is_known_too() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let file = list(&["㈱ひだまり,飲食店,あおば市中央１丁目２番３号,,,"]);
    made(&app, &token, "", &file).await;
    let old = "update venue_search set version = 1, twin = decode(md5('old'), 'hex')";
    sqlx::query(old).execute(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    assert_eq!(dry(&app, &token, "", &file).await["known"], 1, "web's upkeep may not have come to it");
}

#[tokio::test]
async fn rows_that_nobody_sees_are_said_and_left_out() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    for (file, kind, words, ticked) in [
        (HIDDEN, "hidden", "隠れている行 1件", "隠れている行も登録する"),
        (STRUCK, "struck", "取り消し線のある行 1件", "取り消し線のある行も登録する"),
    ] {
        let told = dry(&app, &token, "", file).await;
        assert_eq!((told["venues"].as_u64(), told[kind].as_u64()), (Some(2), Some(1)), "{told}");
        assert_eq!(told["left_out"], json!([{ "row": 3, "name": "食堂 ゆうひ", "why": kind }]));
        let asked = dry(&app, &token, &format!("&{kind}=true"), file).await;
        assert_eq!((asked["venues"].as_u64(), asked[kind].as_u64()), (Some(3), Some(0)), "{asked}");
        let page = location(&upload(&app, tanaka.cookie(), file).await);
        let shown = tanaka.get(&page).await.text();
        for word in [words, ticked, "食堂 ゆうひ", "2件を登録する"] {
            assert!(shown.contains(word), "{word} is missing in {shown}");
        }
        let chosen = tanaka.get(&format!("{page}?{kind}=yes")).await.text();
        assert!(chosen.contains("3件を登録する") && chosen.contains(&format!("name=\"{kind}\" value=\"yes\" checked")), "{chosen}");
    }
    let page = location(&upload(&app, tanaka.cookie(), HIDDEN).await);
    tanaka.form(&page, &[]).await;
    assert_eq!(count(&app, "select count(*) from venue where name = '食堂 ゆうひ'").await, 0);
    assert_eq!(made(&app, &token, "?struck=true", STRUCK).await["venues"], 1, "the other two are known");
    assert_eq!(count(&app, "select count(*) from venue").await, 3);
}

/// Two clerks with the same list, both after their look at it: whoever comes second makes nothing.
#[tokio::test]
async fn two_clerks_with_one_list_make_it_once() {
    let app = App::start().await;
    let file = list(&["喫茶,飲食店,あおば市1,,,", "本屋,店舗,あおば市2,,,"]);
    let look = async || {
        let mut connection = app.db.connect(DbRole::Web).await;
        let mut checked = venues::check(&read(&file).unwrap(), Wanted::default()).ok().unwrap();
        venues::find_twins(&mut connection, &mut checked).await.unwrap();
        assert_eq!(checked.venues(), 2, "nobody has made it when they look");
        (connection, checked)
    };
    let make = async |(mut connection, mut checked): (PgConnection, venues::Checked)| {
        let mut act = Act::without_letters(&mut connection, app.clock.now(), City::operator()).await.unwrap();
        let made = venues::import(&mut act, &mut checked, venues::fingerprint(&file), None).await;
        if made.is_ok() {
            act.commit().await.unwrap();
        }
        made
    };
    let (first, second) = (look().await, look().await);
    let (one, other) = tokio::join!(make(first), make(second));
    let lost = if one.is_ok() { other } else { one };
    assert!(matches!(lost, Err(ImportError::Again(_))), "{lost:?}");
    assert_eq!(count(&app, "select count(*) from venue").await, 2);
}

/// A program that got no answer sends the same again, twins and all, under the identifier that it chose.
#[tokio::test]
async fn a_program_that_repeats_itself_makes_one_batch() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let file = list(&["喫茶,飲食店,あおば市1,,,"]);
    let question = "?again=true&id=0a4d1c5e-7b21-4f0e-9a55-2d7a3b1f2c11";
    assert_eq!(made(&app, &token, question, &file).await["id"], "0a4d1c5e-7b21-4f0e-9a55-2d7a3b1f2c11");
    let twice = import(&app, &token, question, &file).await;
    assert!(twice.status == 409 && twice.text().contains("imported_already"), "{}", twice.text());
    assert_eq!(count(&app, "select count(*) from venue").await, 1);
}
