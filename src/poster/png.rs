//! The bare code as a PNG, for those who lay out their own paper.
use super::PosterError;
use super::qr::Qr;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

/// The widest module, in pixels: the usual code is then 2,368 pixels wide, 10 cm at 600 dpi.
pub const MAX_MODULE_PX: u32 = 64;

/// An 8-bit greyscale PNG of the code of `url` with its quiet zone, `module_px` pixels per module.
///
/// # Errors
/// [`PosterError::ModuleSize`] outside 1 to [`MAX_MODULE_PX`], [`PosterError::UrlTooLong`].
pub fn png(url: &str, module_px: u32) -> Result<Vec<u8>, PosterError> {
    if !(1..=MAX_MODULE_PX).contains(&module_px) {
        return Err(PosterError::ModuleSize);
    }
    let scale = usize::try_from(module_px).map_err(|_| PosterError::ModuleSize)?;
    let qr = Qr::encode(url)?;
    let pixels = pixels(&qr, scale);
    let side = u32::try_from(qr.full_side() * scale).map_err(|_| PosterError::ModuleSize)?;
    let mut bytes = Vec::new();
    // Rows of a module are equal: the Up filter makes all but the first of them zeros.
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Up)
        .write_image(&pixels, side, side, ExtendedColorType::L8)
        .map_err(|_| PosterError::ModuleSize)?;
    Ok(bytes)
}

fn pixels(qr: &Qr, scale: usize) -> Vec<u8> {
    let side = qr.full_side() * scale;
    let mut pixels = Vec::with_capacity(side * side);
    for row in qr.rows() {
        let line: Vec<u8> = row.iter().flat_map(|&dark| std::iter::repeat_n(if dark { 0 } else { 255 }, scale)).collect();
        for _ in 0..scale {
            pixels.extend_from_slice(&line);
        }
    }
    pixels
}
