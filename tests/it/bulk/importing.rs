//! A list becomes venues: all, or none.
use super::{HOSTILE, count, everything, import, list, location, upload};
use crate::support::app::App;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::base::table::{MAX_FILE_BYTES, MAX_ROWS, read, xlsx};
use ashiato::official::Act;
use ashiato::official::Role;
use ashiato::venue::City;
use ashiato::venue::import::{self as venues, ImportError, ImportId};
use chrono::TimeDelta;

#[tokio::test]
async fn a_file_is_looked_at_and_then_made_once() {
    let app = App::start().await;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let first = tanaka.get("/console/venues/import").await.text();
    assert!(first.contains("multipart/form-data") && first.contains("ひな形（Excel）") && first.contains("開催初日"), "{first}");
    let text = "名称,種類,郵便番号,住所,メールアドレス,テーブル数,許可年月日\r\n髙島屋 ①番館,飲食店営業,600001,あおば市中央1-2,,2,R8\r\n本屋,店舗,,あおば市本町3,shop@example.jp,,\r\n";
    let (sjis, _, bad) = encoding_rs::SHIFT_JIS.encode(text);
    assert!(!bad);
    let before = count(&app, "select count(*) from venue").await;
    let page = location(&upload(&app, tanaka.cookie(), &sjis).await);
    let shown = tanaka.get(&page).await.text();
    for word in ["髙島屋 ①番館", "まだ何も登録していません", "2件を登録する", "許可年月日", "封書で案内", "メールで案内"]
    {
        assert!(shown.contains(word), "{word} is missing in {shown}");
    }
    assert_eq!(count(&app, "select count(*) from venue").await, before, "looking makes nothing");
    let suzuki = app.official(Role::Tracer, "鈴木 花").await;
    assert_eq!(suzuki.get(&page).await.status, 404, "another's file");
    assert_eq!(location(&tanaka.form(&page, &[]).await), format!("{page}?done=imported"));
    assert_eq!(location(&tanaka.form(&page, &[]).await), format!("{page}?done=before"), "pressed twice");
    assert_eq!(count(&app, "select count(*) from venue").await, before + 2);
    assert_eq!(count(&app, "select count(*) from poster").await, 4, "an entrance each, and two tables");
    assert_eq!(count(&app, "select count(*) from venue where postal_code = '0600001' and status = 'invited'").await, 1);
    let batch = suzuki.get(&format!("{page}?done=imported")).await.text();
    for word in ["2件の店舗・施設と、4枚のポスターを登録しました", "田中 健", "封書での案内中", "利用中", "<dt>有効になった</dt><dd>1</dd>"]
    {
        assert!(batch.contains(word), "{word} is missing in {batch}");
    }
    assert!(batch.contains("1通のメールが、送られずに待っています"), "{batch}");
    app.deliver().await;
    assert!(app.sink.accepted().is_empty(), "nobody is mailed before the release");
    assert_eq!(location(&suzuki.form(&format!("{page}/release"), &[]).await), format!("{page}?done=released"));
    app.deliver().await;
    let mails = app.sink.accepted();
    assert_eq!(mails.len(), 1, "the one with a mailbox");
    assert!(mails[0].text.contains("「本屋」を、あおば市が") && mails[0].text.contains("/venues/confirm/"), "{}", mails[0].text);
    // The same file again makes nothing, unless what is known is ticked.
    let again = location(&upload(&app, tanaka.cookie(), &sjis).await);
    let asked = tanaka.get(&again).await.text();
    for word in ["1時間以内に登録しています", "もうある店舗・施設 2件", "新しい店舗・施設はありません"]
    {
        assert!(asked.contains(word), "{word} is missing in {asked}");
    }
    assert!(!asked.contains("件を登録する</button>"), "there is nothing to press");
    assert_eq!(tanaka.form(&again, &[]).await.status, 200, "pressed all the same, the page says what holds");
    assert_eq!(count(&app, "select count(*) from venue").await, before + 2);
    let ticked = tanaka.get(&format!("{again}?known=yes")).await.text();
    assert!(ticked.contains("2件を登録する") && ticked.contains("<input type=\"hidden\" name=\"known\" value=\"yes\">"), "{ticked}");
    assert_eq!(location(&tanaka.form(&again, &[("known", "yes")]).await), format!("{again}?done=imported"));
    assert_eq!(count(&app, "select count(*) from venue").await, before + 4);
    let forgotten = location(&upload(&app, tanaka.cookie(), &sjis).await);
    app.clock.advance(TimeDelta::minutes(60));
    let tanaka = app.session_of(tanaka.id).await;
    assert_eq!(tanaka.form(&forgotten, &[]).await.status, 404, "a file waits for an hour");
}

