//! `happening apply`.

use crate::app::App;
use crate::caller::Caller;
use crate::declare::{self, File, Files, Taken, first, found};
use crate::exit::CliError;
use crate::frame::Verb;
use crate::output::{Answer, Outcome, print};
use crate::prompt::Confirmation;
use anyhow::Context as _;
use happening_core::declare::{
    Actual, Kind, Objection, Plan, Pruning, State, Step, objections, plan, schema,
};
use happening_core::id::OrganizationId;
use std::collections::BTreeMap;

const HELP: &str = "\
The file says what an organization is to be; what it leaves out stays as it is, and null clears. Applied again it changes nothing, and \
where it was stopped it goes on. Who is not a member yet is `invited`, and has to accept. Exit 9 if some of it could not be \
done (with --dry-run: could not be), 6 if --prune would remove too much, and then \
nothing is done.

The file:
  happening: 1
  organization: {name: Jazz Club, timezone: Europe/Berlin}
  members:
    - {who: ada@example.org, role: organizer}
  events:
    - {name: First Night, date: 2030-06-01T19:00, seats: 120}

Examples:
  happening apply -f organization.yaml
  happening export Demo | happening apply -f - --dry-run
  happening apply --schema > organization.schema.json";

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Args {
    #[command(flatten)]
    files: Files,
    /// Print the JSON Schema of the file, for editors
    #[arg(long, conflicts_with = "file")]
    schema: bool,
    /// Remove members, invites, service accounts and events that are not in the file, of the kinds that it lists
    #[arg(long)]
    prune: bool,
    /// With --prune: even more than half of the members or events
    #[arg(long, requires = "prune")]
    prune_most: bool,
    /// Delete and cancel even events that people booked
    #[arg(long)]
    even_booked: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// A file, and what follows from it.
pub struct Planned {
    file: File,
    actual: Actual,
    plan: Plan,
    /// Steps that the daemon would refuse, and why. Known only of those that were tried.
    refused: BTreeMap<usize, String>,
}

impl Verb for Args {
    type Output = Outcome;

    async fn call(self, app: &App<'_>) -> anyhow::Result<Answer<Outcome>> {
        if self.schema {
            print(&format!("{:#}\n", schema().to_value()))?;
            return Ok(Answer::nothing());
        }
        let files = self.files.read()?;
        let caller = app.caller()?;
        let mut all = planned_all(&caller, &files, self.prune).await?;
        if app.console.dry_run {
            for planned in &mut all {
                if let Some(organization) = &planned.actual.organization {
                    planned.refused =
                        declare::try_out(app, &caller.client, organization.id, &planned.plan).await?;
                }
            }
            return Ok(self.dry_run_answer(&all));
        }
        self.must_be_wanted(app, &all).await?;
        let mut outcomes = Vec::new();
        for planned in all {
            outcomes.extend(carry_out(app, &caller, planned, self.prune).await?);
        }
        app.console.note(&summary(&outcomes));
        let failed = outcomes.iter().filter(|outcome| outcome.is_failed()).count();
        let of = outcomes.len();
        let answer = Answer::list(outcomes, "The file declares nothing.");
        Ok(if failed > 0 { answer.but(CliError::PartlyDone { failed, of }) } else { answer })
    }
}

impl Args {
    /// What would be done. It ends as the real one would: with what it would refuse, or could not do.
    fn dry_run_answer(&self, all: &[Planned]) -> Answer<Outcome> {
        let outcomes = planned(all);
        let failed = outcomes.iter().filter(|outcome| outcome.is_failed()).count();
        let of = all.iter().map(|planned| planned.plan.steps.len()).sum();
        let answer = Answer::list(outcomes, "No differences.");
        match self.refusal(all) {
            Some(refusal) => answer.but(refusal),
            None if failed > 0 => answer.but(CliError::WouldFail { failed, of }),
            None => answer,
        }
    }

    /// What is most likely a mistake.
    fn refusal(&self, all: &[Planned]) -> Option<CliError> {
        let wanted = Pruning { most: self.prune_most, booked: self.even_booked };
        let against: Vec<_> = all
            .iter()
            .flat_map(|planned| objections(&planned.plan, &planned.actual, wanted))
            .map(|it| told(&it))
            .collect();
        (!against.is_empty()).then(|| CliError::Conflict(against.join("\n")))
    }

    /// Refuses what is most likely a mistake, and asks before anything is removed.
    async fn must_be_wanted(&self, app: &App<'_>, all: &[Planned]) -> anyhow::Result<()> {
        if let Some(refusal) = self.refusal(all) {
            return Err(refusal.into());
        }
        let steps = all.iter().flat_map(|planned| &planned.plan.steps);
        let names: Vec<&str> =
            steps.filter(|step| step.state == State::Remove).map(|step| step.name.as_str()).collect();
        if names.is_empty() {
            return Ok(());
        }
        let question =
            async { Ok(format!("Remove {} that are not declared ({})?", names.len(), first(&names))) };
        self.confirmation.obtain(app.console, question).await
    }
}

fn told(objection: &Objection) -> String {
    match objection {
        Objection::Most { kind, removed, of } => {
            format!(
                "nothing was done: {removed} of {of} {kind}s would be removed; --prune-most does it all the same"
            )
        }
        Objection::Booked { names } => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let listed = first(&names);
            format!(
                "nothing was done: people booked what would not take place ({listed}); --even-booked does it all the same"
            )
        }
    }
}

