//! A venue's posters for its owner: add one or a run, rename, replace the code, remove, and each one's files.
use super::acts::ConfirmAct;
use super::page::{PosterRow, first_day, hanging, row, scanned};
use super::{ShopRequest, done_at, done_words};
use crate::audit::Actor;
use crate::poster;
use crate::venue::input;
use crate::venue::poster::{MAX_LABEL_CHARS, MAX_POSTERS_AT_ONCE, MAX_POSTERS_PER_VENUE, parse_labels};
use crate::venue::{self, Field, FieldError, Owner, Poster, Problem, Venue, VenueError, VenueId, VenueStatus, owner_actions};
use crate::web::console::field::{self, Field as Input};
use crate::web::error::Error;
use crate::web::form::{Form, Query};
use crate::web::page::{Frame, Language, MAX_OPEN_ROWS, page};
use crate::web::print_kit::{self, Printing};
use crate::web::venue::apply;
use crate::web::venue::posters::{drawn, file_name};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Path;
use askama::Template;
use sqlx::PgConnection;

#[derive(Template)]
#[template(path = "web/venue/shop/posters.html")]
struct PostersPage<'a> {
    f: Frame<'a>,
    work_style: &'static str,
    venue: &'a Venue,
    rows: Vec<PosterRow>,
    kit: Option<Printing>,
    one: Input,
    run: Input,
    first: Input,
    last: Input,
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "web/venue/shop/poster.html")]
struct PosterPage<'a> {
    f: Frame<'a>,
    work_style: &'static str,
    venue: &'a Venue,
    no: i16,
    label: &'a str,
    code: String,
    url: String,
    qr: String,
    name: Input,
    done: Option<String>,
}

/// The fields of the forms that add, as they were typed, with their mistakes.
#[derive(Default)]
struct Typed {
    one: (String, Option<String>),
    run: (String, Option<String>),
    first: String,
    last: (String, Option<String>),
}

impl PostersPage<'_> {
    /// Whether the rows are too many to stand above the forms.
    fn many(&self) -> bool {
        self.rows.len() > MAX_OPEN_ROWS
    }

    fn is_wrong(&self) -> bool {
        [&self.one, &self.run, &self.first, &self.last].iter().any(|input| input.error.is_some())
    }
}

/// `GET /shop/{id}/posters`
pub(crate) async fn list(shop: ShopRequest, id: Path<VenueId>, query: Query) -> Result<HttpResponse, Error> {
    posters_page(&shop, *id, Typed::default(), query.get("done")).await
}

async fn posters_page(shop: &ShopRequest, id: VenueId, typed: Typed, done: &str) -> Result<HttpResponse, Error> {
    let f = shop.language.frame(&shop.state.service);
    let mut connection = shop.state.pool.acquire().await?;
    let (_, venue) = shop.venue(&mut connection, id).await?;
    if matches!(venue.status, VenueStatus::Refused | VenueStatus::Closed) {
        return Err(Error::not_found());
    }
    let today = shop.state.service.zone.business_date(shop.state.clock.now(), venue.day_starts_minutes);
    let (posters, last_scans) = scanned(&mut connection, &shop.state, id, first_day(&shop.state, today)).await?;
    drop(connection);
    let w = f.w;
    let mut shown = PostersPage {
        work_style: crate::web::assets::work_style_path(),
        kit: Printing::of(f.locale, &print_kit::of(&shop.state.service, &venue, &posters), &format!("/shop/{id}")),
        rows: posters.iter().map(|poster| row(&f, &shop.state, poster, &last_scans, today)).collect(),
        one: Input::new("o", "label", w.shop_add_label()).hint(w.shop_add_hint()).value(&typed.one.0).error(typed.one.1),
        run: Input::new("r", "label", w.shop_run_label()).hint(w.shop_run_hint()).value(&typed.run.0).error(typed.run.1),
        first: Input::new("f", "first", w.shop_run_first()).value(&typed.first),
        last: Input::new("l", "last", w.shop_run_last()).value(&typed.last.0).error(typed.last.1),
        done: done_words(&f, done),
        venue: &venue,
        f,
    };
    let wrong = field::focus_first_wrong(&mut [&mut shown.one, &mut shown.run, &mut shown.last]);
    page(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &shown)
}

