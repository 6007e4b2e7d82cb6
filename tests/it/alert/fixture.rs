//! The fixture of stories about alerts: a database under the real grants, keys, a clock that is set by hand, and a postman who does
//! what delivery does with prepared notices, without a network.
use crate::support::console::employ;
use crate::support::db::{Db, scratch};
use ashiato::alert::{
    self, AlertError, AlertId, Approval, Caps, CityRules, DispatchOptions, Dispatcher, NoticeContent, PassReport, Preview, RawWording,
    Reason, ReleaseRules, Reported, Seen, Status, Submission, WordingError,
};
use ashiato::base::clock::{Clock, SetClock, SystemClock, Zone};
use ashiato::base::config::Service;
use ashiato::base::db::DbRole;
use ashiato::base::email_address::EmailAddress;
use ashiato::base::locale::Locale;
use ashiato::base::secret::{SecretKey, SecretKeys};
use ashiato::case::{NewCase, Stay};
use ashiato::keys::{KeyStore, Opener, Sealer, settle};
use ashiato::mail::{Claimed, Content, Counts, Prepared};
use ashiato::official::{Act, Letters, Permission, Role, Session, caller_of, create_token};
use ashiato::retention::{self, How, Look, PurgeError, Purged, Retention};
use ashiato::venue::VenueId;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use sqlx::PgPool;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use std::sync::Arc;
use uuid::Uuid;

pub const TOKYO: Zone = Zone(chrono_tz::Asia::Tokyo);
pub const RETENTION_DAYS: u16 = 31;
/// A Sunday noon in Japan.
pub const NOON: &str = "2026-11-22T03:00:00Z";

pub struct AlertFixture {
    pub db: Db,
    pub web: PgPool,
    pub notifier: PgPool,
    pub clock: Arc<SetClock>,
    pub service: Service,
    pub sealer: Sealer,
    pub keys: KeyStore,
    pub opener: Arc<Opener>,
    pub hold_minutes: u16,
    pub tokens_may_approve: bool,
    pub tell_venues: bool,
    pub max_notices: u32,
    pub city: CityRules,
    secrets: SecretKeys,
}

/// A mail that the postman took away.
pub struct Mail {
    pub to: String,
    pub locale: Locale,
    pub subject: String,
    pub body: String,
}

struct Row16(Claimed);

impl FromRow<'_, PgRow> for Row16 {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(Claimed {
            id: row.try_get("id")?,
            kind: row.try_get("kind")?,
            visit_date: row.try_get("visit_date")?,
            epoch_id: row.try_get("epoch_id")?,
            sealed: row.try_get("sealed")?,
            alert_id: row.try_get("alert_id")?,
            venue_id: row.try_get("venue_id")?,
            mac: row.try_get("mac")?,
            attempts: row.try_get("attempts")?,
            ambiguous_attempts: row.try_get("ambiguous_attempts")?,
            created_at: row.try_get("created_at")?,
            repeats: row.try_get("repeats")?,
            ended_as: row.try_get("ended_as")?,
        }))
    }
}

impl AlertFixture {
    pub async fn new() -> Self {
        Self::at(NOON.parse().unwrap()).await
    }

    pub async fn at(now: DateTime<Utc>) -> Self {
        let db = Db::fresh().await;
        let keys = KeyStore::init(&scratch().join(format!("keys-{}", Uuid::new_v4()))).unwrap();
        let secrets = SecretKeys::from(SecretKey::random());
        settle(&mut db.connect(DbRole::Notifier).await, now, &secrets).await.unwrap();
        let fixture = Self {
            web: db.pool(DbRole::Web).await,
            notifier: db.pool(DbRole::Notifier).await,
            clock: Arc::new(SetClock::new(now)),
            service: service(),
            sealer: Sealer::new(secrets.clone(), keys.public_key(), TOKYO),
            opener: Arc::new(Opener::new(keys.clone())),
            keys,
            hold_minutes: 0,
            tokens_may_approve: true,
            tell_venues: false,
            max_notices: 20_000,
            city: CityRules::default(),
            secrets,
            db,
        };
        fixture.wake().await;
        fixture
    }

    /// What background tasks do each day: keys, epochs, partitions.
    pub async fn wake(&self) {
        let mut notifier = self.notifier.acquire().await.unwrap();
        let (now, today) = (self.now(), self.today());
        self.keys.ensure_days(&mut notifier, now, today, 2).await.unwrap();
        self.keys.refill_mac_keys(&mut notifier, &self.secrets, today).await.unwrap();
        sqlx::query("select create_visit_day($1)").bind(today).execute(&mut *notifier).await.unwrap();
        self.sealer.refresh(&mut self.web.acquire().await.unwrap(), now).await.unwrap();
    }

