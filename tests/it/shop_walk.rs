//! A venue owner alone with a browser: from the form to the printed kit, and a visitor who scans what was printed.
use crate::support::app::{App, Plan};
use crate::support::browser::Browser;
use crate::support::say;
use ashiato::base::config::VenuePolicy;
use std::process::Command;
use std::time::{Duration, Instant};

const CONTACT: &str = "owner@example.jp";
/// From the empty form to the file that is printed.
const MOST_CLICKS: u32 = 3;
/// Typing included, on a machine that tests other things besides.
const WITHIN: Duration = Duration::from_secs(60);

/// The eight digits of the newest letter to the owner.
async fn digits(app: &App) -> String {
    app.deliver().await;
    let letter = app.sink.accepted().into_iter().rfind(|mail| mail.to == CONTACT).unwrap().text;
    letter.lines().map(|line| line.trim().replace(' ', "")).find(|line| line.len() == 8 && line.parse::<u32>().is_ok()).unwrap()
}

/// What the codes on a PDF's pages say, read from paper as a phone would.
fn scanned(pdf: &[u8]) -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("shop-walk");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("kit.pdf"), pdf).unwrap();
    let mut print = Command::new("pdftoppm");
    print.args(["-r", "100", "-png", "-l", "3"]).arg(folder.join("kit.pdf")).arg(folder.join("page"));
    assert!(print.status().unwrap().success());
    let mut pages: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "png"));
    pages.sort();
    let mut said = Vec::new();
    for page in pages {
        let picture = image::open(page).unwrap().to_luma8();
        let mut picture = rqrr::PreparedImage::prepare(picture);
        said.extend(picture.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text));
    }
    said
}

/// Every page behind the venue's session, in both languages, on the narrowest phone and on a desk.
async fn faults(browser: &Browser, origin: &str, shop: &str) -> Vec<String> {
    const PAGES: [&str; 10] =
        ["", "/posters", "/posters/1", "/posters/1/rotate", "/posters/1/revoke", "/edit", "/check", "/pause", "/close", "?done=answered"];
    let mut faults = Vec::new();
    for (page, lang) in PAGES.iter().flat_map(|page| [(page, "ja"), (page, "en")]) {
        let mark = if page.contains('?') { '&' } else { '?' };
        browser.goto(&format!("{origin}{shop}{page}{mark}lang={lang}")).await;
        assert!(browser.path().await.starts_with(shop), "{page}: {}", browser.path().await);
        for width in [320, 1280] {
            browser.width(width).await;
            faults.extend(browser.beyond().await.into_iter().map(|line| format!("{page} {lang} at {width}: beyond the edge: {line}")));
            faults.extend(browser.axe().await.into_iter().map(|line| format!("{page} {lang} at {width}: {line}")));
        }
        if lang == "ja" {
            browser.shot(&format!("shop{}", page.replace(['/', '?', '='], "-"))).await;
        }
    }
    faults
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_prints_its_kit_without_help_and_a_visitor_scans_it() {
    let Some(browser) = Browser::open().await else { return };
    let app = App::with(Plan { venue_policy: VenuePolicy::Instant, ..Plan::default() }).await;
    let origin = format!("http://{}", app.address);
    browser.width(390).await;
    browser.goto(&format!("{origin}/venues/apply")).await;
    browser.shot("shop-apply").await;
    let (started, mut clicks) = (Instant::now(), 0);
    browser.fill("[name=name]", "喫茶 ひだまり").await;
    browser.run("document.querySelector('[name=kind]').value = 'restaurant'").await;
    browser.fill("[name=postal_code]", "〒２６０ー００２６").await;
    browser.fill("[name=address]", "あおば市中央1-2-3").await;
    browser.fill("[name=contact_email]", CONTACT).await;
    browser.follow("main form button").await;
    clicks += 1;
    browser.shot("shop-confirm").await;
    browser.fill("[name=code]", &digits(&app).await).await;
    browser.follow("main form button").await;
    clicks += 1;
    browser.shot("shop-own-page").await;
    assert!(browser.path().await.starts_with("/shop/"), "{}", browser.path().await);
    let kit = browser.download("main a.button[href*='/kit.pdf']").await;
    clicks += 1;
    let took = started.elapsed();
    say(&format!("from the empty form to the printed kit: {clicks} clicks, {:.1} s", took.as_secs_f32()));
    assert!(took < WITHIN && clicks <= MOST_CLICKS, "{took:?}, {clicks} clicks");

    let shop = browser.path().await.split(['?', '#']).next().unwrap().to_owned();
    let wrong = faults(&browser, &origin, &shop).await;
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));

    let link = scanned(&kit).into_iter().next().unwrap();
    assert!(link.to_lowercase().starts_with(&origin), "{link}");
    browser.goto(&format!("{origin}{}", &link[origin.len()..])).await;
    assert!(browser.text("h1").await.contains("ひだまり"), "{}", browser.text("main").await);
    browser.fill("[name=email]", "visitor-a@example.jp").await;
    browser.follow("main form button").await;
    assert!(browser.text("main").await.contains("登録できました"));
    browser.close().await;
}
