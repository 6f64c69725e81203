//! The forms in which a text may be written down. Written by hand, so that no encoder of the product is its own judge.

const HEX: [&str; 2] = ["0123456789abcdef", "0123456789ABCDEF"];
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The forms that keep the blanks of a text.
pub(super) fn plain(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let xml = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quoted = xml.replace('"', "&quot;");
    let mut forms = vec![
        ("as is", value.to_owned()),
        ("escaped for XML", quoted.replace('\'', "&apos;")),
        ("escaped for XML", quoted.replace('\'', "&#39;")),
        ("escaped for XML", quoted),
        ("escaped for XML", xml),
    ];
    for digits in HEX {
        // What stays as it is differs from encoder to encoder, and forms write a blank as a plus.
        let letters = |byte: u8| byte.is_ascii_alphanumeric();
        let unreserved = |byte: u8| letters(byte) || b"-._~".contains(&byte);
        let of_a_form = |byte: u8| letters(byte) || b"-._*".contains(&byte);
        let of_a_script = |byte: u8| unreserved(byte) || b"!*'()".contains(&byte);
        forms.push(("percent-encoded", percent(value, digits, letters)));
        forms.push(("percent-encoded", percent(value, digits, unreserved)));
        forms.push(("percent-encoded", percent(value, digits, of_a_script)));
        forms.push(("percent-encoded", percent(value, digits, of_a_form).replace("%20", "+")));
    }
    forms.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
}

/// The forms that say nothing with blanks and line ends, and so may be folded anywhere.
pub(super) fn packed(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let numbers: Vec<String> = value.bytes().map(|byte| byte.to_string()).collect();
    let mut forms = vec![("numbers of bytes", numbers.join(","))];
    for digits in HEX {
        forms.push(("hex", value.bytes().map(|byte| hex(byte, digits)).collect()));
    }
    for last in ["+/", "-_"] {
        forms.extend((0..3).map(|before| ("base64", base64(value, before, last))));
    }
    forms.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
}

/// What is left of a text without its backslashes, however often it was escaped: by JSON, in a JSON document within
/// another, by Rust's `Debug` of texts and of bytes.
pub(super) fn escaped(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let letter = |c: char| match c {
        '\n' => 'n',
        '\t' => 't',
        '\r' => 'r',
        c => c,
    };
    let left: String = value.chars().filter(|c| *c != '\\').map(letter).collect();
    let mut forms = vec![("escaped", left.clone())];
    for digits in HEX {
        let units = left.encode_utf16().map(|unit| match unit.to_be_bytes() {
            [0, low] if low.is_ascii() => char::from(low).to_string(),
            [high, low] => format!("u{}{}", hex(high, digits), hex(low, digits)),
        });
        forms.push(("escaped", units.collect()));
        let bytes = left.bytes().map(|byte| match byte {
            byte if byte.is_ascii() => char::from(byte).to_string(),
            byte => format!("x{}", hex(byte, digits)),
        });
        forms.push(("escaped", bytes.collect()));
    }
    forms.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
}

fn percent(value: &str, digits: &str, stays: impl Fn(u8) -> bool) -> String {
    let encoded = value.bytes().map(|byte| match byte {
        byte if stays(byte) => char::from(byte).to_string(),
        byte => format!("%{}", hex(byte, digits)),
    });
    encoded.collect()
}

fn hex(byte: u8, digits: &str) -> String {
    let digit = |half: u8| char::from(digits.as_bytes()[usize::from(half)]);
    [digit(byte >> 4), digit(byte & 15)].iter().collect()
}

/// The characters of base64 that a text alone decides, if so many bytes stand before it in its group of three.
fn base64(value: &str, before: usize, last: &str) -> String {
    let alphabet = [BASE64, last].concat();
    let bytes: Vec<u8> = std::iter::repeat_n(0, before).chain(value.bytes()).collect();
    let bit = |index: usize| bytes[index / 8] >> (7 - index % 8) & 1;
    let (first, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
    let group = |index: usize| (index * 6..index * 6 + 6).fold(0, |value, at| value << 1 | bit(at));
    (first..end).map(|index| char::from(alphabet.as_bytes()[usize::from(group(index))])).collect()
}
