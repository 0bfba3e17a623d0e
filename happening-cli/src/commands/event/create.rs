//! `happening event create`.

use crate::app::App;
use anyhow::Context as _;
use happening_core::wire::{Category, CreateEvent, WaitlistPolicy};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The organization, by id or name; may be left out if you may publish in one only
    #[arg(long, value_name = "ID|NAME")]
    org: Option<String>,
    /// Its name
    #[arg(long)]
    name: String,
    /// When it starts: 2026-12-01T19:00 in the organization's time zone, or with an offset: 2026-12-01T19:00:00Z
    #[arg(long)]
    date: String,
    /// How many seats there are
    #[arg(long, value_name = "N")]
    seats: u32,
    /// What it is about
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// webinar, concert or hackathon
    #[arg(long)]
    category: Option<Category>,
    /// split: freed seats go to the head, even fewer than it wants; whole: parties are served whole
    #[arg(long, value_name = "POLICY")]
    waitlist_policy: Option<WaitlistPolicy>,
    /// How often a smaller party may pass the head of a whole waitlist
    #[arg(long, value_name = "N")]
    bypass_limit: Option<u32>,
    /// How many parties may wait
    #[arg(long, value_name = "N")]
    waitlist_limit: Option<u32>,
}

pub async fn run(args: Args, app: &App<'_>) -> anyhow::Result<()> {
    let caller = app.caller()?;
    let org_id = match &args.org {
        Some(org) => caller.organization(org).await?,
        None => caller.publishing_organization().await?,
    };
    let create = CreateEvent {
        org_id,
        created_by: None,
        name: args.name,
        description: args.description,
        category: args.category,
        event_date: args.date,
        total_slots: args.seats,
        waitlist_policy: args.waitlist_policy,
        bypass_limit: args.bypass_limit,
        waitlist_limit: args.waitlist_limit,
    };
    let event = app.change(caller.client.create_event(&create)).await.context("the event was not created")?;
    app.console.item(&event)?;
    Ok(())
}
