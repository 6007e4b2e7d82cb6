//! A database, a mail server, a clock that stands still, and a room whose letters are not sealed at all.
use crate::support::db::Db;
use crate::support::smtp_sink::SmtpSink;
use ashiato::base::clock::{Believed, Clock, SetClock};
use ashiato::base::db::DbRole;
use ashiato::base::email_address::EmailAddress;
use ashiato::base::locale::Locale;
use ashiato::base::telemetry::Metrics;
use ashiato::keys::KeyStore;
use ashiato::mail::message::Sender;
use ashiato::mail::smtp::{Deadlines, SmtpUrl};
use ashiato::mail::{Claimed, Content, Counts, Delivery, DeliveryOptions, DeliveryParts, Prepared, Rendered, Wait, counts};
use chrono::{DateTime, Duration as Span, Utc};
use sqlx::{Connection, PgConnection, PgPool};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Longer than any test: a deadline that nobody should meet.
pub const PATIENT: Duration = Duration::from_secs(30);
/// For servers that hang. The sink's right answers come well under it.
pub const SHORT: Duration = Duration::from_millis(500);

pub struct DeliveryFixture {
    pub db: Db,
    pub sink: SmtpSink,
    pub clock: Arc<SetClock>,
    pub pool: PgPool,
}

/// One row as it stands.
#[derive(Debug, sqlx::FromRow)]
pub struct OutboxRow {
    pub id: Uuid,
    pub state: String,
    pub attempts: i32,
    pub ambiguous_attempts: i32,
    pub next_at: DateTime<Utc>,
    pub reason: Option<String>,
    pub repeats: i32,
    pub finished_at: Option<DateTime<Utc>>,
}

/// `sealed` is the address, or a word that says what else should happen.
pub struct Plain(pub Arc<SetClock>);

#[async_trait::async_trait]
impl Content for Plain {
    async fn prepare(&self, conn: &mut PgConnection, rows: Vec<Claimed>) -> Result<Vec<(Claimed, Prepared)>, sqlx::Error> {
        let mut answers = Vec::new();
        for row in rows {
            let prepared = match row.sealed.as_slice() {
                b"merged" => Prepared::Merged,
                b"suppressed" => Prepared::Suppressed,
                b"cancelled" => Prepared::Cancelled,
                b"paused" => Prepared::Wait(self.0.now() + Span::minutes(5), Wait::Paused),
                b"panic" => panic!("a mistake in a room"),
                b"mistake" => {
                    sqlx::query("select 1 / 0").execute(&mut *conn).await?;
                    Prepared::Merged
                }
                b"forgotten" => continue,
                b"somebody stops" => {
                    sqlx::query(
                        "insert into sending_stop (id, kind, reason, stopped_by, stopped_at) values ($1, 'asked', 'x', 'token:x', now())",
                    )
                    .bind(row.id)
                    .execute(&mut *conn)
                    .await?;
                    Prepared::Merged
                }
                other => mail(other),
            };
            answers.push((row, prepared));
        }
        Ok(answers)
    }
}

fn mail(sealed: &[u8]) -> Prepared {
    let Some(to) = std::str::from_utf8(sealed).ok().and_then(|text| EmailAddress::parse(text).ok()) else {
        return Prepared::Dead("tampered");
    };
    Prepared::Mail(Rendered { to, locale: Locale::Ja, subject: "お知らせ".to_owned(), body: "本文\n".to_owned() })
}

impl DeliveryFixture {
    pub async fn new() -> Self {
        let db = Db::fresh().await;
        let pool = db.pool(DbRole::Notifier).await;
        let clock = Arc::new(SetClock::new("2026-11-22T03:00:00Z".parse().unwrap()));
        Self { sink: SmtpSink::start().await, db, clock, pool }
    }

    /// A worker with connections and a pool of its own.
    pub async fn notifier(&self, connections: u8, limit: Duration) -> Delivery {
        self.notifier_at(&self.sink.url(), connections, limit).await
    }

    /// A worker that remembers beside these keys how far sending came.
    pub async fn notifier_remembering(&self, keys: KeyStore) -> Delivery {
        self.notifier_with(&self.sink.url(), 2, PATIENT, Some(keys)).await
    }

    pub async fn notifier_at(&self, url: &str, connections: u8, limit: Duration) -> Delivery {
        self.notifier_with(url, connections, limit, None).await
    }

    async fn notifier_with(&self, url: &str, connections: u8, limit: Duration, memory: Option<KeyStore>) -> Delivery {
        let options = DeliveryOptions { connections, deadlines: Deadlines::all(limit), memory, ..DeliveryOptions::default() };
        self.notifier_of(url, options).await
    }

    /// A worker that goes by what these clocks are worth.
    pub async fn notifier_believing(&self, believed: &Believed) -> Delivery {
        let deadlines = Deadlines::all(PATIENT);
        let options = DeliveryOptions { connections: 2, deadlines, believed: believed.clone(), ..DeliveryOptions::default() };
        self.notifier_of(&self.sink.url(), options).await
    }

