//! Lists of venues on the console: a file goes up, a page shows what would be made, one button makes it, and a page follows the batch.
//! Between the two pages the file waits in the database (`venue/import`): nothing half done, no script, nothing uploaded twice.
//! Rows that are left out (known, hidden, struck out) can be ticked; the page counts anew before the button makes anything.
pub(crate) mod batch;
pub(crate) mod letters;
pub(crate) mod words;

use crate::audit::words::moment;
use crate::base::table;
use crate::official::{MayTrace, Session};
use crate::venue::export::template;
use crate::venue::import::{self, Checked, Column, ImportError, ImportId, KnownBy, Unseen, Wanted};
use crate::venue::{City, VenueId};
use crate::web::api::venue_lists::{exported, sheet_file};
use crate::web::console::history::Names;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::{Form, Query};
use crate::web::page::page;
use crate::web::session::May;
use crate::web::upload::FormFile;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Path;
use askama::Template;

/// Rows shown of a list before it is imported.
const SHOWN_ROWS: usize = 20;
/// Problems, and rows of each kind that are left out, shown at once.
const SHOWN_PROBLEMS: usize = 100;

/// A problem in words: row, column, what.
struct Wrong {
    row: u32,
    column: String,
    what: String,
}

/// An earlier batch.
struct Earlier {
    id: ImportId,
    at: String,
    by: String,
    venues: i64,
    invited: i64,
    mails: String,
}

#[derive(Template)]
#[template(path = "web/console/venues/lists/import.html")]
struct ImportPage<'a> {
    d: ConsoleFrame<'a>,
    columns: Vec<(String, String)>,
    earlier: Vec<Earlier>,
    /// Why the file is not read at all.
    error: Option<String>,
    /// The mistakes inside it, and their number.
    wrong: Vec<Wrong>,
    wrong_count: usize,
    max_rows: String,
}

/// A row that would be made.
struct PlannedVenue {
    row: u32,
    name: String,
    place: String,
    kind: String,
    posters: usize,
    invited: bool,
}

/// A row that is known already.
struct TwinLine {
    row: u32,
    name: String,
    earlier_row: Option<u32>,
    venue: Option<(VenueId, String)>,
    by_number: bool,
}

/// Rows of one kind that the list leaves out, or would: how many, in words, and the box that asks for them.
struct Group {
    name: &'static str,
    count: usize,
    title: String,
    choice: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "web/console/venues/lists/checked.html")]
struct CheckedPage<'a> {
    d: ConsoleFrame<'a>,
    id: ImportId,
    venues: usize,
    posters: usize,
    invited: usize,
    lines: Vec<PlannedVenue>,
    /// The rows that can be asked for besides new ones.
    groups: Vec<Group>,
    twins: Vec<TwinLine>,
    twin_count: usize,
    /// Hidden and struck-out rows.
    unseen: Vec<import::LeftOut>,
    unseen_count: usize,
    ignored: String,
    hidden_columns: String,
    /// The same file was imported a moment ago.
    again: Option<ImportId>,
    /// The mistakes in rows that were asked for.
    wrong: Vec<Wrong>,
    wrong_count: usize,
}

impl CheckedPage<'_> {
    /// The choices as the button sends them on.
    fn chosen(&self) -> impl Iterator<Item = &'static str> {
        self.groups.iter().filter(|group| group.chosen).map(|group| group.name)
    }
}

/// `GET /console/venues/import`
pub(crate) async fn form(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    import_page(&console, None, &[]).await
}

async fn import_page(console: &ConsoleRequest, error: Option<String>, errors: &[import::RowError]) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Venues).await?;
    let (w, locale, zone) = (d.f.w, d.f.locale, console.state.service.zone);
    let mut connection = console.state.pool.acquire().await?;
    let batches = import::batches(&mut connection, console.now).await?;
    let names = Names::read(&mut connection, batches.iter().map(|batch| batch.made_by.as_str())).await?;
    drop(connection);
    let earlier = batches.into_iter().map(|batch| Earlier {
        id: batch.id,
        at: moment(locale, zone, batch.made_at),
        by: words::maker(w, &names, &batch.made_by),
        venues: batch.venues,
        invited: batch.invited,
        mails: words::mails(w, &batch),
    });
    let wrong = wrongs(&d, errors);
    let status = if error.is_some() || !errors.is_empty() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let columns = Column::ALL.iter().map(|column| (column.title(w), column.hint(w))).collect();
    let max_rows = (table::MAX_ROWS - 1).to_string();
    page(status, &ImportPage { d, columns, earlier: earlier.collect(), error, wrong, wrong_count: errors.len(), max_rows })
}

