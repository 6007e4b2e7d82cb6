//! Lists of venues in and out, venues that the city enters, and what is published: through the front door.
pub mod activating;
mod again;
mod command_line;
mod importing;
mod mails;
mod publishing;
mod undo;

use crate::support::app::App;
use ashiato::base::db::DbRole;
use ashiato::base::table::XLSX_TYPE;
use ashiato::cli::demo::http::Answer;

/// A list with everything that names can do to those who show them.
const HOSTILE: [&str; 7] =
    ["=HYPERLINK(\"http://evil.example\",\"x\")", "+81 3", "＠店", "<svg onload=alert(1)>", "{{7*7}}", "'; drop table venue; --", "-1+1"];

fn list(rows: &[&str]) -> Vec<u8> {
    format!("名称,種類,住所,メールアドレス,テーブル数,管理番号\r\n{}\r\n", rows.join("\r\n")).into_bytes()
}

/// A file in a form, as a browser sends it.
async fn upload(app: &App, cookie: &str, file: &[u8]) -> Answer {
    let mut body =
        b"--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../list.csv\"\r\nContent-Type: text/csv\r\n\r\n".to_vec();
    body.extend(file);
    body.extend(b"\r\n--line--\r\n");
    let headers = [cookie, "Content-Type: multipart/form-data; boundary=line", "Sec-Fetch-Site: same-origin"];
    app.send("POST", "/console/venues/import", &headers, &body).await
}

/// A list as a program sends it.
async fn import(app: &App, token: &str, question: &str, file: &[u8]) -> Answer {
    let authorization = format!("Authorization: Bearer {token}");
    let kind = if file.starts_with(b"PK") { format!("Content-Type: {XLSX_TYPE}") } else { "Content-Type: text/csv".to_owned() };
    app.send("POST", &format!("/api/v1/venues/import{question}"), &[&authorization, &kind], file).await
}

/// Every row of every table that an import could touch, as one text.
async fn everything(app: &App) -> String {
    let mut owner = app.db.connect(DbRole::Owner).await;
    let mut all = String::new();
    for table in [
        "venue",
        "poster",
        "venue_search",
        "venue_import",
        "venue_import_row",
        "venue_confirmation",
        "venue_activation",
        "outbox",
        "audit_entry",
    ] {
        let rows = format!("select coalesce(string_agg(t::text, '|' order by t::text), '') from {table} t");
        let text: String = sqlx::query_scalar(sqlx::AssertSqlSafe(rows)).fetch_one(&mut owner).await.unwrap();
        all += &format!("{table}: {text}\n");
    }
    all
}

async fn count(app: &App, what: &'static str) -> i64 {
    sqlx::query_scalar(what).fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap()
}

fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("Location").unwrap().to_owned()
}
