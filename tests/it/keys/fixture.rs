//! A worker and a web process on one database, at noon of 22 November 2026 in Tokyo.
use crate::support::db::{Db, scratch};
use ashiato::base::clock::Zone;
use ashiato::base::db::DbRole;
use ashiato::base::email_address::EmailAddress;
use ashiato::base::locale::Locale;
use ashiato::base::secret::{SecretKey, SecretKeys};
use ashiato::keys::{KeyStore, NotifierPublicKey, Opener, SealedRow, Sealer, settle};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::path::PathBuf;
use uuid::Uuid;

pub fn noon() -> DateTime<Utc> {
    "2026-11-22T03:00:00Z".parse().unwrap()
}

/// A day of November 2026.
pub fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

pub fn fresh_keys() -> KeyStore {
    KeyStore::init(&fresh_dir()).unwrap()
}

fn fresh_dir() -> PathBuf {
    scratch().join("keys").join(Uuid::new_v4().to_string())
}

pub struct KeysFixture {
    pub db: Db,
    pub keys: KeyStore,
    pub secrets: SecretKeys,
    pub sealer: Sealer,
    dir: PathBuf,
}

impl KeysFixture {
    /// Keys made, nothing published.
    pub async fn bare() -> Self {
        let (db, dir, secrets) = (Db::fresh().await, fresh_dir(), SecretKeys::from(SecretKey::random()));
        let keys = KeyStore::init(&dir).unwrap();
        let sealer = Sealer::new(secrets.clone(), keys.public_key(), Zone(chrono_tz::Asia::Tokyo));
        settle(&mut db.connect(DbRole::Notifier).await, noon(), &secrets).await.unwrap();
        Self { db, keys, secrets, sealer, dir }
    }

    /// Keys published for 21 … 29 November, mac keys handed over.
    pub async fn published() -> Self {
        let fixture = Self::bare().await;
        let mut notifier = fixture.notifier().await;
        fixture.keys.ensure_days(&mut notifier, noon(), day(22), 7).await.unwrap();
        fixture.keys.refill_mac_keys(&mut notifier, &fixture.secrets, day(22)).await.unwrap();
        fixture
    }

    /// The web process is ready.
    pub async fn open() -> Self {
        let fixture = Self::published().await;
        fixture.sealer.refresh(&mut fixture.web().await, noon()).await.unwrap();
        assert!(fixture.sealer.ready(day(22)));
        fixture
    }

    pub async fn web(&self) -> PgConnection {
        self.db.connect(DbRole::Web).await
    }

    pub async fn notifier(&self) -> PgConnection {
        self.db.connect(DbRole::Notifier).await
    }

    pub fn opener(&self) -> Opener {
        Opener::new(self.keys.clone())
    }

    pub fn keys_dir(&self) -> PathBuf {
        self.dir.clone()
    }

    pub fn sealer_with(&self, notifier: NotifierPublicKey) -> Sealer {
        Sealer::new(self.secrets.clone(), notifier, Zone(chrono_tz::Asia::Tokyo))
    }

    /// A second web process, ready.
    pub async fn another_sealer(&self) -> Sealer {
        let sealer = self.sealer_with(self.keys.public_key());
        sealer.refresh(&mut self.web().await, noon()).await.unwrap();
        sealer
    }

    /// A worker with keys of its own for these dates, made on a database of its own.
    pub async fn another_notifier(&self, dates: &[NaiveDate]) -> KeyStore {
        let (db, keys) = (Db::fresh().await, fresh_keys());
        for date in dates {
            keys.ensure_days(&mut db.connect(DbRole::Notifier).await, noon(), *date, 0).await.unwrap();
        }
        keys
    }

    pub fn visit(&self, date: NaiveDate, venue: Uuid, typed: &str) -> SealedRow {
        let sealed = self.sealer.seal_visit(date, venue, &EmailAddress::parse(typed).unwrap(), Locale::En).unwrap();
        SealedRow { venue_id: venue, visit_date: date, mac: sealed.mac.to_vec(), epoch_id: sealed.epoch_id, sealed: sealed.sealed }
    }

    /// What somebody with all rights on the database does.
    pub async fn tamper(&self, statement: &str) {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        let done = sqlx::query(statement).execute(&mut self.db.connect(DbRole::Owner).await).await.unwrap();
        assert_ne!(done.rows_affected(), 0, "nothing was there to tamper with");
    }

    /// Another database that holds what this one holds of keys now, as a restored dump would.
    pub async fn copy(&self) -> Db {
        let copy = Db::fresh().await;
        let (mut from, mut to) = (self.db.connect(DbRole::Owner).await, copy.connect(DbRole::Owner).await);
        for table in ["data_key", "day_key", "day_mac_key", "seal_epoch"] {
            let dump = format!("select coalesce(json_agg(t), '[]')::text from {table} t");
            let dump: String = sqlx::query_scalar(sqlx::AssertSqlSafe(dump)).fetch_one(&mut from).await.unwrap();
            let restore = format!("insert into {table} select * from json_populate_recordset(null::{table}, $1::json)");
            sqlx::query(sqlx::AssertSqlSafe(restore)).bind(dump).execute(&mut to).await.unwrap();
        }
        copy
    }

    pub async fn count(&self, query: &str) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_one(&mut self.db.connect(DbRole::Owner).await).await.unwrap()
    }
}
