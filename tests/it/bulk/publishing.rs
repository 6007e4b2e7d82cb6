//! What a city publishes: who agreed, and totals; never small numbers, never open days.
use super::HOSTILE;
use crate::support::app::App;
use ashiato::base::db::DbRole;
use sqlx::PgConnection;

async fn enter(owner: &mut PgConnection, name: &str, address: &str, status: &str, listed: bool) {
    let id = sqlx::types::Uuid::new_v4();
    sqlx::query(
        "insert into venue (id, name, kana, kind, address, contact_email, locale, status, created_at, listed, phone, postal_code)
         values ($1, $2, 'よみ', 'restaurant', $3, 'secret' || chr(64) || 'example.jp', 'ja', $4, now(), $5, '0312345678', '2600000')",
    )
    .bind(id)
    .bind(name)
    .bind(address)
    .bind(status)
    .bind(listed)
    .execute(&mut *owner)
    .await
    .unwrap();
    ashiato::venue::index_outdated(owner).await.unwrap();
}

#[tokio::test]
async fn only_who_agreed_is_listed_and_found() {
    let app = App::start().await;
    let empty = app.get("/venues").await.text();
    assert!(empty.contains("まだありません") && !empty.contains("見つかりませんでした"), "{empty}");
    let mut owner = app.db.connect(DbRole::Owner).await;
    enter(&mut owner, "喫茶 ひだまり", "あおば市中央1", "active", true).await;
    enter(&mut owner, "だまっている店", "あおば市中央2", "active", false).await;
    enter(&mut owner, "止められた店", "あおば市中央3", "suspended", true).await;
    let page = app.get("/venues").await;
    assert!(page.header("Cache-Control").unwrap().starts_with("public"), "{:?}", page.header("Cache-Control"));
    let text = page.text();
    assert!(text.contains("喫茶 ひだまり") && text.contains("1件あります"), "{text}");
    for hidden in ["だまっている店", "止められた店", "secret@example.jp", "0312345678"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    assert!(
        app.get("/venues?q=%E3%83%92%E3%83%80%E3%83%9E%E3%83%AA").await.text().contains("喫茶 ひだまり"),
        "found by its reading in katakana"
    );
    assert!(app.get("/venues?q=%E6%9C%AC%E7%94%BA").await.text().contains("見つかりませんでした"));
    let csv = app.get("/open-data/venues.csv").await.text();
    assert!(csv.starts_with("\u{FEFF}ID,地方公共団体名,名称,名称_カナ,種類,郵便番号,所在地_連結表記\r\n"), "{csv}");
    assert!(csv.contains(",あおば市,喫茶 ひだまり,よみ,飲食店,2600000,あおば市中央1\r\n") && csv.lines().count() == 2, "{csv}");
    let json = app.get("/open-data/venues.json").await.json().unwrap();
    assert_eq!((json["licence"].as_str(), json["venues"].as_array().map(Vec::len)), (Some("CC-BY-4.0"), Some(1)));
    assert_eq!(
        json["venues"][0]["id"].as_str().unwrap(),
        csv.lines().nth(1).unwrap().split(',').next().unwrap(),
        "one identifier everywhere"
    );
    assert!(app.get("/").await.text().contains("href=\"/venues\""));
}

#[tokio::test]
async fn hostile_names_stay_texts_in_what_is_published() {
    let app = App::start().await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    for name in HOSTILE {
        enter(&mut owner, name, name, "active", true).await;
    }
    let page = app.get("/venues").await.text();
    assert!(page.contains("&#60;svg onload") && !page.contains("<svg onload"), "{page}");
    let csv = app.get("/open-data/venues.csv").await.body;
    let rows = ashiato::base::table::read(&csv).unwrap();
    assert!(HOSTILE.iter().all(|name| rows.iter().any(|row| row.cells[2] == *name)), "{rows:?}");
    let text = String::from_utf8(csv).unwrap();
    assert!(text.contains("\"'=HYPERLINK") && text.contains(",'+81 3,") && text.contains(",'＠店,"), "{text}");
    let json = app.get("/open-data/venues.json").await.json().unwrap();
    assert!(HOSTILE.iter().all(|name| json["venues"].as_array().unwrap().iter().any(|venue| venue["name"] == *name)), "{json}");
}

#[tokio::test]
async fn days_are_published_once_complete_and_small_numbers_never() {
    let app = App::start().await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    for (date, check_ins, closed) in
        [("2026-11-18", 1_283, true), ("2026-11-19", 5, true), ("2026-11-20", 4, true), ("2026-11-21", 777, false)]
    {
        sqlx::query("insert into daily_count (date, check_ins, counted_at, closed) values ($1::date, $2, now(), $3)")
            .bind(date.parse::<chrono::NaiveDate>().unwrap())
            .bind(i64::from(check_ins))
            .bind(closed)
            .execute(&mut owner)
            .await
            .unwrap();
    }
    let csv = app.get("/open-data/check-ins.csv").await.text();
    assert_eq!(
        csv,
        "\u{FEFF}日付,地方公共団体名,登録件数\r\n2026-11-18,あおば市,1283\r\n2026-11-19,あおば市,5\r\n2026-11-20,あおば市,<5\r\n"
    );
    let json = app.get("/open-data/check-ins.json").await.json().unwrap();
    let expected = serde_json::json!([
        { "date": "2026-11-18", "check_ins": 1283, "few": false },
        { "date": "2026-11-19", "check_ins": 5, "few": false },
        { "date": "2026-11-20", "check_ins": null, "few": true },
    ]);
    assert_eq!(json["days"], expected);
    let page = app.get("/open-data").await.text();
    assert!(page.contains("1,283") && page.contains("5未満") && !page.contains("777") && page.contains("CC BY 4.0"), "{page}");
}
