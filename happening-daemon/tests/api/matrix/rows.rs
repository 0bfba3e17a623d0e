//! The rows of `table.txt`.

use reqwest::Method;
use serde_json::Value;

/// Who gets in.
pub enum Who {
    /// The same for everybody, token or not.
    Anybody(u16),
    /// 401 without a good token; else by the columns of the table.
    Known([u16; 8]),
}

pub struct Row {
    /// Method and path as in the table of routes.
    pub route: String,
    /// What this row is about, where a route has several.
    pub about: &'static str,
    pub path: &'static str,
    pub body: Option<Value>,
    pub who: Who,
}

impl Row {
    pub fn method(&self) -> Method {
        self.route.split(' ').next().expect("a method").parse().expect("a method")
    }

    /// The things that it names, in order.
    pub fn names(&self) -> Vec<&'static str> {
        let body = self.body.as_ref().map(ToString::to_string).unwrap_or_default();
        let is_named = |name: &&'static str| {
            let braced = format!("{{{name}}}");
            self.path.contains(&braced) || body.contains(&braced)
        };
        THINGS.into_iter().filter(is_named).collect()
    }

    /// Whether there is something in it that could be absent.
    pub fn is_about_something(&self) -> bool {
        self.names().iter().any(|name| !name.starts_with("my-") && *name != "me")
    }
}

/// Whatever a row may name; what comes along with another thing stands after it.
const THINGS: [&str; 21] = [
    "organization",
    "new-organization",
    "hold",
    "hold-event",
    "event",
    "admin-event",
    "booking",
    "admin-booking",
    "booking-event",
    "user",
    "organizer",
    "admin",
    "stranger",
    "me",
    "my-subject",
    "client",
    "invite",
    "invite-token",
    "mailbox",
    "newcomer",
    "job",
];

/// All of them.
pub fn rows() -> Vec<Row> {
    let lines = include_str!("table.txt").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(row).collect()
}

fn row(line: &'static str) -> Row {
    let cells: Vec<&'static str> = line.split(" |").map(str::trim).collect();
    let [route, path, body, statuses, about] = cells[..] else { panic!("not five cells: {line}") };
    let statuses: Vec<u16> = statuses.split(' ').map(|word| word.parse().expect("a status")).collect();
    Row {
        route: route.split_whitespace().collect::<Vec<_>>().join(" "),
        about,
        path,
        body: (!body.is_empty()).then(|| serde_json::from_str(body).expect("a JSON body")),
        who: match statuses[..] {
            [status] => Who::Anybody(status),
            _ => Who::Known(statuses.try_into().expect("a status for everybody")),
        },
    }
}
