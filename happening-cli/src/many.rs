//! Commands that do the same to several things: each is told of, and some may fail.

use crate::app::App;
use crate::exit::CliError;
use crate::output::{Answer, Attempted};
use happening_core::client::ClientError;
use std::fmt::Display;

/// What became of all of them.
pub struct Attempts {
    rows: Vec<Attempted>,
    /// The first error.
    error: Option<ClientError>,
    /// What was to be done to them, as in `could not be requeued`.
    done: &'static str,
    /// Nothing was done: each was tried.
    is_tried: bool,
}

/// Does it to one after the other. Where the daemon does not answer, or nobody is signed in, the rest is left alone. Of
/// one thing alone, a dry run answers as everywhere; of several, whether it would be done to each.
pub async fn each<Id: Copy + Display, T>(
    app: &App<'_>,
    ids: &[Id],
    done: &'static str,
    ask: impl AsyncFn(Id) -> Result<T, ClientError>,
) -> Result<Attempts, ClientError> {
    let is_one = ids.len() == 1;
    let mut attempts = Attempts { rows: Vec::with_capacity(ids.len()), error: None, done, is_tried: false };
    let mut ids = ids.iter();
    for id in ids.by_ref() {
        let failure = match app.change(ask(*id)).await.err() {
            Some(tried @ ClientError::Tried(_)) if is_one => return Err(tried),
            Some(ClientError::Tried(_)) => {
                attempts.is_tried = true;
                None
            }
            failure => failure,
        };
        attempts.rows.push(Attempted::new(id, failure.as_ref().map(ToString::to_string)));
        let is_hopeless = failure.as_ref().is_some_and(|error| !matches!(error, ClientError::Refused { .. }));
        if attempts.error.is_none() {
            attempts.error = failure;
        }
        if is_hopeless {
            break;
        }
    }
    attempts.rows.extend(ids.map(|id| Attempted::new(id, Some("not tried".to_owned()))));
    Ok(attempts)
}

impl Attempts {
    /// As the command's answer; `none` is said where there was nothing to do. If all failed the first error says why, and
    /// with which code to exit.
    pub fn answer(self, none: &'static str) -> Answer<Attempted> {
        let failed = self.rows.iter().filter(|row| !row.is_done()).count();
        let all = self.rows.len();
        let tried = self
            .is_tried
            .then(|| "Dry run: nothing was changed. The rows say what would come of it.".to_owned());
        let answer = Answer::list(self.rows, none).noting(tried);
        match self.error {
            None => answer,
            Some(error) if failed == all => {
                answer.but(anyhow::Error::from(error).context(format!("not {}", self.done)))
            }
            Some(_) => answer.but(CliError::PartlyDone { failed, of: all }),
        }
    }
}
