//! A venue's way from the form to the posters that take check-ins, in the database and under the web process's grants.
#[path = "venue/confirming.rs"]
mod confirming;
#[path = "venue/deciding.rs"]
mod deciding;
#[path = "venue/remembering.rs"]
mod remembering;
#[path = "venue/searching.rs"]
mod searching;

use crate::support::db::{Db, scratch};
use ashiato::audit::Actor;
use ashiato::base::clock::Zone;
use ashiato::base::config::Service;
use ashiato::base::config::VenuePolicy;
use ashiato::base::db::DbRole;
use ashiato::base::secret::{SecretKey, SecretKeys};
use ashiato::base::slow_hash::SlowHasher;
use ashiato::base::token::Token;
use ashiato::keys::{KeyStore, Opener, SealedLetterRow, Sealer, settle};
use ashiato::mail::Letter;
use ashiato::official::Act;
use ashiato::official::Letters;
use ashiato::official::{MayTrace, Role, Session, caller_of, create_token};
use ashiato::venue::{Applicant, Applied, NewVenue, Poster, Proof, RawVenue, VenueId, apply, posters};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgPool;

const TOKYO: Zone = Zone(chrono_tz::Asia::Tokyo);

fn noon() -> DateTime<Utc> {
    "2026-11-22T03:00:00Z".parse().unwrap()
}

fn form() -> RawVenue {
    RawVenue {
        name: "喫茶 ひだまり".into(),
        kind: "restaurant".into(),
        address: "あおば市中央1-2-3".into(),
        contact_email: "Shop@example.jp".into(),
        posters: vec!["入口".into(), "テーブル 1".into(), "テーブル 2".into()],
        ..RawVenue::default()
    }
}

/// A city hall: a database, keys to seal letters, a hasher.
struct Hall {
    db: Db,
    pool: PgPool,
    sealer: Sealer,
    service: Service,
    opener: Opener,
    hasher: SlowHasher,
}

impl Hall {
    async fn open() -> Self {
        let db = Db::fresh().await;
        let (sealer, opener) = keys(&db).await;
        let pool = db.pool(DbRole::Web).await;
        Self { db, pool, sealer, service: Service::sample(), opener, hasher: SlowHasher::new().unwrap() }
    }

    /// Begins an act, now.
    async fn act<By>(&self, by: By) -> Act<'_, By> {
        self.act_at(noon(), by).await
    }

    async fn act_at<By>(&self, at: DateTime<Utc>, by: By) -> Act<'_, By> {
        Act::begin(&self.pool, at, Letters { service: &self.service, sealer: &self.sealer }, by).await.unwrap()
    }

    async fn proof(&self) -> Proof {
        Proof::new(&self.hasher).await.unwrap()
    }

    /// A tracer with a token; tokens are made by the operator, not by the web process.
    async fn tracer(&self) -> Session<MayTrace> {
        let mut owner = self.db.connect(DbRole::Owner).await;
        let (_, token): (_, Token) = create_token(&mut owner, noon(), "tests", Role::Tracer, None).await.unwrap();
        caller_of(&mut owner, &token).await.unwrap().unwrap().authorise().unwrap()
    }

    async fn apply(&self, form: &RawVenue, applicant: Applicant<'_>) -> Applied {
        let new = NewVenue::parse(form).unwrap_or_else(|errors| panic!("{errors:?}"));
        let mut act = self.act(Actor::Visitor).await;
        let applied = apply(&mut act, &new, applicant).await.unwrap();
        act.commit().await.unwrap();
        applied
    }

    async fn apply_anonymously(&self) -> (VenueId, Proof) {
        let proof = self.proof().await;
        let applied = self.apply(&form(), Applicant::Anonymous(&proof)).await;
        (applied.id, proof)
    }

    async fn active_venue(&self) -> VenueId {
        let session = self.tracer().await;
        self.apply(&form(), Applicant::Official(&session, VenuePolicy::Instant)).await.id
    }

    async fn posters(&self, venue: VenueId) -> Vec<Poster> {
        posters(&mut self.pool.acquire().await.unwrap(), venue).await.unwrap()
    }

    async fn letters(&self) -> Vec<String> {
        sqlx::query_scalar("select kind from outbox order by created_at, kind").fetch_all(&self.pool).await.unwrap()
    }

    /// What the worker reads in the outbox.
    async fn opened_letters(&self) -> Vec<Letter> {
        let mut notifier = self.db.connect(DbRole::Notifier).await;
        let rows: Vec<(uuid::Uuid, String, NaiveDate, i64, Vec<u8>)> =
            sqlx::query_as("select id, kind, visit_date, epoch_id, sealed from outbox").fetch_all(&mut notifier).await.unwrap();
        let row = |(id, kind, visit_date, epoch_id, sealed)| SealedLetterRow { id, kind, visit_date, epoch_id, sealed };
        let rows: Vec<_> = rows.into_iter().map(row).collect();
        let payloads = self.opener.open_letters(&mut notifier, &rows).await.unwrap();
        payloads.iter().zip(&rows).map(|(payload, row)| Letter::open(&row.kind, payload.as_ref().unwrap()).unwrap()).collect()
    }

    async fn audited(&self) -> Vec<String> {
        sqlx::query_scalar("select action from audit_entry where target_kind = 'venue' order by id").fetch_all(&self.pool).await.unwrap()
    }
}

async fn keys(db: &Db) -> (Sealer, Opener) {
    let dir = scratch().join(format!("keys-{}", uuid::Uuid::new_v4()));
    let (keys, secrets) = (KeyStore::init(&dir).unwrap(), SecretKeys::from(SecretKey::random()));
    let mut notifier = db.connect(DbRole::Notifier).await;
    let today = TOKYO.today(noon());
    settle(&mut notifier, noon(), &secrets).await.unwrap();
    keys.ensure_days(&mut notifier, noon(), today, 7).await.unwrap();
    keys.refill_mac_keys(&mut notifier, &secrets, today).await.unwrap();
    let sealer = Sealer::new(secrets, keys.public_key(), TOKYO);
    sealer.refresh(&mut db.connect(DbRole::Web).await, noon()).await.unwrap();
    (sealer, Opener::new(keys))
}
