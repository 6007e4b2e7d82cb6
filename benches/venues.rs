//! How long a city's list takes on its way in, and how long an official waits for a search in it.
//!
//! The largest list that is taken: 5,000 venues, each with a mailbox and four posters. Judged, then made in one transaction; taken
//! again, which makes nothing; its letters posted in turns, and taken back; then searched by what people remember. Median and slowest
//! of some rounds; memory is the peak of the whole run, the
//! list itself included. Never a gate: machines differ. Needs PostgreSQL's server programs.
#![expect(clippy::print_stdout, reason = "a benchmark speaks to the one who started it")]

#[expect(dead_code, reason = "the check-in benchmark uses the rest")]
#[path = "check_in/server.rs"]
mod server;
mod support;

use anyhow::{Result, ensure};
use ashiato::base::clock::{Clock, SystemClock, Zone};
use ashiato::base::db::{self, DbRole};
use ashiato::base::secret::{SecretKey, SecretKeys};
use ashiato::base::table::{self, MAX_ROWS};
use ashiato::keys::{KeyStore, Sealer, settle};
use ashiato::official::Act;
use ashiato::venue::import::{self, Imported};
use ashiato::venue::{City, Filter, Query, list};
use server::BenchServer;
use sqlx::PgConnection;
use std::fmt::Write;
use std::time::Instant;
use support::peak_mb;

/// Rows below the head: as many as a list may have.
const VENUES: usize = MAX_ROWS - 1;
/// Beside the one at the entrance.
const TABLES: usize = 3;
/// Searches of each kind.
const ROUNDS: usize = 51;
/// What people remember: name, name in two words, kana, ward, street, a word of which there is one, a word of which there is none,
/// half a poster's code.
const SEARCHES: [&str; 8] = ["ひだまり123", "喫茶 ひだまり", "ヒダマリ", "区", "本町12-3", "みせ4999", "どこにもない店", "7K3M-9Q"];

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run())
}

async fn run() -> Result<()> {
    let server = BenchServer::start().await?;
    let sealer = sealer(&server).await?;
    let mut connection = db::connect(&server.url(), DbRole::Web).await?;
    let made = take_list(&mut connection, &sealer).await?;
    ensure!((made.venues, made.posters, made.invited) == (VENUES, VENUES * (TABLES + 1), 0), "something else was made: {made:?}");
    sqlx::query("vacuum analyze").execute(&mut db::connect(&server.url(), DbRole::Owner).await?).await?;
    for text in SEARCHES {
        search(&mut connection, text).await?;
    }
    println!("peak_mb: {:.0}", peak_mb()?);
    Ok(())
}

async fn sealer(server: &BenchServer) -> Result<Sealer> {
    let (keys, secrets) = (KeyStore::init(&server.scratch().join("keys"))?, SecretKeys::from(SecretKey::random()));
    let mut notifier = db::connect(&server.url(), DbRole::Notifier).await?;
    settle(&mut notifier, SystemClock.now(), &secrets).await?;
    keys.ensure_days(&mut notifier, SystemClock.now(), server.date(), 1).await?;
    keys.refill_mac_keys(&mut notifier, &secrets, server.date()).await?;
    let sealer = Sealer::new(secrets, keys.public_key(), Zone(chrono_tz::Asia::Tokyo));
    sealer.refresh(&mut db::connect(&server.url(), DbRole::Web).await?, SystemClock.now()).await?;
    Ok(sealer)
}

async fn take_list(connection: &mut PgConnection, sealer: &Sealer) -> Result<Imported> {
    let file = a_list()?;
    println!("list_kb: {}", file.len() / 1_000);
    let fingerprint = import::fingerprint(&file);
    let begun = Instant::now();
    let mut checked = import::check(&table::read(&file)?, import::Wanted::default())?;
    import::find_twins(connection, &mut checked).await?;
    println!("check_ms: {:.0}", milliseconds(begun));
    let begun = Instant::now();
    let mut act = Act::without_letters(&mut *connection, SystemClock.now(), City::operator()).await?;
    let made = import::import(&mut act, &mut checked, fingerprint, None).await?;
    act.commit().await?;
    println!("import_ms: {:.0}", milliseconds(begun));
    take_again(connection, &file).await?;
    mail_and_undo(connection, sealer, made.id).await?;
    Ok(made)
}

/// The same list again: every row is known, and nothing is made.
async fn take_again(connection: &mut PgConnection, file: &[u8]) -> Result<()> {
    let begun = Instant::now();
    let mut checked = import::check(&table::read(file)?, import::Wanted::default())?;
    import::find_twins(connection, &mut checked).await?;
    println!("check_again_ms: {:.0}", milliseconds(begun));
    ensure!((checked.venues(), checked.known()) == (0, VENUES), "a known row was not known");
    Ok(())
}

/// The mails of the whole list, in turns; and the undo, which is rolled back.
async fn mail_and_undo(connection: &mut PgConnection, sealer: &Sealer, id: import::ImportId) -> Result<()> {
    let (now, zone) = (SystemClock.now(), Zone(chrono_tz::Asia::Tokyo));
    let mut act = Act::without_letters(&mut *connection, now, City::operator()).await?;
    import::release(&mut act, id).await?;
    act.commit().await?;
    let begun = Instant::now();
    let posted = import::letters::post_due(connection, sealer, now, zone, usize::MAX).await?;
    ensure!(posted == VENUES, "{posted} letters");
    println!("mails_ms: {:.0}", milliseconds(begun));
    let begun = Instant::now();
    let mut act = Act::without_letters(&mut *connection, now, City::operator()).await?;
    let undone = ashiato::visit::undo_import(&mut act, zone, id).await?;
    ensure!(undone.venues == VENUES, "{} taken back", undone.venues);
    act.rollback().await?;
    println!("undo_ms: {:.0}", milliseconds(begun));
    Ok(())
}

/// Made-up shops with names, readings and addresses that resemble each other as a city's do.
fn a_list() -> Result<Vec<u8>> {
    let mut list = "名称,ふりがな,種類,住所,メールアドレス,テーブル数\r\n".to_owned();
    for number in 0..VENUES {
        let trade = ["喫茶", "居酒屋", "スナック", "美容室", "ラーメン", "薬局", "食堂", "ホテル"][number % 8];
        let name = ["ひだまり", "さくら", "まつかぜ", "あおば", "みなと", "こもれび", "はなみずき"][number / 8 % 7];
        let ward = ["中央区", "港区", "緑区", "花見川区"][number % 4];
        let (street, house) = (number % 97, number % 13);
        writeln!(list, "{trade} {name}{number},みせ{number},飲食店,{ward}本町{street}-{house},shop{number}@example.jp,{TABLES}\r")?;
    }
    Ok(list.into_bytes())
}

async fn search(connection: &mut PgConnection, text: &str) -> Result<()> {
    let mut times = Vec::with_capacity(ROUNDS);
    let mut rows = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let filter = Filter { query: Query::parse(text), limit: Some(21), ..Filter::default() };
        rows = list(connection, &filter).await?.len();
        times.push(milliseconds(begun));
    }
    times.sort_by(f64::total_cmp);
    println!("search_ms: {:.1} (slowest {:.1}, {rows} rows) {text}", times[ROUNDS / 2], times[ROUNDS - 1]);
    Ok(())
}

fn milliseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}
