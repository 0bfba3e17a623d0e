//! How the daemon is.

use super::{Cell, Column, Record, Tone};
use happening_core::wire::{Health, Readiness};
use serde::Serialize;

/// One part of the daemon.
#[derive(Debug, Serialize)]
pub struct Part {
    #[serde(rename = "part")]
    name: String,
    kind: String,
    state: Health,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<f64>,
}

impl Part {
    /// The parts, the daemon as a whole first.
    pub fn all(readiness: &Readiness) -> Vec<Self> {
        let whole = Self {
            name: "daemon".to_owned(),
            kind: "happening".to_owned(),
            state: readiness.status,
            latency_ms: None,
        };
        let parts = readiness.parts.iter().map(|(name, part)| Self {
            name: name.clone(),
            kind: part.kind.clone(),
            state: part.state,
            latency_ms: part.latency_ms,
        });
        std::iter::once(whole).chain(parts).collect()
    }
}

impl Record for Part {
    const COLUMNS: &'static [Column<'static>] =
        &[Column::text("PART"), Column::text("KIND"), Column::text("STATE"), Column::number("LATENCY")];

    fn fields() -> Vec<&'static str> {
        vec!["part", "kind", "state", "latency_ms"]
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn cells(&self) -> Vec<Cell> {
        let tone = match self.state {
            Health::Ok => Tone::Good,
            Health::Degraded => Tone::Attention,
            Health::Down => Tone::Bad,
        };
        vec![
            Cell::new(&self.name),
            Cell::new(&self.kind),
            Cell::new(self.state).tone(tone),
            Cell::maybe(self.latency_ms.map(|ms| format!("{ms:.1} ms"))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{Style, table};

    #[test]
    fn a_table_of_parts() {
        let readiness: Readiness = serde_json::from_value(serde_json::json!({
            "status": "degraded",
            "parts": {
                "counters": {"kind": "redis", "state": "down"},
                "store": {"kind": "postgresql", "state": "ok", "latency_ms": 0.42},
            }
        }))
        .unwrap();
        insta::assert_snapshot!(table::rows(&Part::all(&readiness), Style::plain(None)), @"
        PART      KIND        STATE     LATENCY
        daemon    happening   degraded        -
        counters  redis       down            -
        store     postgresql  ok         0.4 ms
        ");
    }
}
