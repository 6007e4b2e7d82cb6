//! Other people's text on our paper: cleaned, measured, and made to fit.
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Characters of any one text that are looked at. Our own longest sentence has 80; no name on paper needs more.
pub(super) const MAX_CHARS: usize = 160;

/// Marks kept on one letter: enough for every living script in composed form, too few to climb over the next line.
const MAX_MARKS: usize = 3;

/// How far a text may shrink before it is broken into lines (docs/LOOK.md §7 "Lines and ink").
const SHRINK: f64 = 0.85;

/// How far a broken text may shrink before it is cut: a small name is better than half of one.
const SMALLER: [f64; 3] = [SHRINK, 0.75, 0.65];

/// Width of an unknown character, in em: emoji are the widest common ones.
const UNKNOWN_EM: f64 = 1.25;

/// Widths of U+0020 to U+007E in hundredths of an em: for each the widest of BIZ UDPGothic, Noto Sans CJK JP and
/// DejaVu Sans in regular and bold, read from the fonts. Whichever of them a machine has, the text fits.
#[rustfmt::skip]
const ASCII_WIDTHS: [u8; 95] = [
    35, 46, 58, 94, 80, 101, 92, 33, 51, 51, 53, 84, 38, 48, 38, 50, 76, 70, 76,
    76, 76, 76, 76, 76, 76, 76, 40, 40, 84, 84, 84, 80, 101, 78, 78, 82, 86, 71,
    69, 86, 84, 44, 57, 78, 64, 100, 84, 88, 76, 90, 78, 73, 71, 86, 78, 111, 82,
    75, 75, 55, 50, 55, 84, 57, 63, 68, 73, 65, 73, 69, 51, 72, 73, 35, 40, 67,
    36, 105, 73, 71, 73, 73, 50, 60, 50, 73, 66, 93, 65, 66, 59, 72, 44, 72, 84,
];

/// One line of `text` without anything that acts instead of being read: controls, line breaks, marks that change
/// direction, invisible characters, what XML 1.0 forbids, piles of accents, and what exceeds [`MAX_CHARS`].
pub(super) fn clean(text: &str) -> String {
    let mut out = String::new();
    let (mut len, mut marks) = (0, 0);
    // Cut first: normalising must not be given ten thousand characters.
    for c in text.chars().take(8 * MAX_CHARS).nfc() {
        let c = if c.is_whitespace() && c != '\u{3000}' { ' ' } else { c };
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        let double_space = c == ' ' && (out.is_empty() || out.ends_with(' '));
        if !is_printed(c) || marks > MAX_MARKS || double_space {
            continue;
        }
        if len == MAX_CHARS {
            return shorten(out);
        }
        out.push(c);
        len += 1;
    }
    out.trim().to_owned()
}

fn is_printed(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180E}' // soft hyphen, joiner, Arabic and Mongolian marks
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' // invisible, bidi
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}' | '\u{E0000}'..='\u{E007F}')
}

fn shorten(mut text: String) -> String {
    text.pop();
    text.truncate(text.trim_end().len());
    text.push('…');
    text
}

/// Width of one character in em, never less than what our fonts draw.
fn char_em(c: char) -> f64 {
    match c {
        ' '..='~' => f64::from(ASCII_WIDTHS[c as usize - 0x20]) / 100.0,
        '\u{FF61}'..='\u{FF9F}' => 0.6,
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => 0.0, // choose the form of the letter before
        c if is_known(c) => 1.0,
        c if is_combining_mark(c) => 0.0,
        _ => UNKNOWN_EM,
    }
}

/// Characters whose width is bounded by one em in any Japanese face.
fn is_known(c: char) -> bool {
    matches!(c,
        ' '..='~' | '\u{A0}'..='\u{17F}' | '\u{2010}'..='\u{2026}' | '\u{3000}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FF01}'..='\u{FFEF}' | '\u{20000}'..='\u{323AF}' | '\u{E0100}'..='\u{E01EF}')
}

/// Width of a text in em.
pub(super) fn width_em(text: &str) -> f64 {
    text.chars().map(char_em).sum()
}

/// Whether [`width_em`] is a bound for certain. If not, the drawing has to cut the text at its room.
pub(super) fn is_measured(text: &str) -> bool {
    text.chars().all(is_known)
}

/// A text in its room: its size and its lines.
pub(super) struct Fitted {
    pub(super) size: f64,
    pub(super) lines: Vec<String>,
}