/// What each file would do. Reads, and changes nothing.
pub async fn planned_all(caller: &Caller, files: &[File], prune: bool) -> anyhow::Result<Vec<Planned>> {
    let mut all = Vec::new();
    for file in files {
        let actual = declare::read(caller, &file.declaration).await?;
        let plan = plan(&file.declaration, &actual, prune);
        all.push(Planned { file: file.clone(), actual, plan, refused: BTreeMap::new() });
    }
    Ok(all)
}

/// The steps that would be taken, and what is impossible.
pub fn planned(all: &[Planned]) -> Vec<Outcome> {
    let steps =
        all.iter().flat_map(|planned| planned.plan.steps.iter().enumerate().map(move |step| (step, planned)));
    steps
        .filter(|((_, step), _)| step.state != State::Unchanged)
        .map(|((index, step), planned)| {
            Outcome::planned(step, planned.refused.get(&index), &planned.file.name)
        })
        .collect()
}

async fn carry_out(
    app: &App<'_>,
    caller: &Caller,
    planned: Planned,
    prune: bool,
) -> anyhow::Result<Vec<Outcome>> {
    let Planned { file, mut actual, plan: mut steps, .. } = planned;
    let mut founded: Option<Step> = None;
    if let Some(organization) =
        app.change(found(&caller.client, &steps)).await.context("the organization was not founded")?
    {
        founded = steps.steps.iter().find(|step| step.kind == Kind::Organization).cloned();
        // Whoever founds an organization is its first member, so the rest follows from what is there now.
        let people = actual.people;
        (_, actual) = declare::whole(caller, organization.id).await?;
        actual.caller = organization.owner_id;
        actual.people = people;
        steps = plan(&file.declaration, &actual, prune);
    }
    let id = actual.organization.as_ref().map_or(OrganizationId(uuid::Uuid::nil()), |found| found.id);
    let taken = app.change(declare::apply(app, &caller.client, id, &steps)).await;
    let mut outcomes: Vec<Outcome> =
        steps.steps.iter().zip(&taken).map(|(step, taken)| Outcome::done(step, taken, &file.name)).collect();
    if let (Some(founded), Some(first)) = (founded, outcomes.first_mut()) {
        *first = Outcome::done(&founded, &Ok(Taken::Done), &file.name);
    }
    Ok(outcomes)
}

fn summary(outcomes: &[Outcome]) -> String {
    let count = |state: &str| outcomes.iter().filter(|outcome| outcome.state == state).count();
    let words = ["created", "changed", "invited", "removed", "failed", "unchanged"]
        .map(|state| (count(state), state));
    let told: Vec<_> = words
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, state)| format!("{count} {state}"))
        .collect();
    format!("{}.", told.join(", "))
}
