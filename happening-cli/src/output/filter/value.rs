//! What a filter makes, as JSON. The values of jaq are more than JSON has: keys that are no text, and numbers that are none.

use super::super::json::escaped;
use super::super::text::visible;
use jaq_json::{Num, Val};

/// A result as it is printed: text as it is but for what a terminal would obey, the rest as compact JSON. Or why it is no
/// JSON.
pub fn printed(value: &Val) -> Result<String, String> {
    let Val::TStr(text) = value else {
        let mut out = String::new();
        write(&mut out, value)?;
        return Ok(escaped(&out));
    };
    let text = String::from_utf8_lossy(text);
    // Tabs and ends of lines are what `@tsv` and `join` are for.
    let lines = text.split('\n').map(|line| line.split('\t').map(visible).collect::<Vec<_>>().join("\t"));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// Writes the message of `halt_error` to stderr as jq does: text as it is, the rest as a line of JSON, and null not at all.
pub fn tell(message: &Val) {
    let text = match message {
        Val::Null => return,
        Val::TStr(_) => printed(message),
        _ => printed(message).map(|json| json + "\n"),
    };
    super::super::tell(&text.unwrap_or_else(|why| why + "\n"));
}

fn write(out: &mut String, value: &Val) -> Result<(), String> {
    match value {
        Val::Null => out.push_str("null"),
        Val::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Val::Num(Num::Float(number)) => match number {
            number if number.is_nan() => out.push_str("null"),
            // As jq has it: the largest that there are.
            number if number.is_infinite() => out.push_str(&f64::MAX.copysign(*number).to_string()),
            _ => out.push_str(&value.to_string()),
        },
        Val::Num(_) => out.push_str(&value.to_string()),
        Val::TStr(text) | Val::BStr(text) => quoted(out, text)?,
        Val::Arr(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                separate(out, place);
                write(out, item)?;
            }
            out.push(']');
        }
        Val::Obj(members) => {
            out.push('{');
            for (place, (name, member)) in members.iter().enumerate() {
                separate(out, place);
                let Val::TStr(name) = name else {
                    return Err(format!("an object's keys are strings, and {name} is none"));
                };
                quoted(out, name)?;
                out.push(':');
                write(out, member)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn separate(out: &mut String, place: usize) {
    if place > 0 {
        out.push(',');
    }
}

fn quoted(out: &mut String, text: &[u8]) -> Result<(), String> {
    out.push_str(&serde_json::to_string(&String::from_utf8_lossy(text)).map_err(|error| error.to_string())?);
    Ok(())
}
