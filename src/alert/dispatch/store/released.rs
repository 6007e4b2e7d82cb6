//! SQL of what delivery asks of a released alert: how it stands, and who of its people is told by which notice.
use crate::alert::Texts;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// How an alert stands for a notice that is about to be sent.
pub(crate) struct ReleaseState {
    pub(crate) alert: Uuid,
    pub(crate) cancelled: bool,
    /// A correction of it has begun to leave: its notices came first, or not at all.
    pub(crate) corrected: bool,
    pub(crate) paused: bool,
    /// Until then it may leave outside the hours.
    pub(crate) tonight_until: Option<DateTime<Utc>>,
    pub(crate) texts: Option<Texts>,
}

impl ReleaseState {
    /// Whether nothing of it leaves any more.
    pub(crate) fn is_over(&self) -> bool {
        self.cancelled || self.corrected
    }
}

pub(crate) async fn release_states(conn: &mut PgConnection, alerts: &[Uuid]) -> Result<Vec<ReleaseState>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select a.id as "id!", a.cancelled_at is not null as "cancelled!",
               a.paused_at is not null or a.pauses > coalesce(d.resumed_pause, 0) as "paused!",
               d.tonight_until as "tonight_until?", d.texts as "texts?: Json<Texts>",
               exists (select from alert c join alert_dispatch cd on cd.alert_id = c.id
                       where c.corrects = a.id and cd.started_at is not null) as "corrected!"
           from alert a left join alert_dispatch d on d.alert_id = a.id where a.id = any($1)"#,
        alerts,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ReleaseState {
            alert: row.id,
            cancelled: row.cancelled,
            corrected: row.corrected,
            paused: row.paused,
            tonight_until: row.tonight_until,
            texts: row.texts.map(|json| json.0),
        })
        .collect())
}

/// Which of these people (alert, hash) another notice of the alert speaks for that was taken, perhaps was, or is being handed over.
/// `asked`: alert, person, and the notice that asks.
pub(crate) async fn told_by_another(conn: &mut PgConnection, asked: &[(Uuid, [u8; 32], Uuid)]) -> Result<Vec<Uuid>, sqlx::Error> {
    let alerts: Vec<Uuid> = asked.iter().map(|claim| claim.0).collect();
    let people: Vec<Vec<u8>> = asked.iter().map(|claim| claim.1.to_vec()).collect();
    let notices: Vec<Uuid> = asked.iter().map(|claim| claim.2).collect();
    sqlx::query_scalar!(
        r#"-- a row that is gone went with its date, after it had been sent
           select c.outbox_id as "notice!" from unnest($1::uuid[], $2::bytea[], $3::uuid[]) as c (alert_id, person, outbox_id)
           join alert_person p on p.alert_id = c.alert_id and p.person = c.person and p.outbox_id <> c.outbox_id
           left join outbox o on o.id = p.outbox_id
           where o.id is null or o.state in ('sent', 'ambiguous', 'submitting')"#,
        &alerts,
        &people,
        &notices,
    )
    .fetch_all(conn)
    .await
}

/// Claims people for notices, each for the first notice that asks. Returns the notices that hold their person's claim, of now
/// or of an earlier attempt. `claims` must be sorted, so that two deliveries never wait for one another in a circle.
pub(crate) async fn claim_people(conn: &mut PgConnection, claims: &[(Uuid, [u8; 32], Uuid)]) -> Result<Vec<Uuid>, sqlx::Error> {
    let alerts: Vec<Uuid> = claims.iter().map(|claim| claim.0).collect();
    let people: Vec<Vec<u8>> = claims.iter().map(|claim| claim.1.to_vec()).collect();
    let notices: Vec<Uuid> = claims.iter().map(|claim| claim.2).collect();
    sqlx::query!(
        "insert into alert_person (alert_id, person, outbox_id)
         select alert_id, person, outbox_id from unnest($1::uuid[], $2::bytea[], $3::uuid[]) as c (alert_id, person, outbox_id)
         on conflict (alert_id, person) do nothing",
        &alerts,
        &people,
        &notices,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query_scalar!(
        "select p.outbox_id from alert_person p
         join unnest($1::uuid[], $2::bytea[], $3::uuid[]) as c (alert_id, person, outbox_id)
           on p.alert_id = c.alert_id and p.person = c.person and p.outbox_id = c.outbox_id",
        &alerts,
        &people,
        &notices,
    )
    .fetch_all(conn)
    .await
}
