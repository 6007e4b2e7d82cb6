//! API tokens: who they are, and when they stop being anybody.
use crate::support::console::employ;
use crate::support::db::Db;
use ashiato::audit::{self, Actor};
use ashiato::base::db::DbRole;
use ashiato::base::text::TextError;
use ashiato::base::token::Token;
use ashiato::official::{MayApprove, MayTrace, Principal, Role, TokenError, caller_of, create_token, revoke_token};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    "2026-11-22T03:00:00Z".parse().unwrap()
}

async fn official(owner: &mut PgConnection, role: Role) -> Uuid {
    let id = Uuid::new_v4();
    sqlx::query("insert into official (id, email, name, role, created_at) values ($1, $2, '係', $3, $4)")
        .bind(id)
        .bind(format!("{id}@city.example.jp"))
        .bind(role.as_str())
        .bind(now())
        .execute(&mut *owner)
        .await
        .unwrap();
    employ(owner, now(), id).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_line_token_is_a_principal_by_its_name() {
    let db = Db::fresh().await;
    let (mut owner, mut web) = (db.connect(DbRole::Owner).await, db.connect(DbRole::Web).await);
    let (id, token) = create_token(&mut owner, now(), " 夜間 当番 ", Role::Tracer, None).await.unwrap();
    let (_, second) = create_token(&mut owner, now(), "夜間 当番", Role::Approver, None).await.unwrap();
    let caller = caller_of(&mut web, &token).await.unwrap().unwrap();
    assert_eq!(caller.principal(), &Principal::Token("夜間 当番".into()));
    assert_eq!((caller.role(), caller.actor(), caller.is_command_line_token()), (Role::Tracer, Actor::Token(id), true));
    assert!(caller.authorise::<MayTrace>().is_ok() && caller.authorise::<MayApprove>().is_err());
    let same = caller_of(&mut web, &second).await.unwrap().unwrap();
    assert_eq!(caller.principal(), same.principal(), "two tokens of one name are one person");
    assert_eq!(audit::verify(&mut web).await.unwrap().entries, 2, "both are on record");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_given_out_or_was_revoked_is_nobody() {
    let db = Db::fresh().await;
    let mut owner = db.connect(DbRole::Owner).await;
    let (id, token) = create_token(&mut owner, now(), "desk", Role::Admin, None).await.unwrap();
    assert!(caller_of(&mut owner, &Token::random()).await.unwrap().is_none());
    assert!(caller_of(&mut owner, &Token::from_client("wrong").unwrap()).await.unwrap().is_none());
    assert!(revoke_token(&mut owner, now(), id, Actor::System).await.unwrap());
    assert!(!revoke_token(&mut owner, now(), id, Actor::System).await.unwrap(), "once");
    assert!(!revoke_token(&mut owner, now(), Uuid::new_v4(), Actor::System).await.unwrap());
    assert!(caller_of(&mut owner, &token).await.unwrap().is_none());
    assert_eq!(audit::verify(&mut owner).await.unwrap().entries, 2, "made and revoked");
    let stored: i64 = sqlx::query_scalar("select count(*) from api_token where position($1 in api_token::text) > 0")
        .bind(token.expose())
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(stored, 0, "the database never held the token");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officials_token_is_that_official_while_the_account_allows_it() {
    let db = Db::fresh().await;
    let mut owner = db.connect(DbRole::Owner).await;
    let maker = official(&mut owner, Role::Approver).await;
    let (_, token) = create_token(&mut owner, now(), "script", Role::Tracer, Some(maker)).await.unwrap();
    let caller = caller_of(&mut owner, &token).await.unwrap().unwrap();
    assert_eq!((caller.principal(), caller.is_command_line_token()), (&Principal::Official(maker), false));
    for (change, counts) in [
        ("update official set role = 'viewer'", false),
        ("update official set role = 'tracer'", true),
        ("update official set disabled_at = now()", false),
        ("update official set disabled_at = null, role = 'admin'", true),
    ] {
        sqlx::query(change).execute(&mut owner).await.unwrap();
        assert_eq!(caller_of(&mut owner, &token).await.unwrap().is_some(), counts, "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_should_not_be_is_not_made() {
    let db = Db::fresh().await;
    let mut owner = db.connect(DbRole::Owner).await;
    let tracer = official(&mut owner, Role::Tracer).await;
    for role in [Role::Approver, Role::Auditor, Role::Admin] {
        let made = create_token(&mut owner, now(), "script", role, Some(tracer)).await;
        assert!(matches!(made, Err(TokenError::BeyondMaker)), "{role}");
    }
    let unknown = create_token(&mut owner, now(), "script", Role::Viewer, Some(Uuid::new_v4())).await;
    assert!(matches!(unknown, Err(TokenError::UnknownMaker)));
    let long = create_token(&mut owner, now(), &"あ".repeat(61), Role::Viewer, None).await;
    assert!(matches!(long, Err(TokenError::Name(TextError::TooLong))));
    let count: i64 = sqlx::query_scalar("select count(*) from api_token").fetch_one(&mut owner).await.unwrap();
    assert_eq!((count, audit::verify(&mut owner).await.unwrap().entries), (0, 0));
    assert!(create_token(&mut owner, now(), &"あ".repeat(60), Role::Viewer, None).await.is_ok());
}
