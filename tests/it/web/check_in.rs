//! The visitor: a code that works or does not, an address that is good or not, the language, the answer that tells nothing.
use super::html::Page;
use super::raw::FORM;
use crate::support::app::App;
use ashiato::base::code::PosterCode;
use ashiato::base::db::DbRole;
use ashiato::cli::demo::http::Answer;
use ashiato::official::Role;
use serde_json::json;

/// Everything but the date and the order of header lines: what two answers must share to be the same.
fn without_date(answer: &Answer) -> (String, Vec<u8>) {
    let mut lines: Vec<&str> = answer.head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("date:")).collect();
    lines.sort_unstable();
    (lines.join("\n"), answer.body.clone())
}

async fn sql(app: &App, statement: &'static str, value: &str) {
    let done = sqlx::query(statement).bind(value.to_owned()).execute(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
}

/// Codes with which nobody can check in, and why.
async fn dead_codes(app: &App) -> Vec<(&'static str, String)> {
    let venue = app.venue("喫茶 ひだまり", &["入口", "奥"]).await;
    sql(app, "update poster set status = 'revoked', revoked_at = created_at where code = $1", &venue.codes[1]).await;
    let closed = app.venue("閉じた店", &["入口"]).await;
    sql(app, "update venue set status = 'closed' where id = $1::uuid", &closed.id).await;
    let token = app.token(Role::Tracer, "clerk").await;
    let body = json!({ "name": "申請中", "kind": "shop", "address": "a", "contact_email": "shop@example.jp" });
    let pending = app.api("POST", "/api/v1/venues", Some(&token), Some(body)).await.json().unwrap();
    let posters = format!("/api/v1/venues/{}/posters", pending["id"].as_str().unwrap());
    let pending = app.api("GET", &posters, Some(&token), None).await.json().unwrap()[0]["code"].as_str().unwrap().to_owned();
    let mut mistyped = venue.codes[0].clone();
    let last = if mistyped.ends_with('2') { "3" } else { "2" };
    mistyped.replace_range(11.., last);
    vec![
        ("unknown", PosterCode::generate(&mut rand::rng()).to_string()),
        ("mistyped", mistyped),
        ("revoked", venue.codes[1].clone()),
        ("closed", closed.codes[0].clone()),
        ("pending", pending),
        ("too short", "7K3M".into()),
        ("hostile", "%22%3E%3Cscript%3E".into()),
        ("not UTF-8", "%FF%FE".into()),
        ("long", "A".repeat(4_000)),
    ]
}

#[tokio::test]
async fn every_code_that_does_not_work_gets_the_same_calm_page() {
    let app = App::start().await;
    let codes = dead_codes(&app).await;
    for lang in ["ja", "en"] {
        let mut first = None;
        for (why, code) in &codes {
            let path = format!("/c/{code}?lang={lang}");
            for answer in [app.get(&path).await, app.form(&path, &[("email", "hanako@example.jp")]).await] {
                assert_eq!(answer.status, 404, "{why}");
                let page = Page::checked(why, &answer.text(), lang);
                assert_eq!(
                    page.heading(),
                    if lang == "ja" { "このコードでは登録できません" } else { "This code does not work here" },
                    "{why}"
                );
                let answer = without_date(&answer);
                assert_eq!(&answer, first.get_or_insert(answer.clone()), "{why}");
            }
        }
    }
    let body = |code: &str| Some(json!({ "code": code, "email": "hanako@example.jp" }));
    let mut first = None;
    for (why, code) in &codes {
        let answer = app.api("POST", "/api/v1/check-ins", None, body(code)).await;
        assert_eq!(answer.status, 404, "{why}");
        let answer = without_date(&answer);
        assert_eq!(&answer, first.get_or_insert(answer.clone()), "{why}");
    }
}

#[tokio::test]
async fn a_bad_address_comes_back_with_its_reason() {
    let app = App::start().await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    let long = format!("{}@example.jp", "a".repeat(250));
    let cases: [(&str, &str, &str); 12] = [
        ("", "メールアドレスを入れてください。", "Enter your email address."),
        ("　 ", "メールアドレスを入れてください。", "Enter your email address."),
        ("hanako.example.jp", "「@」が入っていません。", "The “@” is missing."),
        ("\"><script>alert(1)</script>", "「@」が入っていません。", "The “@” is missing."),
        ("' onfocus='x", "「@」が入っていません。", "The “@” is missing."),
        ("&lt;&amp;&", "「@」が入っていません。", "The “@” is missing."),
        ("taro@localhost", "「@」のあとが足りません。", "Something is missing after the “@”."),
        ("taro@", "「@」のあとが足りません。", "Something is missing after the “@”."),
        ("taro@[192.0.2.1]", "このアドレスには届けられません。", "We cannot send to this address."),
        ("taro@192.0.2.1", "このアドレスには届けられません。", "We cannot send to this address."),
        ("ta ro@example.jp", "このアドレスには届けられません。", "We cannot send to this address."),
        (&long, "長すぎます。", "Too long."),
    ];
    for (typed, ja, en) in cases {
        for (lang, reason, prefix) in [("ja", ja, "エラー："), ("en", en, "Error: ")] {
            let answer = app.form(&format!("/c/{code}?lang={lang}"), &[("email", typed)]).await;
            assert_eq!(answer.status, 422, "{typed}");
            assert!(!answer.text().contains("<script"), "{typed}");
            let page = Page::checked(typed, &answer.text(), lang);
            let field = page.field("email");
            assert_eq!(field.get("value"), Some(typed), "the text is kept");
            assert!(field.get("autofocus").is_some() && field.get("aria-invalid") == Some("true"), "{typed}");
            assert!(page.description(field).contains(reason), "{typed} {lang}: {}", page.description(field));
            assert!(page.title().starts_with(prefix), "{}", page.title());
        }
    }
    let fine = Page::checked("form", &app.get(&format!("/c/{code}")).await.text(), "ja");
    assert!(fine.field("email").get("aria-invalid").is_none() && fine.field("email").get("autofocus").is_none());
}

#[tokio::test]
async fn characters_that_hide_or_forge_are_refused_and_not_shown_back() {
    let app = App::start().await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    for hidden in ["\u{202E}", "\u{2066}", "\u{200B}", "\u{1B}[31m", "\u{7F}", "\u{85}", "\r\nBcc: x@example.jp"] {
        let answer = app.form(&format!("/c/{code}"), &[("email", &format!("ta{hidden}ro@example.jp"))]).await;
        assert_eq!(answer.status, 422, "{hidden:?}");
        assert_eq!(Page::checked("form", &answer.text(), "ja").field("email").get("value"), Some(""), "{hidden:?}");
        let name = format!("喫茶{hidden}ひだまり");
        let fields =
            [("name", name.as_str()), ("kind", "shop"), ("postal_code", "123-4567"), ("address", "a"), ("contact_email", "a@example.jp")];
        let answer = app.form("/venues/apply", &fields).await;
        assert_eq!(answer.status, 422, "{hidden:?}");
        assert_eq!(Page::checked("apply", &answer.text(), "ja").field("name").get("aria-invalid"), Some("true"), "{hidden:?}");
    }
}

#[tokio::test]
async fn a_repeated_check_in_is_answered_like_a_new_one() {
    let app = App::start().await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    let new = app.check_in(&code, "hanako@example.jp").await;
    for address in ["hanako@example.jp", " Hanako@EXAMPLE.jp", "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ", "taro@example.jp"] {
        assert_eq!(without_date(&app.check_in(&code, address).await), without_date(&new), "{address}");
    }
    let text = new.text();
    assert!(
        text.contains("登録できました")
            && text.contains("喫茶 ひだまり")
            && text.contains("2026年11月22日（日）")
            && text.contains("2026年12月23日")
    );
    assert!(!text.contains("example.jp"), "the address is not on the page that is shown at the door");
    let program = |address: &str| {
        let body = json!({ "code": code, "email": address });
        let app = &app;
        async move { without_date(&app.api("POST", "/api/v1/check-ins", None, Some(body)).await.expect_status(201).unwrap()) }
    };
    assert_eq!(program("jiro@example.jp").await, program("jiro@example.jp").await);
    assert_eq!(program("jiro@example.jp").await, program("hanako@example.jp").await);
    let rows: i64 = sqlx::query_scalar("select count(*) from visit").fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    assert_eq!(rows, 3);
}

#[tokio::test]
async fn old_carrier_addresses_are_taken() {
    let app = App::start().await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    for address in ["a..b@docomo.ne.jp", "a.@ezweb.ne.jp", "taro+qr@example.co.jp"] {
        app.check_in(&code, address).await;
    }
}

#[tokio::test]
async fn pages_speak_the_readers_language_and_keep_it() {
    let app = App::start().await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    let cases = [
        ("", "", "ja"),
        ("", "Accept-Language: en", "en"),
        ("", "Accept-Language: en-GB,en;q=0.9,ja;q=0.8", "en"),
        ("", "Accept-Language: ja;q=0.8, en;q=0.9", "en"),
        ("", "Accept-Language: fr-FR, ja;q=0.5", "ja"),
        ("", "Accept-Language: fr", "ja"),
        ("", "Accept-Language: \u{e9};;q=x", "ja"),
        ("?lang=en", "Accept-Language: ja", "en"),
        ("?lang=ja", "Accept-Language: en", "ja"),
        ("?lang=xx", "Accept-Language: en", "en"),
        ("?lang=%FF", "", "ja"),
    ];
    for (query, header, lang) in cases {
        let path = format!("/c/{code}{query}");
        let headers: Vec<&str> = [header].into_iter().filter(|header| !header.is_empty()).collect();
        let form = Page::checked(&path, &app.send("GET", &path, &headers, b"").await.text(), lang);
        let chosen = matches!(query, "?lang=en" | "?lang=ja");
        let action = format!("/c/{code}{}", if chosen { query } else { "" });
        assert_eq!(form.forms(), [("POST".to_owned(), action.as_str())]);
        let headers: Vec<&str> = headers.into_iter().chain([FORM]).collect();
        for (body, status) in [("email=hanako%40example.jp", 200), ("email=", 422)] {
            let answer = app.send("POST", &action, &headers, body.as_bytes()).await;
            assert_eq!(answer.status, status);
            Page::checked(&action, &answer.text(), lang);
        }
    }
}

#[tokio::test]
async fn a_code_can_be_typed() {
    let app = App::start().await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    let grouped = format!("{}-{}-{}", &code[..4], &code[4..8], &code[8..]);
    let wide: String = code.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
    for typed in [code.clone(), grouped.clone(), code.to_lowercase(), code.replace('0', "O"), grouped.replace('-', "ー"), wide] {
        let encoded = percent_encoding::utf8_percent_encode(&typed, percent_encoding::NON_ALPHANUMERIC).to_string();
        for lang in ["", "&lang=en"] {
            let answer = app.get(&format!("/c?code={encoded}{lang}")).await;
            let to = format!("/c/{code}{}", lang.replace('&', "?"));
            assert_eq!((answer.status, answer.header("Location")), (303, Some(to.as_str())), "{typed}");
            assert_eq!(app.get(&to).await.status, 200);
        }
    }
    for (typed, reason) in
        [("", "コードを入れてください。"), ("7K3M", "どこかの文字がちがうようです。"), ("7K3M-9QXZ-2VTU", "どこかの文字がちがうようです。")]
    {
        let answer = app.get(&format!("/c?code={typed}")).await;
        assert_eq!(answer.status, 422, "{typed}");
        let page = Page::checked(typed, &answer.text(), "ja");
        let field = page.field("code");
        assert_eq!((field.get("value"), field.get("aria-invalid"), field.get("autofocus")), (Some(typed), Some("true"), Some("")));
        assert!(page.description(field).contains(reason), "{typed}: {}", page.description(field));
        assert!(page.title().starts_with("エラー："));
    }
    let unknown = PosterCode::generate(&mut rand::rng()).to_string();
    let answer = app.get(&format!("/c?code={unknown}")).await;
    assert_eq!(answer.status, 303, "whether a code exists is said on its own page");
    let typed = "%3Cb%3E".repeat(4_000);
    let answer = app.get(&format!("/c?code={typed}")).await;
    assert_eq!((answer.status, Page::checked("code", &answer.text(), "ja").field("code").get("value")), (422, Some("")));
}

#[tokio::test]
async fn a_link_in_either_spelling_leads_to_the_form_for_ever() {
    let app = App::start().await;
    let venue = app.venue("喫茶 ひだまり", &["入口"]).await;
    let code = &venue.codes[0];
    // Posters of earlier editions hold the second one; the last is what a person types off either.
    for path in [format!("/c/{code}"), format!("/C/{code}"), format!("/c/{}", code.to_lowercase())] {
        let form = app.get(&path).await.expect_status(200).unwrap().text();
        assert!(form.contains("喫茶 ひだまり"), "{path}");
        let done = app.form(&path, &[("email", "hanako@example.jp")]).await.expect_status(200).unwrap().text();
        assert!(done.contains("登録できました"), "{path}");
    }
    for path in ["/c", "/C"] {
        assert!(app.get(path).await.expect_status(200).unwrap().text().contains("12文字"), "{path}");
    }
}
