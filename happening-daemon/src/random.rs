//! The one place that draws random numbers.

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::{Builder, Uuid};

/// RFC 8628, section 6.1: no vowels, so that no words come out, and nothing that looks like a digit.
const USER_CODE_LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

pub fn bytes<const N: usize>() -> [u8; N] {
    let mut drawn = [0; N];
    SystemRandom::new().fill(&mut drawn).expect("the operating system has random numbers");
    drawn
}

pub fn uuid() -> Uuid {
    Builder::from_random_bytes(bytes()).into_uuid()
}

/// 256 bits for URLs and forms.
pub fn secret() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// `BCDF-GHJK`: 34 bits, easily read out over the phone.
pub fn user_code() -> String {
    let mut code = String::with_capacity(9);
    while code.len() < 9 {
        if code.len() == 4 {
            code.push('-');
        }
        let [drawn] = bytes::<1>();
        // 240 is the largest multiple of 20: beyond it, the first letters would come up more often.
        if drawn < 240 {
            code.push(char::from(USER_CODE_LETTERS[usize::from(drawn % 20)]));
        }
    }
    code
}
