//! Venues on the console: the queue of applications and the search; one venue and what is decided about it (in `one_venue`).
pub(crate) mod contact;
pub(crate) mod lists;
pub(crate) mod one_venue;

use crate::venue::review::{Application, Queue, QueueSizes, queue, queue_sizes};
use crate::venue::{self, Filter, VenueId, VenueStatus};
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::Query;
use crate::web::page::page;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use sqlx::PgConnection;

/// Applications shown of each list before "see all", and venues under a search.
const FIRST: i64 = 20;
/// Lines on one page of a whole list.
const PAGE: i64 = 50;

/// A venue in a list.
struct VenueLine {
    id: VenueId,
    name: String,
    place: String,
    /// Words and sign.
    marks: Vec<(String, &'static str)>,
    applied: String,
}

/// One of the lists of the console.
struct List {
    key: &'static str,
    title: String,
    none: String,
    size: i64,
    lines: Vec<VenueLine>,
    next: Option<VenueId>,
}

#[derive(Template)]
#[template(path = "web/console/venues/queue.html")]
struct QueuePage<'a> {
    d: ConsoleFrame<'a>,
    lists: Vec<List>,
    /// One list whole, with a way back.
    whole: bool,
    text: String,
    encoded: String,
    /// The result of a search; `None`: nothing was searched for.
    found: Option<Vec<VenueLine>>,
    more: Option<VenueId>,
}

/// `GET /console/venues`
pub(crate) async fn list(console: ConsoleRequest, query: Query) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Venues).await?;
    let text: String = query.get("q").chars().take(venue::search_key::MAX_QUERY_CHARS).collect();
    let encoded = percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let after = query.get("after").parse().ok();
    let mut connection = console.state.pool.acquire().await?;
    if let Some(asked) = venue::Query::parse(&text) {
        let (lines, more) = search(&mut connection, &d, asked, after).await?;
        let page_of = QueuePage { d, lists: Vec::new(), whole: false, text, encoded, found: Some(lines), more };
        return page(StatusCode::OK, &page_of);
    }
    let wanted = match query.get("list") {
        "waiting" => vec![Queue::Waiting],
        "answered" => vec![Queue::Answered],
        "unreviewed" => vec![Queue::Unreviewed],
        _ => vec![Queue::Waiting, Queue::Answered, Queue::Unreviewed],
    };
    let whole = wanted.len() == 1;
    let sizes = queue_sizes(&mut connection).await?;
    let mut lists = Vec::new();
    for which in wanted {
        let (most, after) = if whole { (PAGE, after) } else { (FIRST, None) };
        lists.push(read_list(&mut connection, &d, &console.state, sizes, Part { which, most, after }).await?);
    }
    page(StatusCode::OK, &QueuePage { d, lists, whole, text, encoded, found: None, more: None })
}

async fn search(
    connection: &mut PgConnection,
    d: &ConsoleFrame<'_>,
    asked: venue::Query,
    after: Option<VenueId>,
) -> Result<(Vec<VenueLine>, Option<VenueId>), Error> {
    let statuses = VenueStatus::ALL.iter().copied().filter(|status| *status != VenueStatus::Unconfirmed).collect();
    let filter = Filter { query: Some(asked), statuses, after, limit: Some(FIRST + 1), ..Filter::default() };
    let mut rows = venue::list(connection, &filter).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|count| count > FIRST);
    rows.truncate(usize::try_from(FIRST).unwrap_or(usize::MAX));
    let more = if more { rows.last().map(|row| row.id) } else { None };
    let lines = rows.into_iter().map(|row| {
        let mut marks = vec![(row.status.label(d.f.locale), sign(row.status))];
        if row.status == VenueStatus::Active && !row.reviewed {
            marks.push((d.f.w.desk_venue_unreviewed(), "wait"));
        }
        VenueLine { id: row.id, name: row.name, place: place(row.kana.as_deref(), &row.address), marks, applied: String::new() }
    });
    Ok((lines.collect(), more))
}

pub(super) fn place(kana: Option<&str>, address: &str) -> String {
    kana.map_or_else(|| address.to_owned(), |kana| format!("{kana}　{address}"))
}

pub(super) fn sign(status: VenueStatus) -> &'static str {
    match status {
        VenueStatus::Active => "good",
        VenueStatus::Invited | VenueStatus::Pending => "wait",
        VenueStatus::Suspended => "bad",
        VenueStatus::Unconfirmed | VenueStatus::Refused | VenueStatus::Closed => "",
    }
}

/// A part of a list: at most so many after this one.
struct Part {
    which: Queue,
    most: i64,
    after: Option<VenueId>,
}

async fn read_list(
    connection: &mut PgConnection,
    d: &ConsoleFrame<'_>,
    state: &State,
    sizes: QueueSizes,
    part: Part,
) -> Result<List, Error> {
    let Part { which, most, after } = part;
    let mut rows = queue(connection, which, after, most + 1).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|count| count > most);
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    let next = if more { rows.last().map(|row| row.id) } else { None };
    let w = d.f.w;
    let (title, none, size) = match which {
        Queue::Waiting => (w.desk_venue_waiting(), w.desk_venue_waiting_none(), sizes.waiting),
        Queue::Answered => (w.desk_venue_answered_title(), w.desk_venue_answered_none(), sizes.answered),
        Queue::Unreviewed => (w.desk_venue_unreviewed_title(), w.desk_venue_unreviewed_none(), sizes.unreviewed),
    };
    let lines = rows.into_iter().map(|row| application(d, state, row)).collect();
    Ok(List { key: which.as_str(), title, none, size, lines, next })
}

fn application(d: &ConsoleFrame<'_>, state: &State, row: Application) -> VenueLine {
    let (w, locale, zone) = (d.f.w, d.f.locale, state.service.zone);
    let moment = |at| format!("{} {}", locale.short_date(zone.today(at)), zone.wall_time(at));
    let mut marks = Vec::new();
    if row.twins > 0 {
        marks.push((w.desk_venue_twin(), "bad"));
    }
    if let Some(at) = row.answered_at {
        marks.push((w.desk_venue_answered(locale.short_date(zone.today(at))), "good"));
    } else if let Some(at) = row.asked_at {
        marks.push((w.desk_venue_asked(locale.short_date(zone.today(at))), "wait"));
    }
    VenueLine { id: row.id, name: row.name, place: place(row.kana.as_deref(), &row.address), marks, applied: moment(row.created_at) }
}