/// `POST /shop/{id}/posters`: one, or a run of a label with numbers.
pub(crate) async fn add(shop: ShopRequest, id: Path<VenueId>, form: Form) -> Result<HttpResponse, Error> {
    let is_run = form.get("run") == "yes";
    let labels = if is_run { run_of(shop.language, &form) } else { one_of(shop.language, &form) };
    let labels = match labels {
        Ok(labels) => labels,
        Err(typed) => return posters_page(&shop, *id, *typed, "").await,
    };
    let mut act = shop.state.act(Actor::Visitor).await?;
    let (owner, _) = shop.venue(&mut act.tx, *id).await?;
    let mut act = act.by(&owner);
    let w = shop.language.locale.words();
    let wrong = match venue::add_posters(&mut act, *id, &labels).await {
        Ok(_) => {
            act.commit().await?;
            return Ok(done_at(shop.language, &shop.state, &format!("/shop/{}/posters", *id), "added"));
        }
        Err(VenueError::LabelThere(label)) => w.shop_label_there(label),
        Err(VenueError::TooManyPosters) => w.shop_too_many(MAX_POSTERS_PER_VENUE.to_string()),
        Err(error) => return Err(error.into()),
    };
    drop(act);
    let typed = if is_run { typed_run(&form, None, Some(wrong)) } else { typed_one(&form, Some(wrong)) };
    posters_page(&shop, *id, typed, "").await
}

fn label_error(language: Language, errors: &[FieldError]) -> Option<String> {
    errors.first().map(|error| apply::words(language.locale.words(), Field::Posters, error.problem))
}

/// One poster as it was typed, with its mistake.
fn typed_one(form: &Form, wrong: Option<String>) -> Typed {
    Typed { one: (form.get("label").to_owned(), wrong), ..Typed::default() }
}

/// A run as it was typed, and what is wrong with its label or its numbers.
fn typed_run(form: &Form, label: Option<String>, numbers: Option<String>) -> Typed {
    let text = |name: &str| form.get(name).to_owned();
    Typed { run: (text("label"), label), first: text("first"), last: (text("last"), numbers), ..Typed::default() }
}

fn one_of(language: Language, form: &Form) -> Result<Vec<String>, Box<Typed>> {
    let label = [form.get("label").to_owned()];
    parse_labels(&label).map_err(|errors| Box::new(typed_one(form, label_error(language, &errors))))
}

/// `テーブル 1` … `テーブル 12`.
fn run_of(language: Language, form: &Form) -> Result<Vec<String>, Box<Typed>> {
    let w = language.locale.words();
    let (label, first, last) = (form.get("label"), form.get("first"), form.get("last"));
    let typed = |run: Option<String>, wrong: Option<String>| Box::new(typed_run(form, run, wrong));
    let name = input::line(label, MAX_LABEL_CHARS);
    let name_wrong = name.as_ref().err().map(|error| apply::words(w, Field::Posters, Problem::Text(*error)));
    let number = |text: &str| input::guests(text).ok().flatten();
    let numbers = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => usize::try_from(last - first).ok().filter(|more| *more < MAX_POSTERS_AT_ONCE),
        _ => None,
    }
    .and(number(first).zip(number(last)));
    let wrong = numbers.is_none().then(|| w.shop_run_wrong(MAX_POSTERS_AT_ONCE.to_string()));
    let (Ok(name), Some((first, last))) = (name, numbers) else { return Err(typed(name_wrong, wrong)) };
    let labels: Vec<String> = (first..=last).map(|no| format!("{name} {no}")).collect();
    parse_labels(&labels).map_err(|errors| typed(label_error(language, &errors), None))
}

