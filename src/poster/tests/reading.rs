//! What Debian's zbarimg, a reader that is in many scanners, reads off printed sheets: at 150 dots an inch, and then
//! turned by 15°, blurred, and in the dark.
//!
//! A view is one code with its quiet zone, as a person holds a phone to it. A whole sheet of 65 labels in one picture is
//! read by zbarimg neither with these codes nor with earlier ones: it gives up after so many wrong pairs of corners.
use super::kit::{flat, pixels, posters, raster};
use crate::poster::Poster;
use crate::poster::kit::{self, Kit, Part};
use crate::poster::mark::Mark;
use image::{GrayImage, Luma};
use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

const DPI: u32 = 150;
/// Of a hundred codes on a sheet, so many are read.
const BAR: usize = 95;
/// Codes of a sheet that are looked at; all of them on the smallest labels.
const MOST: usize = 6;
/// White around a view, in modules: the quiet zone and one more.
const AROUND: f64 = 5.0;

/// What becomes of a picture.
type View = fn(&GrayImage) -> GrayImage;

#[test]
fn codes_with_a_host_of_15_characters_are_read_turned_blurred_and_dimmed() {
    are_well_read(15, 33);
}

#[test]
fn codes_with_a_host_of_24_characters_are_read_turned_blurred_and_dimmed() {
    are_well_read(24, 33);
}

#[test]
fn codes_with_a_host_of_30_characters_are_read_turned_blurred_and_dimmed() {
    are_well_read(30, 37);
}

/// Reads every kind of sheet for a host of so many characters, whose code at level Q has so many modules.
fn are_well_read(host: usize, side: usize) {
    let name: String = "kansensho-oshirase-aoba".chars().take(host - ".example.jp".len()).collect();
    let labels: Vec<String> = (1..=65).map(|table| format!("テーブル {table}")).collect();
    let mut posters = posters(&labels.iter().map(String::as_str).collect::<Vec<_>>());
    posters.iter_mut().for_each(|poster| poster.base_url = format!("https://{name}.example.jp"));
    let views: [(&str, View); 4] = [("as it is", Clone::clone), ("turned", turned), ("blurred", blurred), ("dimmed", dimmed)];
    let kinds =
        [(Part::A4, 1), (Part::A5, 1), (Part::Tent, 1), (Part::Staff, 1), (Part::Cards, 10), (Part::Labels21, 20), (Part::Labels65, 65)];
    for (part, count) in kinds {
        let kit = Kit { posters: posters[..count].to_vec(), letter: None };
        let known: BTreeSet<String> = kit.posters.iter().map(Poster::url).collect();
        let seen = codes(&kit, part, side);
        for (what, view) in views {
            let views: Vec<GrayImage> = seen.iter().map(view).collect();
            let texts = zbarimg(&views);
            assert!(texts.iter().all(|text| known.contains(text)), "{part} {what}: {texts:?}");
            assert!(texts.len() * 100 >= views.len() * BAR, "{part} {what}: {} of {}", texts.len(), views.len());
        }
    }
}

/// Pictures of the codes on the first page of a part.
fn codes(kit: &Kit, part: Part, side: usize) -> Vec<GrayImage> {
    let file = kit::pdf(std::slice::from_ref(kit), &[part]).unwrap();
    let page = raster(&file.bytes, 1, DPI);
    let marks = flat(&kit::sheets_of(kit, part).unwrap()[0]);
    let codes = marks
        .into_iter()
        .filter_map(|(mark, _)| if let Mark::Qr { x, y, module, code } = mark { Some((x, y, module, code)) } else { None });
    let most = if part == Part::Labels65 { usize::MAX } else { MOST };
    let view = |(x, y, module, code): (f64, f64, f64, std::rc::Rc<crate::poster::qr::Qr>)| {
        // At level Q; the smallest labels stay at version 4, whose modules are half a millimetre there.
        assert_eq!(code.side(), if part == Part::Labels65 { 33 } else { side }, "{part}");
        let edge = pixels((code.modules() + 2.0 * AROUND) * module, DPI);
        let (left, top) = (pixels(x - AROUND * module, DPI), pixels(y - AROUND * module, DPI));
        image::imageops::crop_imm(&page, left, top, edge, edge).to_image()
    };
    codes.take(most).map(view).collect()
}

