//! The public pages in a real browser: axe-core finds nothing, and nothing scrolls sideways (docs/LOOK.md §8), in both languages.
use super::pages::{PagesFixture, with_lang};
use crate::support::browser::Browser;

/// Widths that phones have, the smallest that WCAG 1.4.10 asks for, and a desk's.
const WIDTHS: [u32; 3] = [320, 390, 1280];

/// Looks at the page that is open, in every width and in dark; what is wrong with it. English differs by its words alone: axe-core
/// looks once, where they are tightest.
async fn faults(browser: &Browser, what: &str, japanese: bool) -> Vec<String> {
    let mut faults = Vec::new();
    for width in WIDTHS {
        browser.width(width).await;
        faults.extend(browser.beyond().await.into_iter().map(|line| format!("{what} at {width}: beyond the edge: {line}")));
        if width == 320 || width == 1280 && japanese {
            faults.extend(browser.axe().await.into_iter().map(|line| format!("{what} at {width}: {line}")));
        }
    }
    if japanese {
        browser.dark(true).await;
        faults.extend(browser.axe().await.into_iter().map(|line| format!("{what}, dark: {line}")));
        browser.dark(false).await;
    }
    faults
}

#[tokio::test(flavor = "multi_thread")]
async fn no_public_page_fails_axe_or_scrolls_sideways() {
    let Some(browser) = Browser::open().await else { return };
    let fixture = PagesFixture::new().await;
    let origin = format!("http://{}", fixture.app.address);
    let (mut wrong, mut looked) = (Vec::new(), 0);
    for lang in ["ja", "en"] {
        for (path, _) in fixture.pages() {
            browser.goto(&format!("{origin}{}", with_lang(&path, lang))).await;
            wrong.extend(faults(&browser, &format!("{path} {lang}"), lang == "ja").await);
            looked += 1;
        }
        for (path, fields, status) in fixture.posted().into_iter().filter(|(.., status)| *status != 405) {
            browser.goto(&format!("{origin}/about")).await;
            browser.post(&with_lang(&path, lang), &fields).await;
            wrong.extend(faults(&browser, &format!("POST {path} {status} {lang}"), lang == "ja").await);
            looked += 1;
        }
    }
    assert!(wrong.is_empty(), "{} faults on {looked} pages:\n{}", wrong.len(), wrong.join("\n"));
    browser.close().await;
}
