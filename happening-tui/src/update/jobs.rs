//! Long work of the daemon. The stream tells how far it has come; what came of it is asked for when it tells no more of it.

use super::{change, feeds, keys, notice, toast};
use crate::command::Command;
use crate::effect::Effect;
use crate::feed::Query;
use crate::model::{Link, Model, Overlay};
use crate::trouble::{Trouble, TroubleKind};
use chrono::TimeDelta;
use happening_core::wire::{Job, JobState};

/// A change is a job. Its dialog is in nobody's way meanwhile.
pub fn begun(model: &mut Model, ticket: u32, job: Job) -> Vec<Effect> {
    if matches!(&model.overlay, Some(Overlay::Dialog(dialog)) if dialog.ticket == ticket) {
        model.overlay = None;
    }
    model.job = Some(job.id);
    seen(model, job);
    feeds::ask(model)
}

/// How a job is now.
pub fn seen(model: &mut Model, job: Job) {
    model.touched = true;
    model.data.jobs.retain(|one| one.id != job.id);
    if !job.state.is_final() {
        model.data.jobs.push(job);
    } else if model.job == Some(job.id) {
        model.job = None;
        ended(model, job);
        keys::outdate_after_change(model);
    }
}

fn ended(model: &mut Model, job: Job) {
    let why = match job.state {
        JobState::Done => {
            let outcome = change::outcome(&Command::Heal(None), &job.result.unwrap_or_default());
            return toast(model, outcome);
        }
        JobState::Cancelled => "the job was cancelled".to_owned(),
        _ => job.error.unwrap_or_default(),
    };
    notice(model, Trouble::new(TroubleKind::Refused, format!("{}: {why}", Command::Heal(None).about())));
}

/// The stream told which jobs have not ended.
pub fn told(model: &mut Model, jobs: &[Job]) {
    if model.data.jobs != jobs {
        model.touched = true;
        model.data.jobs = jobs.to_vec();
    }
    if let Some(id) = model.job.filter(|id| jobs.iter().all(|job| job.id != *id)) {
        model.feeds.outdate(&Query::Job(id));
    }
}

/// The job that was begun here is looked at for its end, and for how far it has come where no stream tells.
pub fn wanted(model: &Model) -> Option<(Query, TimeDelta)> {
    let told = model.data.metrics.as_ref().is_some_and(|metrics| metrics.jobs.is_some());
    let seconds = if told && model.stream == Link::Up { 60 } else { 2 };
    Some((Query::Job(model.job?), TimeDelta::seconds(seconds)))
}
