//! The print kit: what stands where, what a camera reads off the printed page, and what hostile names do not do.
use super::*;
use crate::poster::kit::{self, Activation, Kit, KitError, Letter, MAX_POSTERS, MIN_MODULE_MM, Part};
use crate::poster::mark::{Anchor, Mark, Sheet, TextLine};
use crate::poster::pdf::{Weight, width};
use std::process::Command;

pub(super) fn posters(labels: &[&str]) -> Vec<Poster> {
    let codes = (0..).filter_map(|number: u32| {
        "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().find_map(|end| PosterCode::parse(&format!("7K3M9QX{number:04}{end}")).ok())
    });
    let hang = |(index, (&label, code)): (usize, (&&str, PosterCode))| Poster {
        label: label.into(),
        place: Place::from_label(label),
        no: i16::try_from(index + 1).unwrap(),
        code,
        ..poster()
    };
    labels.iter().zip(codes).enumerate().map(hang).collect()
}

fn letter() -> Letter {
    Letter {
        venue_name: "喫茶 ひだまり".into(),
        postal_code: Some("2600026".into()),
        address: "あおば市中央区千葉港1番1号　あおばビル2階".into(),
        city_name: "あおば市".into(),
        service_name: "感染症お知らせサービス".into(),
        operator: "あおば市 保健福祉局 医療衛生部".into(),
        hotline: "0120-000-000".into(),
        hotline_hours: "毎日 9:00〜21:00".into(),
        written: NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
        activation: Activation {
            url: "https://trace.city.example.jp/venues/activate/ABCDEFGHJKMN".into(),
            page: "trace.city.example.jp/venues/activate".into(),
            code: "ABCD-EFGH-JKMN".into(),
            valid_until: NaiveDate::from_ymd_opt(2027, 1, 31).unwrap(),
        },
    }
}

/// A café with a door, a room for its staff and two tables.
fn cafe() -> Kit {
    Kit { posters: posters(&["入口", "従業員 休憩室", "テーブル 1", "テーブル 2"]), letter: Some(letter()) }
}

/// The same under another name.
fn named(text: &str) -> Kit {
    let Kit { posters, letter } = cafe();
    let posters = posters.into_iter().map(|poster| Poster { code: poster.code, no: poster.no, ..paper::hostile(text) });
    let letter = letter.map(|letter| Letter {
        venue_name: text.into(),
        address: text.into(),
        postal_code: Some(text.into()),
        operator: text.into(),
        ..letter
    });
    Kit { posters: posters.collect(), letter }
}

/// The marks of a sheet as they lie on the paper, turned ones too.
pub(super) fn flat(sheet: &Sheet) -> Vec<(Mark, bool)> {
    let turned = |(x, y): (f64, f64), mark: &Mark| match mark.clone() {
        Mark::Text(line) => Mark::Text(TextLine { x: 2.0 * x - line.x, y: 2.0 * y - line.y, ..line }),
        Mark::Stroke { points, width, ink, dashed } => {
            Mark::Stroke { points: points.into_iter().map(|(px, py)| (2.0 * x - px, 2.0 * y - py)).collect(), width, ink, dashed }
        }
        Mark::Qr { x: qx, y: qy, module, code } => {
            let side = module * code.modules();
            Mark::Qr { x: 2.0 * x - qx - side, y: 2.0 * y - qy - side, module, code }
        }
        other => other,
    };
    let all = sheet.marks.iter().flat_map(|mark| match mark {
        Mark::Turned { about, marks } => marks.iter().map(|mark| (turned(*about, mark), true)).collect(),
        mark => vec![(mark.clone(), false)],
    });
    all.collect()
}

/// Left, top, right, bottom of what a line of text covers.
fn span(line: &TextLine, turned: bool) -> (f64, f64, f64, f64) {
    let weight = if line.bold { Weight::Bold } else { Weight::Regular };
    let width = f64::from(width(&line.text, weight)) * line.size + line.tracking * 14.0;
    let start = match line.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => width / 2.0,
        Anchor::End => width,
    };
    let (up, down) = (0.8 * line.size, 0.1 * line.size);
    if turned {
        (line.x + start - width, line.y - down, line.x + start, line.y + up)
    } else {
        (line.x - start, line.y - up, line.x - start + width, line.y + down)
    }
}

