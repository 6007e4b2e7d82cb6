//! SQL of lists of alerts. Besides its own room's tables it reads which cases are open.
use super::{Asked, Begin, Sizes};
use crate::alert::progress::{Refusal, Returned, State, Status};
use crate::alert::wording::Advice;
use crate::alert::{AlertId, AlertNumber, Wording};
use crate::base::cursor::Cursor;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A row of the list, as it is read.
struct AlertRow {
    id: AlertId,
    number: String,
    revision: i32,
    until_date: NaiveDate,
    until_chosen: bool,
    advice: Advice,
    note_ja: Option<String>,
    note_en: Option<String>,
    name_venues: bool,
    created_by: String,
    created_at: DateTime<Utc>,
    submitted_by: Option<String>,
    submitted_at: Option<DateTime<Utc>>,
    tonight_reason: Option<String>,
    returned_at: Option<DateTime<Utc>>,
    returned_by: Option<String>,
    return_reason: Option<String>,
    replaced_by: Option<AlertId>,
    state: State,
    rank: i16,
    withdrawn_at: Option<DateTime<Utc>>,
    late: i64,
    approved_by: Option<String>,
    approved_visits: Option<i32>,
    hold_until: Option<DateTime<Utc>>,
    tonight_approved: Option<String>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    refused: Option<Refusal>,
    release_pending: bool,
    release_refused: Option<Refusal>,
    corrects: Option<AlertId>,
    corrected_by: Option<AlertId>,
    request_pending: bool,
}

impl AlertRow {
    fn status(self) -> (Status, Cursor) {
        let place = Cursor { rank: self.rank, at: self.created_at, id: self.id.0 };
        let status = Status {
            id: self.id,
            number: AlertNumber::from_stored(self.number),
            state: self.state,
            revision: self.revision,
            wording: wording(self.advice, self.until_date, (self.note_ja, self.note_en), self.name_venues),
            until_chosen: self.until_chosen,
            created_by: self.created_by,
            created_at: self.created_at,
            submitted_by: self.submitted_by,
            submitted_at: self.submitted_at,
            tonight_submitted: self.tonight_reason,
            tonight_approved: self.tonight_approved,
            returned: returned(self.returned_at, self.returned_by, self.return_reason),
            replaced_by: self.replaced_by,
            approved_by: self.approved_by,
            approved_visits: self.approved_visits,
            hold_until: self.hold_until,
            started_at: self.started_at,
            finished_at: self.finished_at,
            refused: self.refused,
            late: self.late,
            release_pending: self.release_pending,
            release_refused: self.release_refused,
            corrects: self.corrects,
            corrected_by: self.corrected_by,
            withdrawn_at: self.withdrawn_at,
            request_pending: self.request_pending,
        };
        (status, place)
    }
}

/// Alerts as asked, each with its place. How a state follows from the rows, and which list is whose, the view `alert_standing`
/// knows alone: both are derived before anything is left out.
pub(in crate::alert) async fn statuses(conn: &mut PgConnection, asked: &Asked<'_>) -> Result<Vec<(Status, Cursor)>, sqlx::Error> {
    let ids: Option<Vec<Uuid>> = asked.ids.map(|ids| ids.iter().map(|id| id.0).collect());
    let lists: Option<Vec<i16>> = asked.lists.map(|lists| lists.iter().map(|list| list.rank()).collect());
    let (from, back) = match asked.from {
        Some(Begin::After(cursor)) => (Some(cursor), false),
        Some(Begin::Before(cursor)) => (Some(cursor), true),
        None => (None, false),
    };
    let rows = sqlx::query_as!(
        AlertRow,
        r#"select a.id as "id!: AlertId", a.number as "number!", a.revision as "revision!", a.until_date as "until_date!",
               a.until_chosen as "until_chosen!", a.advice as "advice!: Advice", a.note_ja, a.note_en, a.name_venues as "name_venues!",
               a.created_by as "created_by!", a.created_at as "created_at!", a.submitted_by as "submitted_by?", a.submitted_at,
               a.tonight_reason, a.returned_at, a.returned_by, a.return_reason, a.replaced_by as "replaced_by?: AlertId",
               s.state as "state!: State", s.rank as "rank!", s.withdrawn_at as "withdrawn_at?", s.late as "late!",
               p.principal as "approved_by?", p.visits as "approved_visits?", p.hold_until as "hold_until?",
               p.tonight_reason as "tonight_approved?", d.started_at as "started_at?", d.finished_at as "finished_at?",
               case when d.refused_revision = a.revision then d.refused_reason end as "refused?: Refusal",
               exists (select from alert_late_release r where r.alert_id = a.id and r.handled_at is null) as "release_pending!",
               (select r.refused_reason from alert_late_release r where r.alert_id = a.id
                order by r.released_at desc limit 1) as "release_refused?: Refusal",
               a.corrects as "corrects?: AlertId",
               (select c.id from alert c where c.corrects = a.id and c.cancelled_at is null) as "corrected_by?: AlertId",
               exists (select from delivery_request w where w.alert_id = a.id and w.handled_at is null) as "request_pending!"
           from alert a
           left join alert_approval p on p.alert_id = a.id and p.revision = a.revision
           left join alert_dispatch d on d.alert_id = a.id
           join alert_standing s on s.alert_id = a.id
           where ($1::uuid[] is null or a.id = any($1))
             and ($3::int2[] is null or s.rank = any($3))
             and not ($8 and s.beside_case)
             and (not $9 or d.started_at is not null or s.state = 'held')
             and ($4::int2 is null
                  or (not $7 and (s.rank > $4 or (s.rank = $4 and (a.created_at, a.id) < ($5, $6))))
                  or ($7 and (s.rank < $4 or (s.rank = $4 and (a.created_at, a.id) > ($5, $6)))))
           order by case when $7 then -s.rank else s.rank end,
               case when $7 then a.created_at end, case when not $7 then a.created_at end desc,
               case when $7 then a.id end, case when not $7 then a.id end desc
           limit $2"#,
        ids.as_deref(),
        asked.limit,
        lists.as_deref(),
        from.map(|cursor| cursor.rank),
        from.map(|cursor| cursor.at),
        from.map(|cursor| cursor.id),
        back,
        asked.apart_from_cases,
        asked.released,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(AlertRow::status).collect())
}

fn wording(advice: Advice, until: NaiveDate, (note_ja, note_en): (Option<String>, Option<String>), name_venues: bool) -> Wording {
    Wording { advice, until, note_ja, note_en, name_venues }
}

fn returned(at: Option<DateTime<Utc>>, by: Option<String>, reason: Option<String>) -> Option<Returned> {
    Some(Returned { at: at?, by: by?, reason: reason? })
}

/// How many alerts each list has.
pub(super) async fn sizes(conn: &mut PgConnection, apart_from_cases: bool) -> Result<Sizes, sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) filter (where rank = 0) as "waiting!", count(*) filter (where rank = 1) as "out!",
               count(*) filter (where rank = 2) as "drafts!", count(*) filter (where rank = 3) as "ended!"
           from alert_standing where not ($1 and beside_case)"#,
        apart_from_cases,
    )
    .fetch_one(conn)
    .await?;
    Ok([row.waiting, row.out, row.drafts, row.ended])
}
