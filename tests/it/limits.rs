//! One client cannot fill the disk, have strangers mailed or guess numbers without end; who is turned away loses nothing.
use crate::support::app::{App, Plan};
use ashiato::base::db::DbRole;

#[tokio::test(flavor = "multi_thread")]
async fn check_ins_beyond_the_rate_are_asked_to_wait_and_keep_what_was_typed() {
    let app = App::with(Plan { check_in_rate: 1, ..Plan::default() }).await;
    let venue = app.venue("喫茶 ひだまり", &["入口"]).await;
    let path = format!("/c/{}", venue.codes[0]);
    let mut recorded = 0;
    let refused = loop {
        let email = format!("visitor{recorded}@example.jp");
        let answer = app.form(&path, &[("email", &email)]).await;
        if answer.status != 200 {
            break (answer, email);
        }
        recorded += 1;
        assert!(recorded < 1000, "the limit never came");
    };
    assert!(recorded >= 30, "half a minute's worth at once, {recorded} were taken");
    assert_eq!(refused.0.status, 429);
    assert!(refused.0.header("retry-after").is_some());
    assert!(refused.0.text().contains(&refused.1), "the address stands in the form again");
    let mut connection = app.db.connect(DbRole::Owner).await;
    let rows: i64 = sqlx::query_scalar("select count(*) from visit").fetch_one(&mut connection).await.unwrap();
    assert_eq!(rows, recorded);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_be_mailed_without_end() {
    let app = App::start().await;
    let mut statuses = Vec::new();
    for number in 0..21 {
        let contact = format!("shop{number}@example.jp");
        let fields =
            [("name", "店"), ("kind", "shop"), ("postal_code", "123-4567"), ("address", "あおば市1"), ("contact_email", contact.as_str())];
        statuses.push(app.form("/venues/apply", &fields).await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 20);
    assert_eq!(statuses.last(), Some(&429));
    assert_eq!(app.deliver().await.sent, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_cannot_be_guessed_without_end() {
    let app = App::start().await;
    let mut turned_away = 0;
    for number in 0..70 {
        turned_away += usize::from(app.get(&format!("/alerts/check?number=AAAA-{number:04}")).await.status == 429);
    }
    assert!(turned_away > 0);
    assert_eq!(app.get("/alerts/check").await.status, 200, "the page itself is for everybody");
}