/// The hanging edition of a number.
async fn find(conn: &mut PgConnection, shop: &ShopRequest, id: VenueId, no: i16) -> Result<(Owner, Venue, Poster), Error> {
    let (owner, venue) = shop.venue(&mut *conn, id).await?;
    let poster = hanging(venue::posters(conn, id).await?).into_iter().find(|poster| poster.no == no).ok_or_else(Error::not_found)?;
    Ok((owner, venue, poster))
}

/// `GET /shop/{id}/posters/{no}`
pub(crate) async fn show(shop: ShopRequest, path: Path<(VenueId, i16)>, query: Query) -> Result<HttpResponse, Error> {
    poster_page(&shop, path.into_inner(), None, query.get("done")).await
}

async fn poster_page(
    shop: &ShopRequest,
    (id, no): (VenueId, i16),
    typed: Option<(String, String)>,
    done: &str,
) -> Result<HttpResponse, Error> {
    let (_, venue, poster) = find(&mut *shop.state.pool.acquire().await?, shop, id, no).await?;
    let f = shop.language.frame(&shop.state.service);
    let url = poster::check_in_url(&shop.state.service.base_url, &poster.code);
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (value, error) = typed.map_or_else(|| (poster.label.clone(), None), |(typed, error)| (typed, Some(error)));
    let mut name = Input::new("n", "label", f.w.shop_add_label()).hint(f.w.shop_add_hint()).value(&value).error(error);
    field::focus_first_wrong(&mut [&mut name]);
    let shown = PosterPage {
        work_style: crate::web::assets::work_style_path(),
        no,
        label: &poster.label,
        code: poster.code.grouped(),
        qr: poster::qr_svg(&url).map_err(|_| Error::internal())?,
        url,
        name,
        done: done_words(&f, done),
        venue: &venue,
        f,
    };
    page(status, &shown)
}