/// Makes `text` fit `room` (mm): as it is, else smaller down to 85 %, else in up to `max_lines` lines at 85 %, then still
/// smaller, else cut with an ellipsis. No line is wider than `room`; an empty text has no lines.
pub(super) fn fit(text: &str, room: f64, size: f64, max_lines: usize) -> Fitted {
    let em = width_em(text);
    if em * size * SHRINK <= room {
        let size = if em * size <= room { size } else { room / em };
        let lines = Some(text.to_owned()).filter(|text| !text.is_empty());
        return Fitted { size, lines: lines.into_iter().collect() };
    }
    let smaller = if max_lines > 1 { &SMALLER[..] } else { &SMALLER[..1] };
    // By phrases where that goes; a word in two is better than a small name, and that better than half a name.
    let tries = smaller.iter().flat_map(|factor| [(size * factor, true), (size * factor, false)]);
    let whole = tries.into_iter().find_map(|(size, phrases)| {
        let lines = wrap(text, room / size, max_lines, phrases)?;
        Some(Fitted { size, lines })
    });
    whole.unwrap_or_else(|| shortened(text, room, size * SHRINK, max_lines))
}

/// The size at which `text` is at most `room` wide, never more than `size`: for what is worthless when cut.
pub(super) fn squeeze(text: &str, room: f64, size: f64) -> f64 {
    size.min(room / width_em(text).max(1.0))
}

/// Breaks `text` into at most `max_lines` lines; `None` when they do not hold it.
fn wrap(text: &str, room_em: f64, max_lines: usize, phrases: bool) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    let mut rest = text;
    while width_em(rest) > room_em {
        let (line, after) = rest.split_at(break_at(rest, room_em, phrases));
        lines.push(line.trim_end().to_owned());
        rest = after.trim_start();
        if lines.len() >= max_lines {
            return None;
        }
    }
    lines.push(rest.to_owned());
    Some(lines)
}

/// As much of `text` as `max_lines` lines hold, and an ellipsis.
fn shortened(text: &str, room: f64, size: f64, max_lines: usize) -> Fitted {
    let room_em = room / size;
    let mut lines = Vec::new();
    let mut rest = text;
    for _ in 1..max_lines {
        let (line, after) = rest.split_at(break_at(rest, room_em, false));
        lines.push(line.trim_end().to_owned());
        rest = after.trim_start();
    }
    lines.push(cut(rest, room_em));
    Fitted { size, lines }
}

/// Where to break: with `phrases` after the last space or closing mark in the second half of what fits, else where the room ends,
/// but never so that a line begins or ends with what must not.
fn break_at(text: &str, room_em: f64, phrases: bool) -> usize {
    let full = fitting_bytes(text, room_em);
    let gaps = |wanted: fn(char, char) -> bool| {
        let pairs = text.char_indices().zip(text.chars().skip(1));
        let ends = pairs.filter(move |&((_, a), b)| wanted(a, b));
        ends.map(|((at, a), _)| at + a.len_utf8()).filter(|&at| at <= full).last()
    };
    let phrase = gaps(|a, b| matches!(a, ' ' | '\u{3000}' | '・' | '、' | '。' | '）' | '」') && may_part(a, b));
    let anywhere = gaps(may_part);
    phrase.filter(|&at| phrases && at * 2 >= full).or(anywhere).unwrap_or(full)
}

/// Characters that may not begin a line (JIS X 4051 §6.1: closing brackets, small kana, marks of repetition and pause).
pub(super) const NOT_FIRST: &str =
    "、。，．,.・：；:;？！?!）)」』】〉》〕］]｝}〟’”ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々ゝゞヽヾ〜～…‥％%℃";
/// Characters that may not end a line: opening brackets.
pub(super) const NOT_LAST: &str = "（(「『【〈《〔［[｛{〝‘“￥$";

/// Kinsoku: whether a line may end between two characters in Japanese.
fn may_part(before: char, after: char) -> bool {
    !NOT_FIRST.contains(after) && !NOT_LAST.contains(before) && !is_combining_mark(after) && char_em(after) > 0.0
}

fn cut(text: &str, room_em: f64) -> String {
    if width_em(text) <= room_em {
        return text.to_owned();
    }
    let kept = &text[..fitting_bytes(text, room_em - 1.0)];
    format!("{}…", kept.trim_end())
}

/// Bytes of the longest beginning of `text` that is at most `room_em` wide; at least one character, so that breaking
/// comes to an end.
fn fitting_bytes(text: &str, room_em: f64) -> usize {
    let mut width = 0.0;
    for (at, c) in text.char_indices() {
        width += char_em(c);
        if at > 0 && width > room_em {
            return at;
        }
    }
    text.len()
}
