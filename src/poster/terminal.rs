//! The bare code for a terminal, so that the demo can be scanned from the screen.
use super::PosterError;
use super::qr::Qr;

/// Black letters on white, from the fixed part of the 256 colours (16 and 231): themes do not change those.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const RESET: &str = "\x1b[0m";

/// The code of `url` with its quiet zone, two rows of modules per line in half blocks.
///
/// Many readers refuse a code whose light and dark are exchanged, which plain blocks would be on either dark or light
/// terminals. So each line sets its own colours and is dark on light on both; without the escape sequences the text
/// is right on white, as in a document.
///
/// # Errors
/// [`PosterError::UrlTooLong`].
pub fn terminal(url: &str) -> Result<String, PosterError> {
    let qr = Qr::encode(url)?;
    let light = vec![false; qr.full_side()];
    let mut text = String::new();
    for pair in qr.rows().chunks(2) {
        let upper = &pair[0];
        let lower = pair.get(1).unwrap_or(&light);
        text.push_str(BLACK_ON_WHITE);
        text.extend(upper.iter().zip(lower).map(half_block));
        text.push_str(RESET);
        text.push('\n');
    }
    Ok(text)
}

fn half_block((upper, lower): (&bool, &bool)) -> char {
    match (upper, lower) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}
