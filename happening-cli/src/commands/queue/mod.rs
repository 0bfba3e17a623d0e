//! `happening queue`.

mod discard;
mod parked;
mod requeue;
pub mod status;

use crate::caller::Caller;
use happening_core::client::ClientError;
use happening_core::id::ParkedId;
use happening_core::wire::{ParkedMessage, ParkedQuery};

crate::frame::verbs! {
    /// How queue, outbox and worker are
    Status => status,
    /// List what is out of the way because nobody could deliver it, the newest first
    Parked => parked,
    /// Have something parked delivered once more
    Requeue => requeue,
    /// Throw something parked away
    Discard => discard,
}

/// Parked ones in one answer.
const PAGE: u32 = 1_000;

/// What is meant by ids, or by `--all`.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Chosen {
    /// Under which id it is parked
    #[arg(value_name = "ID", value_parser = crate::args::parked)]
    ids: Vec<ParkedId>,
    /// Everything that is parked
    #[arg(long)]
    all: bool,
}

impl Chosen {
    async fn ids(&self, caller: &Caller) -> Result<Vec<ParkedId>, ClientError> {
        if !self.all {
            return Ok(self.ids.clone());
        }
        Ok(all(caller, usize::MAX).await?.into_iter().map(|parked| parked.id).collect())
    }
}

/// What is parked, up to so many.
async fn all(caller: &Caller, most: usize) -> Result<Vec<ParkedMessage>, ClientError> {
    let mut found: Vec<ParkedMessage> = Vec::new();
    while found.len() < most {
        let cursor = found.last().map(|last| last.id);
        let page = caller.client.parked(&ParkedQuery { limit: Some(PAGE), cursor }).await?;
        let is_last = page.len() < PAGE as usize;
        found.extend(page);
        if is_last {
            break;
        }
    }
    found.truncate(most);
    Ok(found)
}
