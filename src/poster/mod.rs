//! Draws a poster's QR code as SVG, PNG or terminal text. Pure: data in, bytes out.
