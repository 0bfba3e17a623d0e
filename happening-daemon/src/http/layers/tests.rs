//! What the log says of a request, in both formats.

use super::*;
use crate::logging::{LogFormat, subscriber};
use crate::service::Error as ServiceError;
use crate::store::StoreError;
use axum::body::Body;
use axum::routing::get;
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tower::ServiceExt as _;
use tracing_subscriber::fmt::MakeWriter;

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    fn lines(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().expect("no panic"));
        String::from_utf8(bytes).expect("text").lines().map(ToOwned::to_owned).collect()
    }
}

async fn defect() -> Result<(), Error> {
    Err(ServiceError::from(StoreError::Defect("no such table\nERROR forged \u{1b}[2J\u{202e}".to_owned()))
        .into())
}

async fn away() -> Result<(), Error> {
    Err(ServiceError::from(StoreError::Unavailable("away".to_owned())).into())
}

async fn panics() {
    panic!("on purpose");
}

fn routes() -> Router {
    let routes = Router::new()
        .route("/defect/{id}", get(defect))
        .route("/away", get(away))
        .route("/panics", get(panics))
        .route("/fine", get(|| async { "fine" }));
    let guarding = async |request, next: Next| guarded(request, |request| next.run(request)).await;
    traced(routes, middleware::from_fn(guarding))
}

/// Asks; returns the status and the id that the answer bears in its header and, if it is an error, in its body.
async fn ask(path: &str, id: Option<&str>) -> (u16, String) {
    let mut request = axum::http::Request::builder().uri(path);
    if let Some(id) = id {
        request = request.header(request_id::HEADER, id);
    }
    let answer = routes().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    let status = answer.status().as_u16();
    let told = answer.headers()[request_id::HEADER].to_str().expect("text").to_owned();
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    if status >= 400 {
        let problem: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(problem["request_id"], told.as_str(), "{problem}");
    }
    (status, told)
}

#[tokio::test]
async fn what_goes_wrong_is_logged_with_the_id_that_the_answer_bears() {
    let asked = [
        ("/defect/7", 500, "/defect/{id}", "the store failed"),
        ("/panics", 500, "/panics", "a handler panicked"),
        ("/away", 503, "/away", "answered"),
    ];
    for format in [LogFormat::Text, LogFormat::Json] {
        let log = Log::default();
        let subscriber = subscriber(format, "info", false, log.clone()).expect("a filter");
        let _guard = tracing::subscriber::set_default(subscriber);
        for (path, expected, route, said) in asked {
            let (status, id) = ask(path, None).await;
            assert_eq!(status, expected, "{path}");
            let lines = log.lines();
            let answered = lines.iter().filter(|line| line.contains("answered")).count();
            assert_eq!(answered, 1, "one line for the request: {lines:?}");
            assert!(lines.iter().any(|line| line.contains(said)), "{lines:?}");
            assert!(lines.iter().all(|line| line.contains(&id) && line.contains(route)), "{id}: {lines:?}");
            if format == LogFormat::Json {
                let json: Vec<Value> =
                    lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
                assert!(json.iter().all(|line| line["span"]["request_id"] == id.as_str()), "{json:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_goes_well_is_logged_for_those_who_look_closer() {
    let log = Log::default();
    {
        let _guard = tracing::subscriber::set_default(
            subscriber(LogFormat::Text, "info", false, log.clone()).expect("a filter"),
        );
        assert_eq!(ask("/fine", None).await.0, 200);
        assert_eq!(log.lines(), [""; 0]);
    }
    let _guard = tracing::subscriber::set_default(
        subscriber(LogFormat::Text, "happening_daemon=debug", false, log.clone()).expect("a filter"),
    );
    assert_eq!(ask("/fine", Some("my-id_1.2")).await, (200, "my-id_1.2".to_owned()));
    assert!(log.lines().iter().any(|line| line.contains("my-id_1.2") && line.contains("status=200")));
    let too_long = "x".repeat(65);
    for unfit in ["a b", "", "a\"b", &too_long] {
        let (_, id) = ask("/fine", Some(unfit)).await;
        assert!(id.len() == 32 && id != unfit, "{unfit:?} became {id:?}");
    }
}

#[tokio::test]
async fn no_field_ends_a_line_or_acts_on_a_terminal() {
    for format in [LogFormat::Text, LogFormat::Json] {
        let log = Log::default();
        let subscriber = subscriber(format, "info", false, log.clone()).expect("a filter");
        let _guard = tracing::subscriber::set_default(subscriber);
        let name =
            "Gala\r\n2026-01-01T00:00:00Z ERROR forged\u{1b}[2J\u{9b}\u{202e}\u{2028}\u{e0041}\u{7f}\0";
        let span = tracing::error_span!("work", shown = %name, debugged = ?name, text = name);
        let _entered = span.enter();
        tracing::error!(text = name, shown = %name, debugged = ?name, "said: {name}");
        let lines = log.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        let acting = |c: char| c.is_control() || happening_core::text::acts(c);
        assert!(!lines[0].contains(acting), "{:?}", lines[0]);
        if format == LogFormat::Json {
            let json: Value = serde_json::from_str(&lines[0]).expect("JSON");
            assert_eq!(json["fields"]["text"], name, "machines read what it was");
            assert_eq!(json["span"]["shown"], name);
        }
    }
}