    /// The worker was at work until `at`, and its last purge was when this town was young.
    pub async fn worked_until(&self, at: DateTime<Utc>) {
        sqlx::query(
            "insert into service_clock (lived_at, seen_at, purged_at) values ($1, $1, least($1, $2))
             on conflict (id) do update set lived_at = $1, seen_at = $1, doubted_seconds = 0, purged_at = excluded.purged_at, crowd = 0",
        )
        .bind(at)
        .bind(self.now())
        .execute(&self.notifier)
        .await
        .unwrap();
    }

    /// A purge by a worker that has been at work all the time, when this machine's clock shows `local` and Postgres's the truth.
    pub async fn purge_at(&self, local: DateTime<Utc>, dry_run: bool) -> Result<Purged, PurgeError> {
        let database = SystemClock.now();
        self.worked_until(local.min(database)).await;
        let look = Look { local, database, elapsed: Duration::zero(), synchronised: Some(true) };
        let how = How { dry_run, let_go: Vec::new() };
        retention::purge(&look, &self.notifier, &self.keys, Retention { zone: TOKYO, days: RETENTION_DAYS }, &how).await
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn today(&self) -> NaiveDate {
        TOKYO.today(self.now())
    }

    pub async fn pass(&self, by: Duration) {
        self.clock.advance(by);
        self.wake().await;
    }

    pub async fn venue(&self) -> VenueId {
        let id = VenueId::random();
        self.sql(
            "insert into venue (id, name, kind, address, contact_email, locale, status, created_at)
             values ($1, '喫茶 ひだまり', 'restaurant', 'あおば市中央1-2-3', 'shop' || chr(64) || 'example.jp', 'ja', 'active', now())",
            id.0,
        )
        .await;
        id
    }

    /// Runs a statement as the schema's owner, with one identifier bound.
    pub async fn sql(&self, statement: &'static str, id: Uuid) {
        sqlx::query(statement).bind(id).execute(&mut self.db.connect(DbRole::Owner).await).await.unwrap();
    }

    pub async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(&mut self.db.connect(DbRole::Owner).await).await.unwrap()
    }

    /// Somebody checks in today.
    pub async fn visit(&self, venue: VenueId, email: &str) {
        self.visit_in(venue, email, Locale::Ja).await;
    }

    pub async fn visit_in(&self, venue: VenueId, email: &str, locale: Locale) {
        let (date, address) = (self.today(), EmailAddress::parse(email).unwrap());
        let sealed = self.sealer.seal_visit(date, venue.0, &address, locale).unwrap();
        sqlx::query("insert into visit (venue_id, visit_date, mac, epoch_id, poster_no, sealed) values ($1, $2, $3, $4, 1, $5) on conflict do nothing")
            .bind(venue.0)
            .bind(date)
            .bind(sealed.mac.as_slice())
            .bind(sealed.epoch_id)
            .bind(sealed.sealed)
            .execute(&self.web)
            .await
            .unwrap();
    }