/// A file of its own for each reader: tests run beside each other.
fn written(pdf: &[u8]) -> std::path::PathBuf {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("ashiato-kit-{}-{count}.pdf", std::process::id()));
    std::fs::write(&path, pdf).unwrap();
    path
}

/// The page as grey pixels, by poppler's pdftoppm.
pub(super) fn raster(pdf: &[u8], page: usize, dpi: u32) -> image::GrayImage {
    let path = written(pdf);
    let (page, dpi) = (page.to_string(), dpi.to_string());
    let output = Command::new("pdftoppm").args(["-gray", "-r", &dpi, "-f", &page, "-l", &page]).arg(&path).output();
    std::fs::remove_file(&path).unwrap();
    let output = output.expect("this test needs pdftoppm (Debian: poppler-utils)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // P5, width, height, 255, pixels.
    let mut rest = &output.stdout[..];
    let mut word = || {
        let end = rest.iter().position(u8::is_ascii_whitespace).unwrap();
        let word = std::str::from_utf8(&rest[..end]).unwrap().to_owned();
        rest = &rest[end + 1..];
        word
    };
    let head = [word(), word(), word(), word()];
    assert_eq!((head[0].as_str(), head[3].as_str()), ("P5", "255"));
    image::GrayImage::from_raw(head[1].parse().unwrap(), head[2].parse().unwrap(), rest.to_vec()).unwrap()
}

fn read_text(pdf: &[u8]) -> String {
    let path = written(pdf);
    let output = Command::new("pdftotext").args(["-enc", "UTF-8"]).arg(&path).arg("-").output().unwrap();
    std::fs::remove_file(&path).unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a page")]
pub(super) fn pixels(millimetres: f64, dpi: u32) -> u32 {
    (millimetres / 25.4 * f64::from(dpi)).round().max(0.0) as u32
}

#[test]
fn a_kit_holds_every_part_and_is_the_same_each_time() {
    let draw = || kit::pdf(&[cafe()], &Part::ALL).unwrap();
    let file = draw();
    assert!(file.bytes.starts_with(b"%PDF-") && file == draw());
    assert_eq!((file.pages, file.left_out, file.missing), (11, vec![], vec![]));
    let squeezed = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
    let text = squeezed(&read_text(&file.bytes));
    for words in [
        "印刷と掲示のしかた",
        "110〜130 cm",
        "https://trace.city.example.jp/c/7K3M9QX0000",
        "あおば市　感染症お知らせサービス",
        "体調が心配なとき",
        "0120-000-000",
        "上に別のシールが貼られていたら",
        "2027-03-31まで有効",
        "100％（実際のサイズ）で印刷",
        "If this line is 50 mm long",
        "出勤したら、",
        "〒260-0026",
        "喫茶 ひだまり　御中",
        "ABCD-EFGH-JKMN",
    ] {
        assert!(text.contains(&squeezed(words)), "{words}");
    }
    let part = |names: &str| Part::parse_list(names);
    assert_eq!(part("tent, a4,tent").unwrap(), [Part::A4, Part::Tent]);
    assert_eq!((part("").unwrap(), part("all").unwrap()), (Part::ALL.to_vec(), Part::ALL.to_vec()));
    assert!(part("a4,poster").is_err());
}

#[test]
fn every_code_is_read_off_the_page_at_60_150_and_300_dots_an_inch() {
    let cafe = cafe();
    let known: Vec<String> =
        cafe.posters.iter().map(Poster::url).chain(cafe.letter.iter().map(|letter| letter.activation.url.clone())).collect();
    for part in Part::ALL.into_iter().filter(|part| *part != Part::Guide) {
        let file = kit::pdf(std::slice::from_ref(&cafe), &[part]).unwrap();
        let sheets = kit::sheets_of(&cafe, part).unwrap();
        assert_eq!(sheets.len(), file.pages);
        // One page of each part, and of labels the first and the last; the others differ in their place alone.
        let all: Vec<_> = flat(&sheets[0])
            .into_iter()
            .filter_map(|(mark, _)| if let Mark::Qr { x, y, module, code } = mark { Some((x, y, module, code.modules())) } else { None })
            .collect();
        let codes: Vec<_> = all.iter().take(6).chain(all.iter().skip(6).rev().take(1)).copied().collect();
        assert!(!codes.is_empty());
        let mut read = 0;
        for dpi in [60, 150, 300] {
            let page = raster(&file.bytes, 1, dpi);
            for &(x, y, module, modules) in &codes {
                assert!(module >= MIN_MODULE_MM, "{part}: {module}");
                // A decoder needs nearly three pixels for a module: at 60 dpi that is 1.3 mm, which cards and stickers do not have.
                if module / 25.4 * f64::from(dpi) < 2.9 {
                    assert!(dpi < 300);
                    continue;
                }
                let url = scanned(&page, (x, y), module, modules + 8.0, dpi).unwrap_or_else(|| panic!("{part} at {dpi} dpi, {x} {y}"));
                assert!(known.contains(&url), "{part}: {url}");
                read += 1;
            }
        }
        let rounds = if codes[0].2 > 1.3 { 3 } else { 2 };
        assert_eq!(read, codes.len() * rounds, "{part}");
    }
}

/// What a camera reads that sees a code and its quiet zone, nothing else.
fn scanned(page: &image::GrayImage, (x, y): (f64, f64), module: f64, modules: f64, dpi: u32) -> Option<String> {
    let quiet = module * 4.0;
    let side = modules * module;
    let from = (pixels(x - quiet, dpi), pixels(y - quiet, dpi));
    let size = pixels(side, dpi).min(page.width() - from.0).min(page.height() - from.1);
    // Where a module is wide, every nth pixel does: the test need not take minutes.
    let every = (pixels(module, dpi) / 6).max(1);
    let size = size / every;
    let view = image::GrayImage::from_fn(size, size, |x, y| *page.get_pixel(from.0 + x * every, from.1 + y * every));
    // A phone looks again, and more closely, until it can read; only then does this.
    [1, 2, 3].into_iter().find_map(|closer| {
        let closest =
            (closer > 1).then(|| image::imageops::resize(&view, size * closer, size * closer, image::imageops::FilterType::Triangle));
        let (view, size) = (closest.as_ref().unwrap_or(&view), size * closer);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(size as usize, size as usize, |x, y| {
            view.get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()).0[0]
        });
        image.detect_grids().first().and_then(|grid| grid.decode().ok()).map(|(_, text)| text)
    })
}

#[test]
fn both_faces_of_the_tent_stand_upright_when_it_is_folded() {
    let cafe = cafe();
    let file = kit::pdf(std::slice::from_ref(&cafe), &[Part::Tent]).unwrap();
    let page = raster(&file.bytes, 1, 100);
    let (ridge, face) = (pixels(127.0, 100), pixels(98.0, 100));
    // Turned by half, the upper face is the lower one; where the turned pixels lie may be off by one.
    let apart = |right: u32, below: u32| {
        let places = (8..face).flat_map(|down| (4..page.width() - 4).map(move |x| (down, x)));
        let differ = |&(down, x): &(u32, u32)| {
            let lower = page.get_pixel(x, ridge + down).0[0];
            lower.abs_diff(page.get_pixel(page.width() + right - 2 - x, ridge + below - 2 - down).0[0]) > 200
        };
        places.filter(differ).count()
    };
    let least = (0..3).flat_map(|right| (0..3).map(move |below| (right, below))).map(|(right, below)| apart(right, below)).min();
    let dark = page.pixels().filter(|pixel| pixel.0[0] < 100).count();
    assert!(dark > 50_000 && least.unwrap() * 20 < dark, "{least:?} of {dark}");
    let sheets = kit::sheets_of(&cafe, Part::Tent).unwrap();
    let folds: Vec<f64> = flat(&sheets[0])
        .iter()
        .filter_map(|(mark, _)| if let Mark::Stroke { points, dashed: true, .. } = mark { Some(points[0].1) } else { None })
        .collect();
    assert_eq!(folds, [27.0, 127.0, 227.0], "flap, face, face, base of 70 mm");
}

#[test]
fn nothing_lies_in_a_margin_a_quiet_zone_or_on_its_neighbour() {
    let long = "独立行政法人あおば市総合文化スポーツ振興事業団中央体育館　大会議室および第2会議室";
    let texts = [poster().venue_name, long.into(), "W".repeat(400), "<b>&{{7*7}}".repeat(9), String::new(), "髙".repeat(23)];
    for (kit, text) in texts.iter().map(|text| (named(text), text.as_str())).chain([(cafe(), "")]) {
        for part in Part::ALL {
            for sheet in kit::sheets_of(&kit, part).unwrap() {
                tidy(part, text, &sheet);
            }
        }
    }
}

fn tidy(part: Part, name: &str, sheet: &Sheet) {
    let marks = flat(sheet);
    let (width, height) = sheet.size;
    let inside = |(left, top, right, bottom): (f64, f64, f64, f64), what: &str| {
        let margin = 4.9;
        assert!(left >= margin && top >= margin && right <= width - margin && bottom <= height - margin, "{part} {name}: {what}");
    };
    let mut spans: Vec<(f64, f64, f64, f64, &str)> = Vec::new();
    let mut zones = Vec::new();
    for (mark, turned) in &marks {
        match mark {
            Mark::Text(line) => {
                let (left, top, right, bottom) = span(line, *turned);
                inside((left, top, right, bottom), &line.text);
                assert!(right - left <= line.room + 1e-6, "{part} {name}: {} is wider than its room", line.text);
                assert!(line.size > 0.0 && line.text.trim() == line.text && !line.text.is_empty(), "{part} {name}: {:?}", line.text);
                let clash = spans.iter().find(|&&(l, t, r, b, _)| left < r && l < right && top < b && t < bottom);
                assert!(clash.is_none(), "{part} {name}: {} on {clash:?}", line.text);
                spans.push((left, top, right, bottom, &line.text));
            }
            Mark::Qr { x, y, module, code } => {
                assert!(*module >= MIN_MODULE_MM - 1e-9);
                let (side, quiet) = (module * code.modules(), module * 4.0 - 1e-6);
                inside((*x, *y, x + side, y + side), "code");
                zones.push((x - quiet, y - quiet, x + side + quiet, y + side + quiet));
            }
            Mark::Stroke { points, .. } => points.iter().for_each(|&(x, y)| inside((x, y, x, y), "line")),
            Mark::Circle { x, y, radius, .. } => inside((x - radius, y - radius, x + radius, y + radius), "circle"),
            Mark::Turned { .. } => panic!("turned twice"),
        }
    }
    for &(left, top, right, bottom) in &zones {
        let clash = spans.iter().find(|&&(l, t, r, b, _)| left < r && l < right && top < b && t < bottom);
        assert!(clash.is_none(), "{part} {name}: {clash:?} in a quiet zone");
        for (mark, _) in &marks {
            if let Mark::Stroke { points, .. } = mark {
                assert!(points.iter().all(|&(x, y)| x <= left || x >= right || y <= top || y >= bottom), "{part}: a line in a quiet zone");
            }
        }
    }
}

#[test]
fn every_sheet_of_labels_has_a_ruler_and_says_100_percent() {
    for part in [Part::Cards, Part::Labels21, Part::Labels65, Part::Tent, Part::Guide] {
        for svg in kit::svgs(&cafe(), part).unwrap() {
            assert!(svg.contains("この線が 50 mm なら") && svg.contains("100％"), "{part}");
        }
        let sheets = kit::sheets_of(&cafe(), part).unwrap();
        let fifty =
            |points: &[(f64, f64)]| points.len() == 2 && (points[1].0 - points[0].0 - 50.0).abs() < 1e-9 && points[0].1 == points[1].1;
        assert!(
            sheets.iter().all(|sheet| sheet.marks.iter().any(|mark| matches!(mark, Mark::Stroke { points, .. } if fifty(points)))),
            "{part}"
        );
    }
}

#[test]
fn hostile_names_are_inert_on_every_part() {
    for text in paper::hostile_texts().into_iter().chain(["=HYPERLINK(\"https://evil.example\")".into(), "{{7*7}}".into()]) {
        let mut kit = named(&text);
        kit.posters.truncate(1);
        for part in Part::ALL {
            for svg in kit::svgs(&kit, part).unwrap() {
                paper::inert(&svg);
            }
        }
    }
}

#[test]
fn hostile_names_do_nothing_in_a_pdf() {
    let names: Vec<String> = paper::hostile_texts().into_iter().chain(["=HYPERLINK(\"x\")".into(), "{{7*7}}".into()]).collect();
    let kits: Vec<Kit> = names.iter().map(|name| Kit { posters: vec![paper::hostile(name)], letter: None }).collect();
    let file = kit::pdf(&kits, &[Part::A5, Part::Guide]).unwrap();
    let raw = String::from_utf8_lossy(&file.bytes);
    for act in ["/JavaScript", "/JS", "/URI", "/Launch", "/OpenAction", "/AA", "/Annots", "/EmbeddedFile"] {
        assert!(!raw.contains(act), "{act}");
    }
    let text = read_text(&file.bytes);
    assert!(!text.contains(
        |c: char| (c.is_control() && !matches!(c, '\n' | '\u{C}')) || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    ));
    assert!(text.contains("<svg onload=alert(1)>") && text.contains("{{7*7}}"), "shown as they are");
}

#[test]
fn what_the_font_lacks_is_a_geta_and_told() {
    let mut kit = cafe();
    kit.posters[0].venue_name = "𠮷野寿司 ✕".into();
    assert_eq!(kit::missing(&kit), ['✕', '𠮷']);
    let file = kit::pdf(&[kit], &[Part::Guide, Part::A4]).unwrap();
    assert_eq!(file.missing, ['✕', '𠮷']);
    let text = read_text(&file.bytes);
    assert!(text.contains("〓野寿司 〓") && !text.contains('𠮷') && text.contains("U+2715 U+20BB7"), "{text}");
}

#[test]
fn five_hundred_tables_are_printed_and_5001_posters_refused() {
    let tables: Vec<String> = (1..=500).map(|table| format!("テーブル {table}")).collect();
    let hall = Kit { posters: posters(&tables.iter().map(String::as_str).collect::<Vec<_>>()), letter: None };
    assert_eq!(kit::pdf(std::slice::from_ref(&hall), &[Part::Labels65]).unwrap().pages, 8);
    let poster = &hall.posters[0];
    let kits = |count: usize| vec![Kit { posters: vec![poster.clone(); count / 3], letter: None }; 3];
    assert_eq!(kits(MAX_POSTERS + 1)[0].posters.len() * 3, MAX_POSTERS + 1);
    assert_eq!(kit::pdf(&kits(MAX_POSTERS + 1), &[Part::A4]).err(), Some(KitError::TooMany));
    assert_eq!(kit::pdf(&kits(MAX_POSTERS - 2), &[]).err(), Some(KitError::Nothing), "as many as this are not too many");
    assert_eq!(kit::pdf(&[], &Part::ALL).err(), Some(KitError::Nothing));
    assert_eq!(kit::pdf(&[hall], &[Part::Letter]).err(), Some(KitError::Nothing));
}

#[test]
fn a_module_too_narrow_to_be_read_is_refused_or_left_out() {
    let kit = |host: usize| Kit { posters: vec![hosted(host)], letter: None };
    // At level L, 33 modules and eight of quiet on 20.5 mm are exactly half a millimetre; 37 are less.
    let (fits, over) = (kit(57), kit(58));
    assert!(kit::pdf(std::slice::from_ref(&fits), &[Part::Labels65]).is_ok() && kit::too_narrow(&fits).is_empty());
    assert_eq!(kit::pdf(std::slice::from_ref(&over), &[Part::Labels65]).err(), Some(KitError::TooNarrow(Part::Labels65)));
    assert_eq!(kit::too_narrow(&over), [Part::Labels65]);
    let file = kit::pdf(&[over], &[Part::A4, Part::Labels65]).unwrap();
    assert_eq!((file.pages, file.left_out), (1, vec![Part::Labels65]));
}

#[test]
fn many_venues_stand_one_after_the_other_in_one_file() {
    let venue = |name: &str| Kit { posters: vec![Poster { venue_name: name.into(), ..poster() }], letter: None };
    let file = kit::pdf(&[venue("一番館"), venue("二番館"), Kit::default()], &[Part::A4, Part::A5]).unwrap();
    let text = read_text(&file.bytes);
    let pages: Vec<&str> = text.split('\u{C}').collect();
    let named = |page: usize, name: &str| assert!(pages[page].contains(name), "{page}");
    assert_eq!(file.pages, 4);
    [(0, "一番館"), (1, "一番館"), (2, "二番館"), (3, "二番館")].into_iter().for_each(|(page, name)| named(page, name));
    assert_eq!(file.left_out, [Part::A4, Part::A5], "nothing hangs in the third");
}