/// `POST /shop/{id}/posters/{no}/label`
pub(crate) async fn rename(shop: ShopRequest, path: Path<(VenueId, i16)>, form: Form) -> Result<HttpResponse, Error> {
    let (id, no) = path.into_inner();
    let typed = form.get("label");
    let label = match input::line(typed, MAX_LABEL_CHARS) {
        Ok(label) => label,
        Err(error) => {
            let text = apply::words(shop.language.locale.words(), Field::Posters, Problem::Text(error));
            return poster_page(&shop, (id, no), Some((typed.to_owned(), text)), "").await;
        }
    };
    let mut act = shop.state.act(Actor::Visitor).await?;
    let (owner, _, poster) = find(&mut act.tx, &shop, id, no).await?;
    let mut act = act.by(&owner);
    match owner_actions::rename(&mut act, poster.id, &label).await {
        Ok(()) => act.commit().await?,
        Err(VenueError::LabelThere(label)) => {
            drop(act);
            let text = shop.language.locale.words().shop_label_there(label.as_str());
            return poster_page(&shop, (id, no), Some((typed.to_owned(), text)), "").await;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(done_at(shop.language, &shop.state, &format!("/shop/{id}/posters/{no}"), "renamed"))
}

async fn confirm(shop: &ShopRequest, (id, no): (VenueId, i16), act: &str, words: (String, String, String)) -> Result<HttpResponse, Error> {
    let (_, venue, poster) = find(&mut *shop.state.pool.acquire().await?, shop, id, no).await?;
    let f = shop.language.frame(&shop.state.service);
    let words = (format!("{}　{}", words.0, poster.label), words.1, words.2);
    let back = format!("/shop/{id}/posters/{no}{}", f.lang);
    page(StatusCode::OK, &ConfirmAct { f, venue: &venue, act: format!("posters/{no}/{act}"), back, words })
}

/// `GET /shop/{id}/posters/{no}/rotate`
pub(crate) async fn rotate_form(shop: ShopRequest, path: Path<(VenueId, i16)>) -> Result<HttpResponse, Error> {
    let w = shop.language.locale.words();
    let words = (w.shop_rotate_title(), w.shop_rotate_text(), w.shop_rotate_button());
    confirm(&shop, path.into_inner(), "rotate", words).await
}

/// `GET /shop/{id}/posters/{no}/revoke`
pub(crate) async fn revoke_form(shop: ShopRequest, path: Path<(VenueId, i16)>) -> Result<HttpResponse, Error> {
    let w = shop.language.locale.words();
    let words = (w.shop_revoke_title(), w.shop_revoke_text(), w.shop_revoke_button());
    confirm(&shop, path.into_inner(), "revoke", words).await
}

/// `POST /shop/{id}/posters/{no}/rotate`
pub(crate) async fn rotate(shop: ShopRequest, path: Path<(VenueId, i16)>) -> Result<HttpResponse, Error> {
    let (id, no) = path.into_inner();
    let mut act = shop.state.act(Actor::Visitor).await?;
    let (owner, _, poster) = find(&mut act.tx, &shop, id, no).await?;
    let mut act = act.by(&owner);
    venue::rotate(&mut act, id, poster.id).await?;
    act.commit().await?;
    Ok(done_at(shop.language, &shop.state, &format!("/shop/{id}/posters/{no}"), "rotated"))
}

/// `POST /shop/{id}/posters/{no}/revoke`
pub(crate) async fn revoke(shop: ShopRequest, path: Path<(VenueId, i16)>) -> Result<HttpResponse, Error> {
    let (id, no) = path.into_inner();
    let mut act = shop.state.act(Actor::Visitor).await?;
    let (owner, _, poster) = find(&mut act.tx, &shop, id, no).await?;
    let mut act = act.by(&owner);
    venue::revoke(&mut act, id, poster.id).await?;
    act.commit().await?;
    Ok(done_at(shop.language, &shop.state, &format!("/shop/{id}/posters"), "revoked"))
}

/// `GET /shop/{id}/kit.pdf?part=…&poster=…`: all that hangs, or one poster by its number.
pub(crate) async fn print_kit(shop: ShopRequest, id: Path<VenueId>, query: Query) -> Result<HttpResponse, Error> {
    let parts = print_kit::parts(&query)?;
    let mut connection = shop.state.pool.acquire().await?;
    let (_, venue) = shop.venue(&mut connection, *id).await?;
    let mut posters = venue::posters(&mut connection, *id).await?;
    drop(connection);
    if let Some(no) = Some(query.get("poster")).filter(|no| !no.is_empty()) {
        posters = hanging(posters).into_iter().filter(|poster| poster.no.to_string() == no).collect();
        if posters.is_empty() {
            return Err(Error::not_found());
        }
    }
    print_kit::answer(vec![print_kit::of(&shop.state.service, &venue, &posters)], parts).await
}

/// `GET /shop/{id}/files/{file}`: `1.svg` the wall poster, `1.png` the bare code, by the poster's number.
pub(crate) async fn file(shop: ShopRequest, path: Path<(VenueId, String)>) -> Result<HttpResponse, Error> {
    let (id, file) = path.into_inner();
    let (no, extension) = file.rsplit_once('.').ok_or_else(Error::not_found)?;
    let no: i16 = no.parse().map_err(|_| Error::not_found())?;
    let mut connection = shop.state.pool.acquire().await?;
    let (_, _, poster) = find(&mut connection, &shop, id, no).await?;
    let found = venue::poster(&mut connection, poster.id).await?.ok_or_else(Error::not_found)?;
    drop(connection);
    let (kind, bytes) = drawn(&shop.state.service, &found, extension, None)?;
    let disposition = format!("attachment; filename=\"{}\"", file_name(&found, extension));
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, kind)).insert_header((CONTENT_DISPOSITION, disposition)).body(bytes))
}
