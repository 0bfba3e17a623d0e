//! What stands in the address: path and query, with errors like everyone else's.

use super::error::Error;
use axum::extract::{FromRequestParts, Path as AxumPath, Query as AxumQuery};
use axum::http::request::Parts;
use happening_core::wire::ErrorCode;
use serde::de::DeserializeOwned;

/// Parts of the path. A malformed id is 400.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match AxumPath::<T>::from_request_parts(parts, state).await {
            Ok(AxumPath(value)) => Ok(Self(value)),
            Err(_) => {
                Err(Error::new(ErrorCode::ValidationFailed, "The address holds an id that is no UUID."))
            }
        }
    }
}

/// The query. An empty value counts as absent; a malformed one is 400.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match AxumQuery::<T>::from_request_parts(parts, state).await {
            Ok(AxumQuery(value)) => Ok(Self(value)),
            Err(error) => {
                Err(Error::new(ErrorCode::ValidationFailed, format!("The query: {}.", error.body_text())))
            }
        }
    }
}