    /// Visitors `from` to `to`, each with an address of their own.
    pub async fn visits(&self, venue: VenueId, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.visit(venue, &format!("visitor{number}@example.jp")).await;
        }
    }

    /// The session of whoever holds a command-line token of this name.
    pub async fn session<P: Permission>(&self, name: &str, role: Role) -> Session<P> {
        self.session_of(name, role, None).await
    }

    pub async fn session_of<P: Permission>(&self, name: &str, role: Role, made_by: Option<Uuid>) -> Session<P> {
        let mut owner = self.db.connect(DbRole::Owner).await;
        let (_, token) = create_token(&mut owner, self.now(), name, role, made_by).await.unwrap();
        caller_of(&mut owner, &token).await.unwrap().unwrap().authorise().unwrap()
    }

    pub async fn official(&self, role: &'static str) -> Uuid {
        let id = Uuid::new_v4();
        sqlx::query("insert into official (id, email, name, role, created_at) values ($1, $2, 'made up', $3, now())")
            .bind(id)
            .bind(format!("{id}@example.jp"))
            .bind(role)
            .execute(&mut self.db.connect(DbRole::Owner).await)
            .await
            .unwrap();
        employ(&mut self.db.connect(DbRole::Owner).await, self.now(), id).await;
        id
    }

    /// Begins an act of web, now.
    pub async fn act<By>(&self, by: By) -> Act<'_, By> {
        Act::begin(&self.web, self.now(), Letters { service: &self.service, sealer: &self.sealer }, by).await.unwrap()
    }

    pub fn rules(&self) -> ReleaseRules {
        ReleaseRules {
            hold_minutes: self.hold_minutes,
            tokens_may_approve: self.tokens_may_approve,
            window: self.city.window,
            caps: self.city.caps,
            tell_venues: self.tell_venues,
        }
    }

    pub async fn report(&self, stays: &[(VenueId, NaiveDate)]) -> Reported {
        let stays = stays.iter().map(|&(venue_id, date)| Stay { venue_id, date }).collect();
        let case = NewCase { reference: "R8-0123".into(), stays, ..NewCase::default() };
        let session = self.session("reporter", Role::Tracer).await;
        let mut act = self.act(&session).await;
        let reported = alert::report_case(&mut act, &case).await.unwrap();
        act.commit().await.unwrap();
        reported
    }

    pub async fn preview(&self, alert: AlertId) -> Preview {
        alert::preview(&mut self.web.acquire().await.unwrap(), self.now(), &self.service, alert).await.unwrap()
    }

    pub async fn seen(&self, alert: AlertId) -> Seen {
        let preview = self.preview(alert).await;
        Seen { revision: preview.revision, digest: preview.digest, visits: preview.visits }
    }

    pub async fn submit(&self, alert: AlertId, by: &str) -> Preview {
        let session = self.session(by, Role::Tracer).await;
        let mut act = self.act(&session).await;
        let preview = alert::submit(&mut act, &self.rules(), alert, &Submission::default()).await.unwrap();
        act.commit().await.unwrap();
        preview
    }

    /// Chooses what a draft says.
    pub async fn word(&self, alert: AlertId, raw: &RawWording) -> Result<(), WordingError> {
        let session = self.session("tracer", Role::Tracer).await;
        let mut act = self.act(&session).await;
        alert::set_wording(&mut act, alert, raw).await?;
        act.commit().await.unwrap();
        Ok(())
    }

    /// Submitted and approved, each perhaps with a reason to send tonight.
    pub async fn approved_for(&self, alert: AlertId, submitter: Option<&str>, approver: Option<&str>) -> Approval {
        let reason = |text: Option<&str>| text.map(|text| Reason::parse(text).unwrap());
        let (tracer, second) = (self.session("tracer", Role::Tracer).await, self.session("approver", Role::Approver).await);
        let mut act = self.act(&tracer).await;
        let asked = Submission { seen: None, tonight: reason(submitter) };
        alert::submit(&mut act, &self.rules(), alert, &asked).await.unwrap();
        act.commit().await.unwrap();
        let seen = self.seen(alert).await;
        let mut act = self.act(&second).await;
        let approval = alert::approve(&mut act, &self.rules(), alert, &seen, reason(approver).as_ref()).await.unwrap();
        act.commit().await.unwrap();
        approval
    }

    pub async fn send_back(&self, alert: AlertId, reason: &str) -> Result<(), AlertError> {
        let session = self.session("approver", Role::Approver).await;
        let mut act = self.act(&session).await;
        alert::send_back(&mut act, &self.rules(), alert, &Reason::parse(reason).unwrap()).await?;
        act.commit().await.unwrap();
        Ok(())
    }

    pub async fn approve(&self, alert: AlertId, by: &str, seen: &Seen) -> Result<Approval, AlertError> {
        self.approve_as(alert, &self.session(by, Role::Approver).await, seen).await
    }

    pub async fn approve_as(
        &self,
        alert: AlertId,
        session: &Session<ashiato::official::MayApprove>,
        seen: &Seen,
    ) -> Result<Approval, AlertError> {
        let mut act = self.act(session).await;
        let approval = alert::approve(&mut act, &self.rules(), alert, seen, None).await?;
        act.commit().await.unwrap();
        Ok(approval)
    }

    /// Submitted by one, approved by another who saw what there is now.
    pub async fn approved(&self, alert: AlertId) -> Approval {
        self.submit(alert, "tracer").await;
        let seen = self.seen(alert).await;
        self.approve(alert, "approver", &seen).await.unwrap()
    }

    /// Reports a case with these stays and releases its alert: the notices are queued.
    pub async fn release(&self, stays: &[(VenueId, NaiveDate)]) -> AlertId {
        let alert = self.report(stays).await.alert_id;
        self.approved(alert).await;
        self.dispatch().await;
        alert
    }

    pub async fn cancel(&self, alert: AlertId) -> Result<(), AlertError> {
        let session = self.session("approver", Role::Approver).await;
        let mut act = self.act(&session).await;
        alert::cancel(&mut act, alert).await?;
        act.commit().await.unwrap();
        Ok(())
    }

    pub async fn pause(&self, alert: AlertId) -> Result<(), AlertError> {
        let session = self.session("tracer", Role::Tracer).await;
        let mut act = self.act(&session).await;
        let paused = alert::pause(&mut act, alert).await;
        act.settle(paused).await
    }

    pub async fn resume(&self, alert: AlertId) -> Result<(), AlertError> {
        let session = self.session("approver", Role::Approver).await;
        let mut act = self.act(&session).await;
        let resumed = alert::resume(&mut act, alert).await;
        act.settle(resumed).await
    }

    pub async fn release_late(&self, alert: AlertId, typed: i64) -> Result<(), AlertError> {
        let session = self.session("approver", Role::Approver).await;
        let mut act = self.act(&session).await;
        alert::release_late(&mut act, &self.rules(), alert, typed).await?;
        act.commit().await.unwrap();
        Ok(())
    }

    pub fn dispatcher(&self) -> Dispatcher {
        let caps = Caps { per_alert: self.max_notices, ..self.city.caps };
        let options = DispatchOptions { caps, window: self.city.window, tokens_may_approve: self.tokens_may_approve };
        Dispatcher::new(self.notifier.clone(), self.clock.clone(), self.service.clone(), options)
    }

    pub async fn dispatch(&self) -> PassReport {
        self.dispatcher().run_due().await.unwrap()
    }

    pub async fn status(&self, alert: AlertId) -> Status {
        alert::status(&mut self.web.acquire().await.unwrap(), alert).await.unwrap().unwrap()
    }

    pub async fn delivery(&self, alert: AlertId) -> Counts {
        alert::delivery(&mut self.web.acquire().await.unwrap(), alert).await.unwrap()
    }

    /// Prepares every notice that is due, in batches of `batch`, and takes the mails away.
    pub async fn deliver_by(&self, batch: usize) -> Vec<Mail> {
        self.deliver_some(batch, i64::MAX).await
    }

    /// The same for at most `limit` notices.
    pub async fn deliver_some(&self, batch: usize, limit: i64) -> Vec<Mail> {
        let due: Vec<Row16> = sqlx::query_as(
            "select * from outbox where alert_id is not null and state in ('queued', 'deferred') and next_at <= $1
             order by created_at, id limit $2",
        )
        .bind(self.now())
        .bind(limit)
        .fetch_all(&self.notifier)
        .await
        .unwrap();
        let content = NoticeContent::new(self.opener.clone(), self.clock.clone(), self.city.window, TOKYO);
        let mut mails = Vec::new();
        let mut due: Vec<Claimed> = due.into_iter().map(|row| row.0).collect();
        while !due.is_empty() {
            let rest = due.split_off(batch.min(due.len()));
            let mut tx = self.notifier.begin().await.unwrap();
            for (row, prepared) in content.prepare(&mut tx, std::mem::replace(&mut due, rest)).await.unwrap() {
                let (state, reason, next_at) = outcome(&prepared);
                sqlx::query(
                    "update outbox set state = $2, reason = $3, next_at = coalesce($4, next_at),
                         finished_at = case when $2 = 'queued' then null else $5::timestamptz end where id = $1",
                )
                .bind(row.id)
                .bind(state)
                .bind(reason)
                .bind(next_at)
                .bind(self.now())
                .execute(&mut *tx)
                .await
                .unwrap();
                if let Prepared::Mail(mail) = prepared {
                    mails.push(Mail { to: mail.to.expose().to_owned(), locale: mail.locale, subject: mail.subject, body: mail.body });
                }
            }
            tx.commit().await.unwrap();
        }
        mails
    }

    pub async fn deliver(&self) -> Vec<Mail> {
        self.deliver_by(100).await
    }

    /// What notices say that they wait for, in order.
    pub async fn waits_for(&self) -> Vec<String> {
        sqlx::query_scalar("select reason from outbox where kind = 'notice' and state = 'queued' and reason is not null order by reason")
            .fetch_all(&self.notifier)
            .await
            .unwrap()
    }

    /// To whom mails go now, in order.
    pub async fn told(&self) -> Vec<String> {
        let mut told: Vec<String> = self.deliver().await.into_iter().map(|mail| mail.to).collect();
        told.sort();
        told
    }
}

fn outcome(prepared: &Prepared) -> (&'static str, Option<&'static str>, Option<DateTime<Utc>>) {
    match prepared {
        Prepared::Mail(_) => ("sent", None, None),
        Prepared::Merged => ("merged", None, None),
        Prepared::Suppressed => ("suppressed", None, None),
        Prepared::Cancelled => ("cancelled", None, None),
        Prepared::Wait(until, what) => ("queued", Some(what.as_str()), Some(*until)),
        Prepared::Dead(reason) => ("dead", Some(reason), None),
    }
}

pub fn service() -> Service {
    Service { retention_days: RETENTION_DAYS, ..Service::sample() }
}
