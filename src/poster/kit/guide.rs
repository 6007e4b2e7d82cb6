//! Page 1: what is in the file, how to print it at a convenience store, where to hang it.
use super::{Part, Print};
use crate::base::locale::{Locale, Words};
use crate::poster::Poster;
use crate::poster::mark::{A4, Ink, Sheet};
use crate::poster::pen::{Pen, left, right};
use crate::poster::text::clean;

/// Links that are written out for NFC tags; the page of the venue shows them all.
const MAX_LINKS: usize = 4;

pub(super) fn sheet(poster: &Poster, all: &[Print<'_>], contents: &[(Part, usize, usize)], missing: &[char]) -> Sheet {
    let mut pen = Pen::new(15.0, 195.0);
    let room = pen.room();
    let title = [pen.ja.kit_part_guide(), pen.en.kit_part_guide()];
    pen.text(left(8.0).bold().blue(), 22.0, room * 0.6, &title[0]);
    pen.text(right(4.4), 22.0, room * 0.38, &title[1]);
    pen.rule(26.0, 1.2, Ink::Blue);
    let venue = clean(&poster.venue_name);
    pen.name(left(5.0).bold(), room, &[&[33.0]], &venue);
    let mut y = list(&mut pen, contents, 40.0);
    for section in [print as fn(&Words) -> Vec<String>, hang, check] {
        y = chapter(&mut pen, y + 2.6, section);
    }
    y = links(&mut pen, all, y + 2.6);
    if !missing.is_empty() {
        let words = pen.ja.kit_guide_missing(missing.len().to_string());
        let codes: Vec<String> = missing.iter().take(6).map(|c| format!("U+{:04X}", u32::from(*c))).collect();
        y = pen.paragraph(left(3.2).bold(), y + 1.0, 1.35, &format!("{words}（{}）", codes.join(" ")));
    }
    pen.ruler(15.0, y.max(276.0) + 6.0);
    pen.column(70.0, 195.0);
    let (at, room) = (y.max(276.0) + 6.0, pen.room());
    let [ja, en] = [pen.ja.kit_ruler(), pen.en.kit_ruler()];
    pen.text(left(3.2).bold(), at - 3.4, room, &ja);
    pen.text(left(2.8), at + 0.4, room, &en);
    Sheet { size: A4, marks: pen.marks }
}

/// The parts and their pages, in two columns.
fn list(pen: &mut Pen, contents: &[(Part, usize, usize)], y: f64) -> f64 {
    const PITCH: f64 = 5.4;
    let rest: Vec<_> = contents.iter().filter(|(part, ..)| *part != Part::Guide).collect();
    let rows = rest.len().div_ceil(2);
    for (index, (part, from, to)) in rest.iter().enumerate() {
        let row = f64::from(u8::try_from(index % rows.max(1)).unwrap_or(0));
        let start = if index < rows { 15.0 } else { 109.0 };
        pen.column(start, start + 86.0);
        let words = pen.ja;
        let pages =
            if from == to { words.kit_guide_page(from.to_string()) } else { words.kit_guide_pages(from.to_string(), to.to_string()) };
        let taken = pen.text(right(3.4), y + row * PITCH, 30.0, &pages);
        pen.text(left(3.4), y + row * PITCH, 84.0 - taken, &part.label(Locale::Ja));
    }
    pen.column(15.0, 195.0);
    y + f64::from(u8::try_from(rows).unwrap_or(0)) * PITCH
}

/// A heading and numbered sentences.
fn chapter(pen: &mut Pen, y: f64, section: fn(&Words) -> Vec<String>) -> f64 {
    let (ja, en) = (section(pen.ja), section(pen.en));
    let mut lines = ja.into_iter().zip(en).map(|(ja, en)| [ja, en]);
    let Some(title) = lines.next() else { return y };
    let y = heading(pen, y, &title);
    lines.enumerate().fold(y, |y, (index, line)| pen.item(index + 1, y, [3.5, 2.7], &line))
}

fn heading(pen: &mut Pen, y: f64, [ja, en]: &[String; 2]) -> f64 {
    let room = pen.room();
    pen.rule(y - 1.0, 0.3, Ink::Black);
    pen.text(left(4.4).bold(), y + 5.0, room * 0.6, ja);
    pen.text(right(3.2), y + 5.0, room * 0.38, en);
    y + 11.0
}

fn print(w: &Words) -> Vec<String> {
    vec![w.kit_guide_print(), w.kit_guide_print_send(), w.kit_guide_print_pages(), w.kit_guide_print_size(), w.kit_guide_print_proof()]
}

fn hang(w: &Words) -> Vec<String> {
    vec![w.kit_guide_hang(), w.kit_guide_hang_height(), w.kit_guide_hang_door(), w.kit_guide_hang_glare(), w.kit_guide_hang_more()]
}

fn check(w: &Words) -> Vec<String> {
    vec![w.kit_guide_check(), w.kit_guide_check_scan(), w.kit_guide_check_sticker(), w.kit_guide_check_lost()]
}

/// The link to write on an NFC tag.
fn links(pen: &mut Pen, all: &[Print<'_>], y: f64) -> f64 {
    let title = [pen.ja.kit_guide_nfc(), pen.en.kit_guide_nfc()];
    let mut y = heading(pen, y, &title);
    let room = pen.room();
    for print in all.iter().take(MAX_LINKS) {
        let label = crate::poster::layout::label_and_number(pen, print.poster, 12.0);
        pen.text(left(3.2), y, 42.0, &label);
        pen.column(60.0, 195.0);
        pen.whole(left(3.2).bold(), y, room - 45.0, &clean(&print.poster.url()));
        pen.column(15.0, 195.0);
        y += 5.0;
    }
    if all.len() > MAX_LINKS {
        let more = pen.ja.kit_guide_nfc_more((all.len() - MAX_LINKS).to_string());
        pen.text(left(3.2), y, room, &more);
        y += 5.0;
    }
    y
}
