//! Tables as files, and what is copied.

use super::toast;
use crate::effect::Effect;
use crate::model::{Model, Pane, RowKey, Table};
use serde_json::{Map, Value};
use std::path::PathBuf;

/// Writes the rows that are marked, or else those that are shown.
pub fn write(model: &Model, pane: Pane, path: &str) -> Result<Vec<Effect>, String> {
    let path = PathBuf::from(path);
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    let text = match ending.as_str() {
        "csv" => csv(model, pane),
        "json" => json(model, pane),
        _ => return Err("file: ends with .csv or .json".to_owned()),
    };
    Ok(vec![Effect::Write { path, text: text.ok_or("there is nothing to write")? }])
}

/// The names of the columns, and the rows.
fn rows(model: &Model, pane: Pane) -> Option<(Vec<&'static str>, Vec<Vec<String>>)> {
    let table = model.table_of(pane)?;
    let columns: Vec<usize> = (0..table.columns.len())
        .filter(|at| !table.hidden.contains(at) && !table.columns[*at].title.is_empty())
        .collect();
    let names = std::iter::once("id").chain(columns.iter().map(|at| table.columns[*at].title)).collect();
    let wanted = |at: &&usize| table.marked.is_empty() || table.marked.contains(&table.rows[**at].key);
    let rows = table.shown.iter().filter(wanted).map(|at| {
        let row = &table.rows[*at];
        let cells = columns.iter().filter_map(|column| row.cells.get(*column).map(crate::model::Cell::plain));
        std::iter::once(row.key.id()).chain(cells).collect()
    });
    Some((names, rows.collect()))
}

fn csv(model: &Model, pane: Pane) -> Option<String> {
    let (names, rows) = rows(model, pane)?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&names).ok()?;
    for row in rows {
        // A spreadsheet takes what begins so for a formula.
        let harmless = row.iter().map(|cell| match cell.chars().next() {
            Some('=' | '+' | '-' | '@') => format!("'{cell}"),
            _ => cell.clone(),
        });
        writer.write_record(harmless).ok()?;
    }
    String::from_utf8(writer.into_inner().ok()?).ok()
}

fn json(model: &Model, pane: Pane) -> Option<String> {
    let (names, rows) = rows(model, pane)?;
    let objects = rows.into_iter().map(|row| {
        let members = names.iter().map(|name| (*name).to_owned()).zip(row.into_iter().map(Value::String));
        Value::Object(members.collect::<Map<_, _>>())
    });
    serde_json::to_string_pretty(&Value::Array(objects.collect())).ok()
}

/// Copies ids; in the log, the command that does the same.
pub fn copy(model: &mut Model) -> Vec<Effect> {
    let keys = model.table().map(Table::targets).unwrap_or_default();
    let lines = keys.iter().map(|key| match key {
        RowKey::Number(number) if model.pane() == Pane::Log => {
            model.log.find(*number).map(|call| call.command.clone()).unwrap_or_default()
        }
        other => other.id(),
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    toast(model, "Copied");
    vec![Effect::Copy(text)]
}
