//! Rows of what was answered.

use super::super::StoreError;
use super::super::answers::{KeptAnswer, Remembered};
use super::json;
use sqlx::FromRow;

#[derive(FromRow)]
pub(in crate::store) struct AnsweredRow {
    request: Vec<u8>,
    status: Option<i32>,
    headers: String,
    body: Option<String>,
}

impl TryFrom<AnsweredRow> for Remembered {
    type Error = StoreError;

    fn try_from(row: AnsweredRow) -> Result<Self, StoreError> {
        let broken = || StoreError::Defect("a remembered answer is unreadable".to_owned());
        let answer = match (row.status, row.body) {
            (Some(status), Some(body)) => Some(KeptAnswer {
                status: u16::try_from(status).map_err(|_| broken())?,
                headers: json(&row.headers)?,
                body,
            }),
            _ => None,
        };
        Ok(Self { request: row.request.try_into().map_err(|_| broken())?, answer })
    }
}