fn wrongs(d: &ConsoleFrame<'_>, errors: &[import::RowError]) -> Vec<Wrong> {
    let w = d.f.w;
    let wrong = |error: &import::RowError| Wrong { row: error.row, column: error.column.title(w), what: words::problem(w, error) };
    errors.iter().take(SHOWN_PROBLEMS).map(wrong).collect()
}

/// `POST /console/venues/import`: judges the file; a good one waits for the button on the page that follows.
pub(crate) async fn upload(console: ConsoleRequest, may: May<MayTrace>, FormFile(file): FormFile) -> Result<HttpResponse, Error> {
    let w = console.language.locale.words();
    if file.is_empty() {
        return import_page(&console, Some(w.bulk_file_none()), &[]).await;
    }
    let rows = match table::read_apart(file.clone()).await {
        Ok(rows) => rows,
        Err(error) => return import_page(&console, Some(words::unreadable(w, error)), &[]).await,
    };
    let checked = match import::check(&rows, Wanted::default()) {
        Ok(checked) => checked,
        Err(error) => return import_page(&console, Some(words::headless(w, &error)), &[]).await,
    };
    if !checked.errors.is_empty() {
        return import_page(&console, None, &checked.errors).await;
    }
    let mut act = console.act(City::from(&may.0)).await?;
    let id = import::keep(&mut act, &file).await?;
    act.commit().await?;
    Ok(to_import(&console, id, ""))
}

fn to_import(console: &ConsoleRequest, id: ImportId, done: &str) -> HttpResponse {
    let path = format!("/console/venues/import/{id}");
    if done.is_empty() {
        let lang = console.language.frame(&console.state.service).lang;
        return HttpResponse::SeeOther().insert_header((LOCATION, format!("{path}{lang}"))).finish();
    }
    crate::web::console::cases::to_page(console, &path, done)
}

/// The ticked boxes.
fn wanted(get: impl Fn(&str) -> bool) -> Wanted {
    Wanted { known: get("known"), hidden: get("hidden"), struck: get("struck") }
}

/// `GET /console/venues/import/{id}?known=&hidden=&struck=`: what would be made; once it is made, how the batch stands.
pub(crate) async fn show(console: ConsoleRequest, may: May<MayTrace>, id: Path<ImportId>, query: Query) -> Result<HttpResponse, Error> {
    match kept(&console, &may.0, *id, wanted(|name| query.get(name) == "yes")).await? {
        Some((checked, before, _)) => checked_page(&console, *id, &checked, before).await,
        None => batch::page_of(&console, *id, &query, None).await,
    }
}

/// The list that waits, judged anew, and whether the same was imported a moment ago.
async fn kept(
    console: &ConsoleRequest,
    session: &Session<MayTrace>,
    id: ImportId,
    wanted: Wanted,
) -> Result<Option<(Checked, Option<ImportId>, [u8; 32])>, Error> {
    let mut connection = console.state.pool.acquire().await?;
    let Some(file) = import::kept(&mut connection, console.now, &City::from(session), id).await? else {
        return Ok(None);
    };
    let fingerprint = import::fingerprint(&file);
    // It was good when it was kept.
    let rows = table::read_apart(file).await.map_err(|_| Error::internal())?;
    let mut checked = import::check(&rows, wanted).map_err(|_| Error::internal())?;
    import::find_twins(&mut connection, &mut checked).await?;
    let before = import::imported_before(&mut connection, console.now, fingerprint).await?;
    Ok(Some((checked, before, fingerprint)))
}

