//! Lists as CSV for requests with `Accept: text/csv`: the same rows in the same order, for spreadsheets.
//!
//! With `limit` it is that page. Without, it is the whole list, however long: pages are read and sent one after the other,
//! and never held together. An answer that breaks off half-way ends without its last chunk, so clients notice.

use super::page::Paged;
use crate::service::{self, Page};
use axum::body::{Body, Bytes};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt as _};
use happening_core::csv;
use happening_core::wire::{Event, EventBooking, WaitingParty};
use serde::Serialize;
use std::convert::Infallible;
use std::io;

/// What a list of such rows looks like as CSV.
pub trait Row: Serialize {
    /// Its columns: members of the JSON.
    const COLUMNS: &'static [&'static str];
}

impl Row for Event {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "org_id",
        "created_by",
        "name",
        "description",
        "category",
        "event_date",
        "total_slots",
        "available_slots",
        "waiting",
        "status",
        "created_at",
        "updated_at",
        "organizer_username",
        "organizer_email",
    ];
}

impl Row for EventBooking {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "event_id",
        "user_id",
        "username",
        "email",
        "seats",
        "status",
        "waiting_number",
        "assigned_seats",
        "created_at",
        "updated_at",
    ];
}

impl Row for WaitingParty {
    const COLUMNS: &'static [&'static str] =
        &["position", "waiting_number", "booking_id", "user_id", "username", "seats", "created_at"];
}

/// Whether the client would rather have CSV than JSON: the header `Accept` (RFC 9110, section 12.5.1).
pub struct WantsCsv(pub bool);

impl<S: Send + Sync> FromRequestParts<S> for WantsCsv {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(prefers_csv(&parts.headers)))
    }
}

/// CSV has to be named: a client that takes anything gets JSON.
fn prefers_csv(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let (mut csv, mut json) = (0.0, 0.0);
    for range in values.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality =
            parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok());
        let quality = quality.unwrap_or(0.0);
        match kind.as_str() {
            "text/csv" => csv = quality,
            "application/json" => json = quality,
            _ => {}
        }
    }
    csv > 0.0 && csv >= json
}

/// A list as CSV: this page, and, unless the client asked for one page, those after it.
pub fn list<T, F, Fut>(uri: &Uri, first: Page<T>, is_one_page: bool, more: F) -> Response
where
    T: Row + Send + 'static,
    F: Fn(String) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Page<T>, service::Error>> + Send + 'static,
{
    let Page { items, next } = first;
    let head = csv::line(T::COLUMNS.iter().map(|name| csv::plain(name))) + &lines(&items);
    if is_one_page {
        let link = Paged::new(uri, Vec::<T>::new(), "cursor", next).link();
        return (headers(link), head).into_response();
    }
    let rest = stream::try_unfold(next, move |cursor| {
        let page = cursor.map(&more);
        async move {
            let Some(page) = page else { return Ok(None) };
            let Page { items, next } = page.await.map_err(|error| io::Error::other(error.detail))?;
            Ok(Some((Bytes::from(lines(&items)), next)))
        }
    });
    let body = stream::once(async move { Ok::<_, io::Error>(Bytes::from(head)) }).chain(rest);
    (headers(None), Body::from_stream(body)).into_response()
}

fn lines<T: Row>(rows: &[T]) -> String {
    rows.iter().map(line).collect()
}

fn line<T: Row>(row: &T) -> String {
    let value = serde_json::to_value(row).unwrap_or_default();
    csv::line(T::COLUMNS.iter().map(|name| value.get(name).map_or_else(String::new, csv::value)))
}

fn headers(link: Option<HeaderValue>) -> HeaderMap {
    let text = |name: HeaderName, value: &'static str| (name, HeaderValue::from_static(value));
    let mut headers = HeaderMap::from_iter([
        text(header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        text(header::CACHE_CONTROL, "no-store"),
        text(header::VARY, "accept"),
    ]);
    headers.extend(link.map(|link| (header::LINK, link)));
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefers(accept: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        prefers_csv(&headers)
    }

    #[test]
    fn csv_is_for_those_who_name_it() {
        for accept in ["text/csv", "TEXT/CSV", "text/csv, */*;q=0.1", "application/json;q=0.5, text/csv"] {
            assert!(prefers(accept), "{accept}");
        }
        for accept in [
            "*/*",
            "",
            "application/json",
            "application/json, text/csv;q=0.9",
            "text/csv;q=0",
            "text/*",
            "text/csv;q=x",
        ] {
            assert!(!prefers(accept), "{accept}");
        }
    }
}
