//! Every page of a venue in both languages: well-formed, labelled, nothing that the policy of content forbids, hostile names inert,
//! and every link leads somewhere.
use super::Shop;
use crate::web::html::Page;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_well_formed_and_leads_nowhere_in_vain() {
    let shop = Shop::open(&["入口 <b>\"&'", "テーブル 1"]).await;
    shop.app.check_in(&shop.venue.codes[0], "hanako@example.jp").await;
    let mut seen = BTreeSet::new();
    for lang in ["ja", "en"] {
        for path in ["", "/posters", "/posters/1", "/posters/1/rotate", "/posters/1/revoke", "/edit", "/check", "/pause", "/close"] {
            let answer = shop.get(&format!("{path}?lang={lang}")).await.expect_status(200).unwrap();
            let what = format!("{path} {lang}");
            // A drawn code has a title of its own, inside its picture.
            let page =
                Page::checked(&what, &answer.text().replace("role=\"img\"><title>QR</title>", "role=\"img\" aria-label=\"QR\">"), lang);
            assert!(!answer.text().contains("style="), "{what}");
            for link in page.links().into_iter().filter(|link| link.starts_with('/') && !link.contains("kit.pdf")) {
                assert!(link.contains("lang=") || link.starts_with("/assets/"), "{what}: {link} forgets the language");
                if seen.insert(link.to_owned()) {
                    let status = shop.app.as_shop(&shop.session, "GET", link, &[]).await.status;
                    assert!(status == 200 || status == 303, "{what}: {link} answers {status}");
                }
            }
        }
        for (path, fields) in [
            ("/posters", vec![("label", "\"><script>")]),
            ("/posters", vec![("run", "yes"), ("label", "\"><script>"), ("first", "9"), ("last", "\"><script>")]),
            ("/posters/1/label", vec![("label", "")]),
            ("/edit", vec![("name", "\"><script>"), ("guests_per_day", "\"><script>")]),
            ("/check/code", vec![("code", "\"><script>")]),
        ] {
            let answer = shop.post(&format!("{path}?lang={lang}"), &fields).await;
            if answer.status == 303 {
                continue;
            }
            Page::checked(
                path,
                &answer.expect_status(422).unwrap().text().replace("role=\"img\"><title>QR</title>", "role=\"img\" aria-label=\"QR\">"),
                lang,
            );
        }
    }
    assert!(shop.page("/posters").await.contains("&#34;&#62;&#60;script&#62;"), "added as it was typed, and inert");
}
