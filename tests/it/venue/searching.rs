//! Finding a venue by what people remember of it.
use super::{Hall, form, noon};
use ashiato::base::config::VenuePolicy;
use ashiato::base::db::DbRole;
use ashiato::venue::review::{Queue, QueueSizes, ask, questions, queue, queue_sizes, set_kana, twins};
use ashiato::venue::{
    Applicant, Filter, Query, RawVenue, Said, VenueError, VenueId, VenueRow, VenueStatus, approve, cards, index_outdated, list,
};
use sqlx::PgConnection;

async fn found(conn: &mut PgConnection, text: &str) -> Vec<String> {
    rows(conn, text).await.into_iter().map(|row| row.name).collect()
}

async fn rows(conn: &mut PgConnection, text: &str) -> Vec<VenueRow> {
    list(conn, &Filter { query: Query::parse(text), ..Filter::default() }).await.unwrap()
}

async fn enter(hall: &Hall, name: &str, kana: &str, address: &str) -> VenueId {
    let session = hall.tracer().await;
    let raw = RawVenue { name: name.into(), kana: kana.into(), address: address.into(), ..form() };
    hall.apply(&raw, Applicant::Official(&session, VenuePolicy::Instant)).await.id
}

#[tokio::test]
async fn a_venue_is_found_by_name_kana_address_and_code_however_they_are_typed() {
    let hall = Hall::open().await;
    let cafe = enter(&hall, "喫茶 陽だまり", "きっさ ひだまり", "中央区本町１ー２ー３").await;
    enter(&hall, "ﾋﾀﾞﾏﾘ薬局", "", "港区浜3-5").await;
    enter(&hall, "スナック 桜", "", "中央区栄町 7").await;
    let mut conn = hall.pool.acquire().await.unwrap();
    for text in ["ヒダマリ", "ひだまり", "ﾋﾀﾞﾏﾘ", "だまり"] {
        assert_eq!(found(&mut conn, text).await.len(), 2, "{text}");
    }
    for text in ["喫茶陽だまり", "きっさひだまり", "キッサ　ヒダマリ", "本町1-2-3", "本町 1−2", "喫茶 中央区", "中央区 喫茶"]
    {
        assert_eq!(found(&mut conn, text).await, ["喫茶 陽だまり"], "{text}");
    }
    assert_eq!(found(&mut conn, "ひだまり").await[0], "ヒダマリ薬局", "what begins so comes first");
    assert_eq!(found(&mut conn, "区").await.len(), 3, "one character is enough");
    assert_eq!(found(&mut conn, "本町 薬局").await.len(), 0, "all words, not any");
    let code = hall.posters(cafe).await[0].code;
    for text in [code.grouped(), code.as_str().to_lowercase(), code.grouped()[..6].to_owned()] {
        assert_eq!(found(&mut conn, &text).await, ["喫茶 陽だまり"], "{text}");
    }
    for hostile in ["%", "_", "'; drop table venue; --", "\\", "a\u{0}b", "\u{202E}", "ひ%り"] {
        assert_eq!(found(&mut conn, hostile).await, Vec::<String>::new(), "{hostile:?}");
    }
}

#[tokio::test]
async fn pages_of_a_search_hold_everything_once() {
    let hall = Hall::open().await;
    for number in 0..7 {
        enter(&hall, if number % 2 == 0 { "さくら" } else { "居酒屋さくら" }, "", &format!("中央区{number}")).await;
    }
    let mut conn = hall.pool.acquire().await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let filter = Filter { query: Query::parse("サクラ"), limit: Some(3), after, ..Filter::default() };
        let page = list(&mut conn, &filter).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        seen.extend(page.into_iter().map(|row| (row.name, row.id)));
    }
    assert!(seen[..4].iter().all(|(name, _)| name == "さくら") && seen[4..].iter().all(|(name, _)| name == "居酒屋さくら"));
    let mut ids: Vec<_> = seen.into_iter().map(|(_, id)| id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 7);
}

#[tokio::test]
async fn venues_from_before_the_search_are_folded_at_the_start() {
    let hall = Hall::open().await;
    enter(&hall, "カフェ", "", "港区").await;
    let mut owner = hall.db.connect(DbRole::Owner).await;
    sqlx::query("update venue_search set version = 0, folded = '', grams = '{}'").execute(&mut owner).await.unwrap();
    let mut conn = hall.pool.acquire().await.unwrap();
    assert_eq!(found(&mut conn, "かふぇ").await.len(), 0);
    assert_eq!((index_outdated(&mut conn).await.unwrap(), index_outdated(&mut conn).await.unwrap()), (1, 0));
    assert_eq!(found(&mut conn, "かふぇ").await.len(), 1);
    sqlx::query("delete from venue_search").execute(&mut owner).await.unwrap();
    assert_eq!((index_outdated(&mut conn).await.unwrap(), found(&mut conn, "かふぇ").await.len()), (1, 1));
}

