//! Speed and size of posters on paper (docs/DESIGN.md §7: A4 ≤ 5 ms and ≤ 35 kB, 1,131 venues in one PDF ≤ 3 s, 100 tables ≤ 500 ms).
//!
//! Each figure is the median of some rounds after a warm-up, which reads the typeface and the words once, as a running service has.
//! Memory is the peak of the whole run (VmHWM of Linux). Never a gate: machines differ.
#![expect(clippy::print_stdout, reason = "a benchmark speaks to the one who started it")]

mod support;

use anyhow::{Context, Result};
use ashiato::base::code::PosterCode;
use ashiato::poster::kit::{self, Kit, KitFile, Part};
use ashiato::poster::{Place, Poster};
use chrono::NaiveDate;
use std::time::Instant;
use support::peak_mb;

/// 1,131 places had put up Chiba City's posters in August 2020.
const VENUES: usize = 1_131;
const TABLES: usize = 100;

fn main() -> Result<()> {
    let alone = kit(&Venue { number: 0, labels: &["入口".to_owned()] })?;
    let tables: Vec<String> = std::iter::once("入口".to_owned()).chain((1..=TABLES).map(|table| format!("テーブル {table}"))).collect();
    let hall = kit(&Venue { number: 1, labels: &tables })?;
    let city = (0..VENUES).map(|number| kit(&Venue { number, labels: &["入口".to_owned()] })).collect::<Result<Vec<_>>>()?;
    draw(std::slice::from_ref(&alone), &Part::ALL)?;
    let (a4_ms, a4) = median(51, || draw(std::slice::from_ref(&alone), &[Part::A4]))?;
    let (kit_ms, _) = median(5, || draw(std::slice::from_ref(&hall), &Part::ALL))?;
    let (city_ms, _) = median(3, || draw(&city, &[Part::A4]))?;
    println!("a4_ms: {a4_ms:.2}");
    println!("a4_kb: {:.1}", thousandth(a4.bytes.len()));
    println!("kit100_ms: {kit_ms:.0}");
    println!("city_s: {:.2}", city_ms / 1_000.0);
    println!("peak_mb: {:.0}", peak_mb()?);
    Ok(())
}

struct Venue<'a> {
    number: usize,
    labels: &'a [String],
}

/// A kit of made-up posters whose codes all differ.
fn kit(venue: &Venue<'_>) -> Result<Kit> {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).context("a day of the calendar");
    let mut posters = Vec::with_capacity(venue.labels.len());
    for (index, label) in venue.labels.iter().enumerate() {
        posters.push(Poster {
            venue_name: format!("{} {}号店", NAMES[venue.number % NAMES.len()], venue.number + 1),
            place: Place::from_label(label),
            label: label.clone(),
            no: i16::try_from(index + 1)?,
            code: code(venue.number * 1_000 + index)?,
            base_url: "https://trace.city.example.jp".into(),
            city_name: "あおば市".into(),
            service_name: "感染症お知らせサービス".into(),
            english_name: "Aoba City Exposure Notice Service".into(),
            hotline: "0120-000-000".into(),
            hotline_hours: "毎日 9:00〜21:00".into(),
            retention_days: 31,
            edition: 1,
            issued: day(2026, 11, 22)?,
            valid_until: Some(day(2027, 3, 31)?),
        });
    }
    Ok(Kit { posters, letter: None })
}

/// Names that need some hundred different glyphs together, as the shops of a city do.
const NAMES: [&str; 8] = [
    "喫茶 ひだまり",
    "居酒屋 磯波丸",
    "中央図書館 駅前分館",
    "青葉書店 本町",
    "らーめん 麺屋 颯",
    "ライブハウス ＺＥＲＯ",
    "美容室 ルミエール",
    "総合運動公園 体育館",
];

fn code(number: usize) -> Result<PosterCode> {
    let body = format!("7K3M{number:07}");
    let mut endings = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars();
    endings.find_map(|end| PosterCode::parse(&format!("{body}{end}")).ok()).context("one ending is right")
}

fn draw(kits: &[Kit], parts: &[Part]) -> Result<KitFile> {
    Ok(kit::pdf(kits, parts)?)
}

/// Milliseconds of the middle round, and what the last made.
fn median(rounds: usize, draw: impl Fn() -> Result<KitFile>) -> Result<(f64, KitFile)> {
    let mut times = Vec::with_capacity(rounds);
    let mut made = draw()?;
    for _ in 0..rounds {
        let start = Instant::now();
        made = draw()?;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok((times[rounds / 2], made))
}

#[expect(clippy::cast_precision_loss, reason = "files are smaller than 2^52 bytes")]
fn thousandth(bytes: usize) -> f64 {
    bytes as f64 / 1_000.0
}
