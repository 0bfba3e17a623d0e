//! An address as a QR code in the terminal, for the telephone on the desk.

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use unicode_width::UnicodeWidthStr as _;

/// Lines that stand around the code: the code to type, the addresses, the offer of a browser, what is waited for, and two
/// empty ones.
const AROUND: usize = 7;

/// The code in lines of text, if a terminal of this many columns and lines has room for it and for what stands around it.
pub fn qr_code(text: &str, (width, height): (u16, u16)) -> Option<String> {
    // The lowest level of correction makes the smallest code, and a screen has no scratches.
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let lines = code.render::<Dense1x2>().build();
    let is_low = lines.lines().count() + AROUND <= usize::from(height);
    let fits = is_low && lines.lines().all(|line| line.width() <= usize::from(width));
    fits.then(|| format!("\n{lines}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_there_where_it_fits() {
        let address = "http://127.0.0.1:5000/device?user_code=ABCD-EFGH";
        let code = qr_code(address, (80, 26)).unwrap();
        assert!(code.lines().count() < 24, "{code}");
        assert_eq!(qr_code(address, (20, 100)), None);
        assert_eq!(qr_code(address, (70, 12)), None, "it would scroll the address away");
        assert_eq!(qr_code(&"x".repeat(10_000), (u16::MAX, u16::MAX)), None, "no code holds it");
    }
}