    async fn notifier_of(&self, url: &str, options: DeliveryOptions) -> Delivery {
        let sender = Sender { name: "あおば市".to_owned(), address: EmailAddress::parse("notice@city.example.jp").unwrap() };
        let parts = DeliveryParts {
            pool: self.db.pool(DbRole::Notifier).await,
            content: Arc::new(Plain(Arc::clone(&self.clock))),
            url: SmtpUrl::parse(url).unwrap_or_else(|error| panic!("{error}")),
            sender,
            clock: Arc::<SetClock>::clone(&self.clock),
            metrics: Metrics::new(ashiato::base::telemetry::Half::Both),
        };
        Delivery::new(parts, options)
    }

    /// Queues a letter to each.
    pub async fn queue<'a>(&self, sealed: impl IntoIterator<Item = &'a str>) -> Vec<Uuid> {
        let sealed: Vec<Vec<u8>> = sealed.into_iter().map(|text| text.as_bytes().to_vec()).collect();
        let ids: Vec<Uuid> = sealed.iter().map(|_| Uuid::new_v4()).collect();
        let now = self.clock.now();
        sqlx::query(
            "insert into outbox (id, kind, visit_date, epoch_id, sealed, created_at, next_at, expires_at)
             select id, 'venue_decision', $3::date, 1, sealed, $3, $3, $3 + interval '72 hours' from unnest($1::uuid[], $2::bytea[]) as t (id, sealed)",
        )
        .bind(&ids)
        .bind(&sealed)
        .bind(now)
        .execute(&self.pool)
        .await
        .unwrap();
        ids
    }

    pub async fn queue_many(&self, rows: usize) -> Vec<Uuid> {
        let addresses: Vec<String> = (0..rows).map(|n| format!("visitor{n}@example.jp")).collect();
        self.queue(addresses.iter().map(String::as_str)).await
    }

    pub async fn rows(&self) -> Vec<OutboxRow> {
        sqlx::query_as("select id, state, attempts, ambiguous_attempts, next_at, reason, repeats, finished_at from outbox")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    pub async fn row(&self, id: Uuid) -> OutboxRow {
        self.rows().await.into_iter().find(|row| row.id == id).unwrap()
    }

    pub async fn counts(&self) -> Counts {
        counts(&self.pool, None).await.unwrap()
    }

    /// Waits until a row is in this state. Panics after [`PATIENT`].
    pub async fn until(&self, id: Uuid, state: &str) {
        let reached = async {
            while self.row(id).await.state != state {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENT, reached).await.unwrap_or_else(|_| panic!("never {state}"));
    }

    /// How often the sink took this row's mail.
    pub fn accepted(&self, id: Uuid) -> usize {
        self.sink.accepted_by_message_id().get(&format!("{id}@city.example.jp")).copied().unwrap_or(0)
    }

    /// The promise (docs/DESIGN.md §3 "Mail"), row by row, and that no mail came from nowhere.
    pub async fn judge(&self, rows: usize) -> Counts {
        let counts = self.counts().await;
        assert_eq!(counts.rows(), i64::try_from(rows).unwrap(), "{counts:?}");
        let mut seen = 0;
        for row in self.rows().await {
            let accepted = self.accepted(row.id);
            seen += accepted;
            let most = 1 + usize::try_from(row.ambiguous_attempts + row.repeats).unwrap();
            match row.state.as_str() {
                "sent" | "ambiguous" => assert!((1..=most).contains(&accepted), "{row:?} accepted {accepted}"),
                "submitting" => assert!(accepted <= most, "{row:?} accepted {accepted}"),
                _ => assert!(accepted < most, "{row:?} accepted {accepted}"),
            }
        }
        assert_eq!(seen, self.sink.accepted().len());
        counts
    }

    /// The upper half of the promise, while rows are still on their way.
    pub async fn judge_midway(&self, rows: usize) -> Counts {
        let counts = self.counts().await;
        assert_eq!(counts.rows(), i64::try_from(rows).unwrap(), "{counts:?}");
        for row in self.rows().await {
            let accepted = self.accepted(row.id);
            // A dead worker's last statement may still run, so that a rescue passes its rows over.
            let open = row.state == "sent" || row.state == "submitting";
            let most = usize::try_from(row.ambiguous_attempts).unwrap() + usize::from(open);
            assert!(accepted <= most, "{row:?} accepted {accepted}");
            assert!(accepted >= usize::from(row.state == "sent"), "{row:?} accepted {accepted}");
        }
        counts
    }

    /// Cuts all connections to the database and lets no new ones in.
    pub async fn take_database_away(&self) {
        let name = self.administer("alter database {} with allow_connections false").await;
        let cut = format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
        self.administer(&cut).await;
    }

    pub async fn bring_database_back(&self) {
        self.administer("alter database {} with allow_connections true").await;
    }

    async fn administer(&self, statement: &str) -> String {
        let options = sqlx::postgres::PgConnectOptions::from_str(self.db.url()).unwrap();
        let name = options.get_database().unwrap().to_owned();
        let mut connection = PgConnection::connect_with(&options.database("postgres")).await.unwrap();
        let statement = sqlx::AssertSqlSafe(statement.replace("{}", &name));
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        name
    }
}
