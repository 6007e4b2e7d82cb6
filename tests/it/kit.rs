//! The print kit through the front doors: the console, programs, and the venue's own page.
use crate::support::app::App;
use ashiato::cli::demo::http::Answer;
use ashiato::official::Role;

/// Fails unless this is a PDF; says which characters it could not print.
fn printed<'a>(what: &str, answer: &'a Answer) -> Option<&'a str> {
    assert_eq!((answer.status, answer.header("Content-Type")), (200, Some("application/pdf")), "{what}");
    assert!(answer.body.starts_with(b"%PDF-"), "{what}");
    answer.header("Missing-Glyphs")
}

#[tokio::test]
async fn a_kit_is_printed_by_whom_it_concerns() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 𠮷", &["入口", "テーブル 1"]).await;
    let bar = app.venue("喫茶 ひだまり", &["入口"]).await;
    let (tracer, viewer) = (app.official(Role::Tracer, "田中 健").await, app.official(Role::Viewer, "山田").await);
    let session = app.shop_session("shop@example.jp").await;
    let token = app.token(Role::Tracer, "kit").await;
    for base in [format!("/console/venues/{}", cafe.id), format!("/shop/{}", cafe.id), format!("/api/v1/venues/{}", cafe.id)] {
        let get = async |rest: &str| {
            let path = format!("{base}{rest}");
            match base.split('/').nth(1) {
                Some("console") => tracer.get(&path).await,
                Some("shop") => app.as_shop(&session, "GET", &path, &[]).await,
                _ => app.api("GET", &path, Some(&token), None).await,
            }
        };
        let tent = get("/kit.pdf?part=tent").await;
        assert_eq!(printed(&base, &tent), Some("U+20BB7"), "{base}");
        assert_eq!(tent.header("Content-Disposition"), Some("inline; filename=\"poster-tent.pdf\""));
        assert_eq!(get("/kit.pdf?part=poster").await.status, 422, "{base}");
        assert_eq!(get("/kit.pdf?part=letter").await.status, 409, "{base}");
    }
    for page in [
        tracer.get(&format!("/console/venues/{}?lang=ja", cafe.id)).await,
        app.as_shop(&session, "GET", &format!("/shop/{}/posters?lang=ja", cafe.id), &[]).await,
    ] {
        let text = page.text();
        for words in ["掲示キットを開く", "kit.pdf?part=labels65", "三角POP", "「𠮷」は書体にない文字です"] {
            assert!(text.contains(words), "{words} is missing in {text}");
        }
    }
    let seen = viewer.get(&format!("/console/venues/{}?lang=ja", cafe.id)).await.text();
    assert!(!seen.contains("kit.pdf"), "codes are not a viewer's business");
    assert_eq!(printed("names that can be printed", &tracer.get(&format!("/console/venues/{}/kit.pdf?part=a4,guide", bar.id)).await), None);
    tracer.form(&format!("/console/venues/{}/close", bar.id), &[]).await.expect_status(303).unwrap();
    assert_eq!(tracer.get(&format!("/console/venues/{}/kit.pdf", bar.id)).await.status, 409, "a closed venue hangs nothing");
}