#[tokio::test]
async fn the_queue_is_oldest_first_and_points_at_what_was_applied_for_twice() {
    let hall = Hall::open().await;
    let session = hall.tracer().await;
    let first = hall.apply(&form(), Applicant::Official(&session, VenuePolicy::Reviewed)).await.id;
    let again = RawVenue { name: "喫茶ひだまり".into(), address: "あおば市 中央１−２−３".into(), ..form() };
    let second = hall.apply(&again, Applicant::Official(&session, VenuePolicy::Reviewed)).await.id;
    enter(&hall, "別の店", "", "港区").await;
    let mut owner = hall.db.connect(DbRole::Owner).await;
    sqlx::query("update venue set created_at = created_at - interval '1 hour' where id = $1")
        .bind(second.0)
        .execute(&mut owner)
        .await
        .unwrap();
    let mut conn = hall.pool.acquire().await.unwrap();
    let waiting = queue(&mut conn, Queue::Waiting, None, 10).await.unwrap();
    assert_eq!(waiting.iter().map(|row| (row.id, row.twins)).collect::<Vec<_>>(), [(second, 1), (first, 1)]);
    assert_eq!(queue(&mut conn, Queue::Waiting, Some(second), 10).await.unwrap().len(), 1);
    assert_eq!(twins(&mut conn, first).await.unwrap().iter().map(|row| row.id).collect::<Vec<_>>(), [second]);
    assert_eq!(queue_sizes(&mut conn).await.unwrap(), QueueSizes { waiting: 2, answered: 0, unreviewed: 0 });
}

#[tokio::test]
async fn what_is_active_by_policy_alone_is_marked_until_somebody_looks() {
    let hall = Hall::open().await;
    let session = hall.tracer().await;
    let (id, proof) = hall.apply_anonymously().await;
    let mut act = hall.act(&session).await;
    ashiato::venue::confirm(&mut act.tx, noon(), VenuePolicy::Instant, proof.token()).await.unwrap();
    act.commit().await.unwrap();
    let entered = enter(&hall, "別の店", "べつ", "港区").await;
    let mut conn = hall.pool.acquire().await.unwrap();
    let seen = cards(&mut conn, &[id, entered, VenueId::random()]).await.unwrap();
    assert_eq!((seen.len(), seen[&id].reviewed, seen[&entered].reviewed), (2, false, true), "an official's own entry was looked at");
    assert_eq!((seen[&entered].kana.as_deref(), seen[&entered].may_be_named, seen[&id].status), (Some("べつ"), false, VenueStatus::Active));
    assert_eq!(queue(&mut conn, Queue::Unreviewed, None, 10).await.unwrap()[0].id, id);
    let letters = hall.letters().await.len();
    for changed in [true, false] {
        let mut act = hall.act(&session).await;
        assert_eq!(approve(&mut act, id).await.unwrap().changed, changed);
        act.commit().await.unwrap();
    }
    assert!(cards(&mut conn, &[id]).await.unwrap()[&id].reviewed);
    assert_eq!(hall.letters().await.len(), letters, "nothing changed for the shop");
    assert_eq!(hall.audited().await.iter().filter(|action| *action == "venue.review").count(), 1);
    assert_eq!(queue_sizes(&mut conn).await.unwrap(), QueueSizes { waiting: 0, answered: 0, unreviewed: 0 });
}

#[tokio::test]
async fn a_question_goes_out_once_and_only_to_who_can_answer() {
    let hall = Hall::open().await;
    let session = hall.tracer().await;
    let venue = hall.apply(&form(), Applicant::Official(&session, VenuePolicy::Reviewed)).await.id;
    let question = Said::parse("本町の\n店ですか。").unwrap();
    let mut act = hall.act(&session).await;
    assert!(ask(&mut act, venue, &question).await.unwrap());
    assert!(!ask(&mut act, venue, &question).await.unwrap(), "the form was sent twice");
    act.commit().await.unwrap();
    assert_eq!(
        (hall.letters().await, hall.audited().await),
        (vec!["venue_question".to_owned()], vec!["venue.apply".to_owned(), "venue.ask".to_owned()])
    );
    let letter = hall.opened_letters().await.remove(0);
    assert_eq!((letter.to.expose(), letter.params["question"].as_str()), ("Shop@example.jp", "本町の\n店ですか。"));
    let mut conn = hall.pool.acquire().await.unwrap();
    assert_eq!(questions(&mut conn, venue).await.unwrap()[0].question, "本町の\n店ですか。");
    assert_eq!(queue(&mut conn, Queue::Waiting, None, 1).await.unwrap()[0].asked_at, Some(noon()));
    let (unconfirmed, _) = hall.apply_anonymously().await;
    let mut act = hall.act(&session).await;
    let refused = ask(&mut act, unconfirmed, &question).await;
    assert!(matches!(refused, Err(VenueError::NobodyToAsk(VenueStatus::Unconfirmed))));
    assert!(matches!(ask(&mut act, VenueId::random(), &question).await, Err(VenueError::Unknown)));
}

#[tokio::test]
async fn a_reading_that_an_official_adds_is_found_at_once() {
    let hall = Hall::open().await;
    let (session, venue) = (hall.tracer().await, enter(&hall, "陽だまり", "", "港区").await);
    let mut conn = hall.pool.acquire().await.unwrap();
    assert_eq!(found(&mut conn, "ヒダマリ").await.len(), 0);
    let mut act = hall.act(&session).await;
    set_kana(&mut act, venue, Some("ひだまり")).await.unwrap();
    act.commit().await.unwrap();
    assert_eq!(rows(&mut conn, "ヒダマリ").await[0].kana.as_deref(), Some("ひだまり"));
    let mut act = hall.act(&session).await;
    set_kana(&mut act, venue, None).await.unwrap();
    act.commit().await.unwrap();
    assert_eq!(found(&mut conn, "ヒダマリ").await.len(), 0);
}