/// What zbarimg reads off these pictures, one code at most in each.
fn zbarimg(views: &[GrayImage]) -> Vec<String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("ashiato-read-{}-{count}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let write = |(number, view): (usize, &GrayImage)| {
        let file = folder.join(format!("{number}.pgm"));
        let head = format!("P5\n{} {}\n255\n", view.width(), view.height());
        std::fs::write(&file, [head.as_bytes(), view.as_raw()].concat()).unwrap();
        file
    };
    let files: Vec<_> = views.iter().enumerate().map(write).collect();
    let output = Command::new("zbarimg").args(["--nodbus", "--raw", "--quiet"]).args(files).output();
    std::fs::remove_dir_all(&folder).unwrap();
    // Status 4 says that some picture held no code, which is for the caller to judge.
    let output = output.expect("this test needs zbarimg (Debian: zbar-tools)");
    String::from_utf8(output.stdout).unwrap().lines().map(ToOwned::to_owned).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of bytes is a byte")]
fn byte(value: f64) -> Luma<u8> {
    Luma([value.round().clamp(0.0, 255.0) as u8])
}

/// Turned by 15° about its middle onto white paper; each pixel is the mean of the four around it, by their distance.
fn turned(view: &GrayImage) -> GrayImage {
    let (sin, cos) = 15.0_f64.to_radians().sin_cos();
    let (wide, high) = (f64::from(view.width()), f64::from(view.height()));
    let size = |a: f64, b: f64| pixels((a * cos + b * sin).ceil() * 25.4, 1);
    let (new_wide, new_high) = (size(wide, high), size(high, wide));
    let at = |x: f64, y: f64| {
        let inside = x >= 0.0 && y >= 0.0 && x < wide && y < high;
        if inside { f64::from(view.get_pixel(pixels(x * 25.4, 1), pixels(y * 25.4, 1)).0[0]) } else { 255.0 }
    };
    GrayImage::from_fn(new_wide, new_high, |x, y| {
        let (dx, dy) = (f64::from(x) - f64::from(new_wide - 1) / 2.0, f64::from(y) - f64::from(new_high - 1) / 2.0);
        let (x, y) = (dx * cos + dy * sin + (wide - 1.0) / 2.0, dy * cos - dx * sin + (high - 1.0) / 2.0);
        let (left, top) = (x.floor(), y.floor());
        let (right, below) = (x - left, y - top);
        let row = |y: f64| at(left, y) * (1.0 - right) + at(left + 1.0, y) * right;
        byte(row(top) * (1.0 - below) + row(top + 1.0) * below)
    })
}

/// Out of focus: a Gaussian of 1.2 pixels, first along the rows, then along the columns.
fn blurred(view: &GrayImage) -> GrayImage {
    const SIGMA: f64 = 1.2;
    const REACH: i32 = 5;
    let weights: Vec<f64> = (-REACH..=REACH).map(|far| (-f64::from(far * far) / (2.0 * SIGMA * SIGMA)).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let along = |view: &GrayImage, step: (i32, i32)| {
        let clamped = |at: u32, by: i32, end: u32| at.saturating_add_signed(by).min(end - 1);
        GrayImage::from_fn(view.width(), view.height(), |x, y| {
            let near = weights.iter().zip(-REACH..=REACH);
            let light = near.map(|(weight, far)| {
                let (x, y) = (clamped(x, step.0 * far, view.width()), clamped(y, step.1 * far, view.height()));
                weight * f64::from(view.get_pixel(x, y).0[0])
            });
            byte(light.sum::<f64>() / sum)
        })
    };
    along(&along(view, (1, 0)), (0, 1))
}

/// A quarter of the light.
fn dimmed(view: &GrayImage) -> GrayImage {
    GrayImage::from_fn(view.width(), view.height(), |x, y| byte(f64::from(view.get_pixel(x, y).0[0]) * 0.25))
}
