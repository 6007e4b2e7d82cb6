use super::*;
use crate::poster::mark::Mark;
use crate::poster::qr::Qr;
use std::rc::Rc;

mod kit;
mod paper;
mod reading;

const BASE: &str = "https://trace.city.example.jp";
const URL: &str = "https://trace.city.example.jp/c/000000000012";

fn poster() -> Poster {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    Poster {
        venue_name: "喫茶 ひだまり".into(),
        place: Place::Entrance,
        label: "入口".into(),
        no: 1,
        code: PosterCode::parse("000000000012").unwrap(),
        base_url: BASE.into(),
        city_name: "あおば市".into(),
        service_name: "感染症お知らせサービス".into(),
        english_name: "Aoba City Exposure Notice Service".into(),
        hotline: "0120-000-000".into(),
        hotline_hours: "毎日 9:00〜21:00".into(),
        retention_days: 31,
        edition: 1,
        issued: day(2026, 11, 22),
        valid_until: Some(day(2027, 3, 31)),
    }
}

/// What a camera would read off rows of modules (`true` is dark), four pixels to each.
fn scan(rows: &[Vec<bool>]) -> String {
    let side = rows.len() * 4;
    decode(side, |x, y| if rows[y / 4][x / 4] { 0 } else { 255 })
}

fn decode(side: usize, pixel: impl FnMut(usize, usize) -> u8) -> String {
    let (level, text) = decode_any(side, pixel);
    assert_eq!(level, 3, "level Q is 3 in the format bits");
    text
}

fn decode_any(side: usize, pixel: impl FnMut(usize, usize) -> u8) -> (u16, String) {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, pixel);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code, and only one, is in the picture");
    let (meta, text) = grids[0].decode().unwrap();
    (meta.ecc_level, text)
}

/// The level in the format bits of rows of modules.
fn level_of(rows: &[Vec<bool>]) -> u16 {
    decode_any(rows.len() * 4, |x, y| if rows[y / 4][x / 4] { 0 } else { 255 }).0
}

/// Paints the runs of path data `M x y h n v1 h-n z` into a square of `side` modules with `quiet` around them.
fn paint(path: &str, quiet: usize, side: usize) -> Vec<Vec<bool>> {
    let mut rows = vec![vec![false; side]; side];
    for run in path.split('M').skip(1) {
        let (x, rest) = run.split_once(' ').unwrap();
        let (y, rest) = rest.split_once('h').unwrap();
        let (len, back) = rest.split_once("v1h-").unwrap();
        assert_eq!(back, format!("{len}z"));
        let [x, y, len] = [x, y, len].map(|number| number.parse::<usize>().unwrap());
        rows[quiet + y][quiet + x..quiet + x + len].fill(true);
    }
    rows
}

/// The value of an attribute after the first `mark` in a document.
fn attribute<'a>(svg: &'a str, mark: &str, name: &str) -> &'a str {
    let after = svg.split_once(mark).unwrap().1;
    let value = after.split_once(&format!("{name}=\"")).unwrap().1;
    value.split_once('"').unwrap().0
}

/// The code that begins so.
fn code(beginning: &str) -> PosterCode {
    let endings = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars();
    let mut codes = endings.filter_map(|end| PosterCode::parse(&format!("{beginning}{end}")).ok());
    codes.next().unwrap()
}

fn lettered_code() -> PosterCode {
    code("ABCDEFGHJKM")
}

/// Digits and letters in turn.
fn mixed_code() -> PosterCode {
    code("7K3M9QX0Z2V")
}

/// A poster of a host with so many characters, whose code is all letters.
fn hosted(characters: usize) -> Poster {
    let host = format!("{}.example.jp", "a".repeat(characters - ".example.jp".len()));
    Poster { base_url: format!("https://{host}"), code: lettered_code(), ..poster() }
}

#[test]
fn the_code_is_version_4_up_to_a_host_of_25_characters() {
    for (host, side) in [(24, 33), (25, 33), (26, 37)] {
        // In whatever order digits and letters stand: the greedy division of the crate would make version 5 of the second.
        for code in [lettered_code(), mixed_code()] {
            let poster = Poster { code, ..hosted(host) };
            let qr = Qr::encode(&poster.url()).unwrap();
            assert_eq!(qr.side(), side, "{}", poster.url());
            assert_eq!(scan(&qr.rows()), poster.url());
        }
    }
    let greedy = qrcode::QrCode::with_error_correction_level(Poster { code: mixed_code(), ..hosted(24) }.url(), qrcode::EcLevel::Q);
    assert_eq!(greedy.unwrap().width(), 37, "were it better by now, qr.rs could leave the division to it");
}

#[test]
fn where_room_is_little_the_level_goes_down_and_not_the_module() {
    for (host, level) in [(24, Some(3)), (25, Some(3)), (26, Some(0)), (41, Some(0)), (42, Some(1)), (57, Some(1)), (58, None)] {
        let fitting = Qr::fitting(&hosted(host).url(), 20.5, 0.5).unwrap();
        assert!(fitting.as_ref().is_none_or(|qr| qr.side() == 33 && qr.module_in(20.5) > 0.499), "{host}");
        // In the format bits 3 is level Q, 0 is M and 1 is L (ISO/IEC 18004 table 12).
        assert_eq!(fitting.map(|qr| level_of(&qr.rows())), level, "{host}");
    }
}