async fn checked_page(console: &ConsoleRequest, id: ImportId, checked: &Checked, again: Option<ImportId>) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Venues).await?;
    let (w, locale) = (d.f.w, d.f.locale);
    let line = |planned: &import::Planned| PlannedVenue {
        row: planned.row(),
        name: planned.name().to_owned(),
        place: planned.address().to_owned(),
        kind: planned.kind().label(locale),
        posters: planned.posters(),
        invited: planned.invited(),
    };
    let twin = |twin: &import::Twin| TwinLine {
        row: twin.row,
        name: twin.name.clone(),
        earlier_row: twin.earlier_row,
        venue: twin.venue.zip(twin.status).map(|(id, status)| (id, status.label(locale))),
        by_number: twin.by == KnownBy::Number,
    };
    let titles: Vec<String> = checked.hidden_columns.iter().map(|column| column.title(w)).collect();
    let status = if checked.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let wrong = wrongs(&d, &checked.errors);
    let page_of = CheckedPage {
        id,
        venues: checked.venues(),
        posters: checked.posters(),
        invited: checked.invited(),
        lines: checked.planned().take(SHOWN_ROWS).map(line).collect(),
        groups: groups(&d, checked),
        twins: checked.twins().take(SHOWN_PROBLEMS).map(twin).collect(),
        twin_count: checked.twins().count(),
        unseen: checked.left_out.iter().take(SHOWN_PROBLEMS).cloned().collect(),
        unseen_count: checked.left_out.len(),
        ignored: checked.ignored.join("、"),
        hidden_columns: titles.join("、"),
        again,
        wrong,
        wrong_count: checked.errors.len(),
        d,
    };
    page(status, &page_of)
}

/// The rows that the list leaves out, by group, with the ticks. An empty group is not shown.
fn groups(d: &ConsoleFrame<'_>, checked: &Checked) -> Vec<Group> {
    let (w, wanted) = (d.f.w, checked.wanted);
    let (known, hidden, struck) = (checked.twins().count(), checked.unseen(Unseen::Hidden), checked.unseen(Unseen::Struck));
    let groups = [
        ("known", known, w.bulk_left_known(known.to_string()), w.bulk_left_known_choice(), wanted.known),
        ("hidden", hidden, w.bulk_left_hidden(hidden.to_string()), w.bulk_left_hidden_choice(), wanted.hidden),
        ("struck", struck, w.bulk_left_struck(struck.to_string()), w.bulk_left_struck_choice(), wanted.struck),
    ];
    let group = |(name, count, title, choice, chosen)| Group { name, count, title, choice, chosen };
    groups.into_iter().map(group).filter(|group| group.count > 0 || group.chosen).collect()
}

/// `POST /console/venues/import/{id}`: makes it. Pressed twice it makes one batch.
pub(crate) async fn make(console: ConsoleRequest, may: May<MayTrace>, id: Path<ImportId>, form: Form) -> Result<HttpResponse, Error> {
    let wanted = wanted(|name| form.get(name) == "yes");
    let Some((mut checked, before, fingerprint)) = kept(&console, &may.0, *id, wanted).await? else {
        return match import::batch(&mut *console.state.pool.acquire().await?, console.now, *id).await? {
            Some(_) => Ok(to_import(&console, *id, "before")),
            None => Err(Error::not_found()),
        };
    };
    let mut act = console.act(City::from(&may.0)).await?;
    match import::import(&mut act, &mut checked, fingerprint, Some(*id)).await {
        Ok(_) => {
            act.commit().await?;
            Ok(to_import(&console, *id, "imported"))
        }
        Err(ImportError::Again(other)) if other == *id => Ok(to_import(&console, *id, "before")),
        // Somebody else was quicker, or a row that was ticked is wrong: the page says what holds now.
        Err(ImportError::Again(_) | ImportError::NothingNew | ImportError::Errors(_)) => {
            act.rollback().await?;
            checked_page(&console, *id, &checked, before).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /console/venues/import/template.csv`
pub(crate) async fn template_csv(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    sheet_file(&console.state, template(console.language.locale), "venues-template", false).await
}

/// `GET /console/venues/import/template.xlsx`
pub(crate) async fn template_xlsx(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    sheet_file(&console.state, template(console.language.locale), "venues-template", true).await
}

/// `GET /console/venues/export.csv`
pub(crate) async fn export_csv(console: ConsoleRequest, may: May<MayTrace>) -> Result<HttpResponse, Error> {
    exported(&console.state, &may.0, console.language.locale, false).await
}

/// `GET /console/venues/export.xlsx`
pub(crate) async fn export_xlsx(console: ConsoleRequest, may: May<MayTrace>) -> Result<HttpResponse, Error> {
    exported(&console.state, &may.0, console.language.locale, true).await
}
