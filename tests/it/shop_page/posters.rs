//! An owner's posters: one more, a run, another name, another code, gone; and the round on which each is scanned.
use super::Shop;
use chrono::Duration;

/// The code of the poster that hangs under this number.
async fn code(shop: &Shop, no: i16) -> String {
    let page = shop.page(&format!("/posters/{no}")).await;
    let start = page.find("<p class=\"code\">").unwrap() + "<p class=\"code\">".len();
    page[start..].split('<').next().unwrap().replace('-', "")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_or_a_run_are_added() {
    let shop = Shop::open(&["入口"]).await;
    shop.act("/posters", &[("label", "ﾚｼﾞ <b>")], "/posters?done=added", "レジ &#60;b&#62;").await;
    let run = [("run", "yes"), ("label", "テーブル"), ("first", "１"), ("last", "12")];
    shop.act("/posters", &run, "/posters?done=added", "テーブル 12").await;
    assert_eq!(shop.page("/posters").await.matches("<tr><th scope=\"row\"").count(), 14);
    let long = "あ".repeat(41);
    for (fields, says) in [
        (vec![("label", "")], "場所の名前を入れてください"),
        (vec![("label", long.as_str())], "長すぎます"),
        (vec![("label", "a\nb")], "使えない文字"),
        (vec![("run", "yes"), ("label", "席"), ("first", "5"), ("last", "4")], "500枚まで"),
        (vec![("run", "yes"), ("label", "席"), ("first", "1"), ("last", "501")], "500枚まで"),
        (vec![("run", "yes"), ("label", ""), ("first", "1"), ("last", "2")], "場所の名前を入れてください"),
        (vec![("label", "入口")], "「入口」は、もうあります"),
        (vec![("run", "yes"), ("label", "テーブル"), ("first", "12"), ("last", "14")], "「テーブル 12」は、もうあります"),
    ] {
        let page = shop.post("/posters", &fields).await.expect_status(422).unwrap().text();
        assert!(page.contains(says) && page.contains("<title>エラー："), "{fields:?}: {page}");
    }
    assert_eq!(shop.audited().await, ["venue.add_posters", "venue.add_posters"]);
    // Many fold away; the forms stay near.
    assert!(!shop.page("/posters").await.contains("<details"));
    shop.act("/posters", &[("run", "yes"), ("label", "席"), ("first", "1"), ("last", "11")], "/posters?done=added", "25枚すべてを見る")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_poster_is_printed_alone() {
    let shop = Shop::open(&["入口", "レジ"]).await;
    assert!(shop.page("/posters/2").await.contains("/kit.pdf?poster=2\""));
    let (all, one) = (shop.get("/kit.pdf?part=a4").await, shop.get("/kit.pdf?part=a4&poster=2").await);
    assert_eq!((all.status, one.status, one.header("Content-Type")), (200, 200, Some("application/pdf")));
    assert!(one.body.len() < all.body.len());
    for no in ["3", "x", "02"] {
        shop.get(&format!("/kit.pdf?poster={no}")).await.expect_status(404).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_posters_are_the_most() {
    let shop = Shop::open(&["入口"]).await;
    let mut owner = shop.app.db.connect(ashiato::base::db::DbRole::Owner).await;
    sqlx::query("update poster set no = 4999").execute(&mut owner).await.unwrap();
    shop.act("/posters", &[("label", "最後")], "/posters?done=added", "最後").await;
    let page = shop.post("/posters", &[("label", "多すぎ")]).await.expect_status(422).unwrap().text();
    assert!(page.contains("5000枚まで"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_keeps_the_code_a_new_code_keeps_the_name() {
    let shop = Shop::open(&["入口", "テーブル 1"]).await;
    let before = code(&shop, 2).await;
    shop.act("/posters/2/label", &[("label", "窓ぎわ")], "/posters/2?done=renamed", "窓ぎわ").await;
    assert_eq!(code(&shop, 2).await, before);
    shop.post("/posters/2/label", &[("label", " ")]).await.expect_status(422).unwrap();
    let twice = shop.post("/posters/2/label", &[("label", "入口")]).await.expect_status(422).unwrap().text();
    assert!(twice.contains("「入口」は、もうあります") && twice.contains("value=\"入口\""), "{twice}");
    assert!(shop.page("/posters/2/rotate").await.contains("10秒以内に使えなくなります"));
    shop.act("/posters/2/rotate", &[], "/posters/2?done=rotated", "コードを交換しました").await;
    let after = code(&shop, 2).await;
    assert_ne!(after, before);
    shop.app.get(&format!("/c/{before}")).await.expect_status(404).unwrap();
    assert!(shop.app.get(&format!("/c/{after}")).await.expect_status(200).unwrap().text().contains("窓ぎわ"));
    assert!(shop.page("/posters/2/revoke").await.contains("元にはもどせません"));
    shop.act("/posters/2/revoke", &[], "/posters?done=revoked", "ポスターを使えなくしました").await;
    for path in ["/posters/2", "/posters/2/rotate", "/files/2.svg", "/posters/9"] {
        shop.get(path).await.expect_status(404).unwrap();
    }
    assert_eq!(shop.audited().await, ["venue.rename_poster", "venue.rotate_poster", "venue.revoke_poster"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_round_each_scanned_code_says_which_poster_it_is() {
    let shop = Shop::open(&["入口", "レジ"]).await;
    let (app, codes) = (&shop.app, &shop.venue.codes);
    assert!(shop.page("/check").await.contains("2枚のうち0枚"));
    let begun = shop.post("/check", &[]).await;
    assert_eq!((begun.status, begun.header("Location")), (303, Some(shop.path("/check?on=yes").as_str())));
    let cookies: Vec<&str> = begun.head.lines().filter(|line| line.to_ascii_lowercase().starts_with("set-cookie: shop-check=")).collect();
    assert!(
        cookies.len() == 2 && cookies[0].contains("Path=/c;") | cookies[0].contains("Path=/c") && cookies[1].contains("Path=/C"),
        "{cookies:?}"
    );
    assert!(cookies.iter().all(|cookie| cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Max-Age=1800")));
    let token = cookies[0].split_once('=').unwrap().1.split(';').next().unwrap();
    let cookie = format!("Cookie: shop-check={token}");
    let scan = async |path: String| app.send("GET", &path, &[&cookie], b"").await.expect_status(200).unwrap().text();
    let page = scan(format!("/C/{}", codes[1])).await;
    assert!(page.contains("これは2番「レジ」です") && page.contains("2枚のうち1枚") && !page.contains("name=\"email\""), "{page}");
    let other = app.venue("二号店", &["入口"]).await;
    assert!(scan(format!("/c/{}", other.codes[0])).await.contains("この店舗・施設のポスターではありません"));
    assert!(scan("/c/7K3M".to_owned()).await.contains("この店舗・施設のポスターではありません"), "a sticker with nonsense on it");
    shop.post("/posters/1/rotate", &[]).await.expect_status(303).unwrap();
    assert!(scan(format!("/c/{}", codes[0])).await.contains("これは前の1番「入口」です"));
    assert!(app.get(&format!("/c/{}", codes[1])).await.text().contains("name=\"email\""), "without the cookie it is the visitors' form");
    let typed = shop.post("/check/code", &[("code", code(&shop, 1).await.as_str())]).await.expect_status(200).unwrap().text();
    assert!(typed.contains("これは1番「入口」です") && typed.contains("2枚のうち2枚"), "{typed}");
    for (wrong, says) in [("", "コードを入れてください"), ("7K3M", "ポスターと見くらべて")] {
        assert!(shop.post("/check/code", &[("code", wrong)]).await.expect_status(422).unwrap().text().contains(says));
    }
    assert!(shop.page("/posters").await.contains("<td>今日</td>"));
    let ended = shop.post("/check/end", &[]).await.expect_status(303).unwrap();
    assert_eq!(ended.head.matches("Max-Age=0").count(), 2);
    app.clock.advance(Duration::minutes(30));
    assert!(scan(format!("/c/{}", codes[1])).await.contains("name=\"email\""), "a round ends by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poster_that_nobody_scans_or_checks_is_shown() {
    let shop = Shop::open(&["入口", "テーブル 6"]).await;
    shop.app.check_in(&shop.venue.codes[0], "hanako@example.jp").await;
    assert!(!shop.page("").await.contains("しばらく読み取られていません"), "made today: it may be in the printer still");
    let mut owner = shop.app.db.connect(ashiato::base::db::DbRole::Owner).await;
    let age = async |owner: &mut sqlx::PgConnection, days: i32| {
        let age = "update poster set created_at = $1::timestamptz - make_interval(days => $2)";
        sqlx::query(age).bind("2026-11-22T03:00:00Z").bind(days).execute(owner).await.unwrap();
    };
    age(&mut owner, 6).await;
    assert!(!shop.page("").await.contains("しばらく読み取られていません"));
    age(&mut owner, 7).await;
    let page = shop.page("").await;
    assert!(page.contains("「テーブル 6」は、まだ一度も読み取られていません") && !page.contains("「入口」は"), "{page}");
    sqlx::query("update poster set scanned_on = case no when 2 then date '2026-11-22' end").execute(&mut owner).await.unwrap();
    age(&mut owner, 30).await;
    let page = shop.page("").await;
    assert!(page.contains("「入口」は、まだ"), "{page}");
    sqlx::query("update poster set scanned_on = null").execute(&mut owner).await.unwrap();
    assert!(shop.page("").await.contains("30日のあいだ確認していないポスターが2枚"), "no scan at all: nobody is told of each poster");
}