#[test]
fn a_link_is_encoded_up_to_its_limit() {
    let longest = format!("https://{}", "é".repeat((MAX_URL_BYTES - 8) / 2) + "a");
    assert_eq!(longest.len(), MAX_URL_BYTES);
    assert_eq!(Qr::encode(&longest).unwrap().side(), 57);
    let too_long = longest + "a";
    assert_eq!(qr_svg(&too_long).err(), Some(PosterError::UrlTooLong));
    assert_eq!(png(&too_long, 1).err(), Some(PosterError::UrlTooLong));
    assert_eq!(terminal(&too_long).err(), Some(PosterError::UrlTooLong));
    let base_url = too_long;
    assert_eq!(svg(&Poster { base_url, ..poster() }).err(), Some(PosterError::UrlTooLong));
}

#[test]
fn the_png_reads_as_the_link_at_every_width() {
    for module_px in [3, 16, MAX_MODULE_PX] {
        let bytes = png(URL, module_px).unwrap();
        let image = image::load_from_memory(&bytes).unwrap().into_luma8();
        assert_eq!(image.dimensions(), (41 * module_px, 41 * module_px));
        let side = image.width() as usize;
        let text = decode(side, |x, y| image.get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()).0[0]);
        assert_eq!(text, URL);
        assert!(module_px > 16 || bytes.len() < 5_000, "{} bytes", bytes.len());
    }
}

#[test]
fn a_module_is_1_to_64_pixels() {
    for wrong in [0, MAX_MODULE_PX + 1, u32::MAX] {
        assert_eq!(png(URL, wrong), Err(PosterError::ModuleSize));
    }
    assert!(png(URL, 1).is_ok());
}

#[test]
fn the_bare_svg_reads_as_the_link_and_has_its_quiet_zone() {
    let svg = qr_svg(URL).unwrap();
    assert_eq!(attribute(&svg, "<svg", "viewBox"), "0 0 41 41");
    assert_eq!(attribute(&svg, "\"#fff\"", "transform"), "translate(4 4)");
    assert_eq!(scan(&paint(attribute(&svg, "\"translate", " d"), 4, 41)), URL);
    assert_eq!(svg.matches("M0 0h41v41H0z").count(), 1, "white below");
}

#[test]
fn the_wall_poster_reads_as_the_link() {
    let svg = svg(&poster()).unwrap();
    assert_eq!(scan(&paint(attribute(&svg, "scale(", " d"), 4, 41)), URL);
    assert!(svg.contains("0000-0000-0012") && svg.contains("trace.city.example.jp/c"));
    assert_eq!(attribute(&svg, "<svg", "width"), "210mm");
    assert_eq!(attribute(&svg, "<svg", "viewBox"), "0 0 210 297");
    assert!(svg.len() < 10_000, "{} bytes", svg.len());
}

#[test]
fn nothing_stands_in_the_quiet_zone() {
    for base in ["https://a.jp", BASE, "https://a-very-long-host-name.of.a.city.example.jp/with/a/path"] {
        let poster = Poster { base_url: base.into(), ..poster() };
        let qr = Rc::new(Qr::encode(&poster.url()).unwrap());
        let marks = layout::a4(&poster, &qr).marks;
        let (x, y, module) = marks
            .iter()
            .find_map(|mark| match mark {
                Mark::Qr { x, y, module, .. } => Some((*x, *y, *module)),
                _ => None,
            })
            .unwrap();
        let zone = 4.0 * module - 1e-6;
        let end = 90.0 + zone;
        let free = |px: f64, py: f64| px <= x - zone || px >= x + end || py <= y - zone || py >= y + end;
        for mark in &marks {
            match mark {
                Mark::Text(line) => {
                    assert!(free(105.0, line.y) && free(105.0, line.y - line.size), "{}", line.text);
                }
                Mark::Stroke { points, width, .. } => {
                    let inner = |p: f64, middle: f64| p - width / 2.0 * (p - middle).signum();
                    assert!(points.iter().all(|&(px, py)| free(inner(px, 105.0), inner(py, y + 45.0))));
                }
                Mark::Circle { y: cy, radius, .. } => assert!(free(105.0, cy - radius)),
                Mark::Qr { .. } => {}
                Mark::Turned { .. } => panic!("nothing stands on its head"),
            }
        }
    }
}

#[test]
fn the_terminal_form_reads_as_the_link() {
    let text = terminal(URL).unwrap();
    let mut rows = Vec::new();
    for line in text.lines() {
        let cells = line.strip_prefix("\x1b[38;5;16;48;5;231m").unwrap();
        let cells = cells.strip_suffix("\x1b[0m").unwrap();
        rows.push(cells.chars().map(|c| "█▀".contains(c)).collect::<Vec<_>>());
        rows.push(cells.chars().map(|c| "█▄".contains(c)).collect());
    }
    assert_eq!((rows.len(), rows[0].len()), (42, 41));
    rows.truncate(41);
    assert_eq!(scan(&rows), URL);
}