#[tokio::test]
async fn a_wrong_list_changes_nothing_and_says_where() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let file = list(&["喫茶,飲食店,あおば市1,,,", "店,魔法,,a@b,500,", "a\u{202E}b,店舗,あおば市2,,,"]);
    let before = everything(&app).await;
    let answer = import(&app, &token, "", &file).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    let errors: Vec<(String, String)> = answer.json().unwrap()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["field"].as_str().unwrap().to_owned(), error["code"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [
        ("rows[3].kind", "unknown_choice"),
        ("rows[3].address", "empty"),
        ("rows[3].contact_email", "incomplete_domain"),
        ("rows[3].tables", "too_many"),
        ("rows[4].name", "forbidden_characters"),
    ];
    assert_eq!(errors, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let page = upload(&app, tanaka.cookie(), &file).await;
    assert_eq!(page.status, 422);
    for word in ["エラー：", "直すところが5か所", "知らない種類です", "何も登録していません"] {
        assert!(page.text().contains(word), "{word}");
    }
    let refused: [(&[u8], &str, &str); 6] = [
        (b"", "empty_file", "ファイルを選んでください"),
        (b"\x81\xFF\x00,\n", "list_encoding", "文字が読み取れません"),
        (b"PK\x03\x04", "unreadable_file", "ファイルを読み取れません"),
        (b"\xD0\xCF\x11\xE0", "old_or_protected_file", "パスワード"),
        ("名称,住所\nx,y\n".as_bytes(), "column_missing", "次の列がありません：種類"),
        ("名称,店名,種類,住所\nx,y,z,w\n".as_bytes(), "column_twice", "列が2つあります"),
    ];
    for (file, code, words) in refused {
        let answer = import(&app, &token, "?dry_run=true", file).await;
        assert!(answer.status == 422 && answer.text().contains(code), "{code}: {}", answer.text());
        let page = upload(&app, tanaka.cookie(), file).await;
        assert!(page.status == 422 && page.text().contains(words), "{words}: {}", page.text());
    }
    let long = "店,店舗,あおば市1,,,\r\n".repeat(MAX_ROWS);
    assert!(import(&app, &token, "", &list(&[&long])).await.text().contains("too_many_rows"));
    assert_eq!(import(&app, &token, "", &vec![b'a'; MAX_FILE_BYTES + 1]).await.status, 413);
    assert_eq!(upload(&app, tanaka.cookie(), &vec![b'a'; MAX_FILE_BYTES + 1]).await.status, 422);
    assert_eq!(upload(&app, tanaka.cookie(), &vec![b'a'; MAX_FILE_BYTES + 20_000]).await.status, 413);
    let json = ["Content-Type: application/json".to_owned(), format!("Authorization: Bearer {token}")];
    assert_eq!(app.send("POST", "/api/v1/venues/import", &[&json[0], &json[1]], b"{}").await.status, 415);
    assert_eq!(everything(&app).await, before, "not a row has changed");
}

/// Two presses at once have both seen the file waiting; one is served after the other.
#[tokio::test]
async fn a_list_that_is_meant_again_is_made_once_however_often_it_is_pressed() {
    let app = App::start().await;
    let file = list(&["喫茶,飲食店,あおば市1,,,"]);
    let again = venues::Wanted { known: true, ..venues::Wanted::default() };
    let id: ImportId = uuid::Uuid::new_v4().to_string().parse().unwrap();
    let press = async || {
        let mut connection = app.db.connect(DbRole::Web).await;
        let mut act = Act::without_letters(&mut connection, app.clock.now(), City::operator()).await.unwrap();
        let mut checked = venues::check(&read(&file).unwrap(), again).ok().unwrap();
        let print = venues::fingerprint(&file);
        let made = venues::import(&mut act, &mut checked, print, Some(id)).await;
        if made.is_ok() {
            act.commit().await.unwrap();
        }
        made
    };
    assert_eq!(press().await.unwrap().id, id);
    assert!(matches!(press().await, Err(ImportError::Again(before)) if before == id));
    assert_eq!(count(&app, "select count(*) from venue").await, 1);
}

#[tokio::test]
async fn a_failure_half_way_leaves_nothing() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::raw_sql("alter table poster add constraint no_third check (label <> 'テーブル 2')").execute(&mut owner).await.unwrap();
    let before = everything(&app).await;
    let answer = import(&app, &token, "", &list(&["喫茶,飲食店,あおば市1,shop@example.jp,,", "店,店舗,あおば市2,,2,"])).await;
    assert_eq!(answer.status, 500);
    assert!(!answer.text().contains("no_third"), "{}", answer.text());
    assert_eq!(everything(&app).await, before);
}

#[tokio::test]
async fn programs_import_once_and_hostile_names_stay_texts() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let mut rows = vec![vec!["名称".to_owned(), "種類".to_owned(), "住所".to_owned(), "テーブル数".to_owned()]];
    rows.extend(HOSTILE.map(|name| vec![name.to_owned(), "店舗".to_owned(), format!("あおば市 {name}"), "1".to_owned()]));
    let file = xlsx(&rows, "2026-11-22T00:00:00Z".parse().unwrap()).unwrap();
    let dry = import(&app, &token, "?dry_run=true", &file).await.expect_status(200).unwrap().json().unwrap();
    assert_eq!((dry["venues"].as_u64(), dry["posters"].as_u64(), dry["invited"].as_u64()), (Some(7), Some(14), Some(7)), "{dry}");
    let made = import(&app, &token, "", &file).await.expect_status(201).unwrap().json().unwrap();
    assert!(made["id"].is_string() && made["dry_run"] == false, "{made}");
    let twice = import(&app, &token, "", &file).await;
    assert!(twice.status == 409 && twice.text().contains("imported_already"), "{}", twice.text());
    let again = import(&app, &token, "?again=true", &file).await.expect_status(201).unwrap().json().unwrap();
    assert_eq!((again["twin_count"].as_u64(), again["known"].as_u64(), again["venues"].as_u64()), (Some(7), Some(0), Some(7)), "{again}");
    assert_eq!(import(&app, &token, "?dry_run=perhaps", &file).await.status, 422);
    // Out again: by both ways the very names come back, and no cell of the CSV begins a formula.
    let authorization = format!("Authorization: Bearer {token}");
    for kind in ["csv", "xlsx"] {
        let answer = app.send("GET", &format!("/api/v1/venues/export.{kind}"), &[&authorization], b"").await;
        assert_eq!(answer.status, 200);
        let names: Vec<String> = read(&answer.body).unwrap().into_iter().map(|row| row.cells[0].clone()).collect();
        for name in HOSTILE {
            assert_eq!(names.iter().filter(|known| *known == name).count(), 2, "{kind}: {name} in {names:?}");
        }
        if kind == "csv" {
            let text = answer.text();
            assert!(!text.lines().any(|line| line.trim_start_matches(['\u{FEFF}', '"']).starts_with(['=', '+', '-', '@', '＠'])), "{text}");
        }
    }
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let page = tanaka.get(&format!("/console/venues/import/{}", made["id"].as_str().unwrap())).await.text();
    assert!(page.contains("&#60;svg onload") && !page.contains("<svg onload") && page.contains("{{7*7}}"), "{page}");
}

#[tokio::test]
async fn templates_and_exports_are_files_for_who_writes_to_shops() {
    let app = App::start().await;
    app.venue("喫茶 ひだまり", &["入口", "テーブル 1"]).await;
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    for kind in ["csv", "xlsx"] {
        let template = tanaka.get(&format!("/console/venues/import/template.{kind}")).await;
        let rows = read(&template.body).unwrap();
        assert_eq!((rows.len(), rows[0].cells[0].as_str()), (3, "名称"));
        let page = upload(&app, tanaka.cookie(), &template.body).await;
        assert!(page.status == 422 && page.text().contains("店舗・施設の行がありません"), "the example is no venue");
        let export = tanaka.get(&format!("/console/venues/export.{kind}")).await;
        let rows = read(&export.body).unwrap();
        assert_eq!(rows[1].cells[..6], ["喫茶 ひだまり", "", "飲食店", "", "あおば市中央1-2-3", "shop@example.jp"].map(String::from));
        assert_eq!(rows[1].cells[8], "1", "tables besides the entrance");
        assert!(export.header("Content-Disposition").unwrap().contains(&format!("venues-2026-11-22.{kind}")));
    }
    assert_eq!(count(&app, "select count(*) from audit_entry where action = 'venue.export'").await, 2);
    let viewer = app.official(Role::Viewer, "見る人").await;
    assert_eq!(viewer.get("/console/venues/export.csv").await.status, 403);
}
