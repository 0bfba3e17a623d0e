//! What must hold when a part fails under load: bookings go on or are refused at once, nothing that was answered is lost,
//! nothing is booked twice, and afterwards everything is as if nothing had been.
//!
//! Each test has the stack to itself ([`stage::Stage`]), breaks one part ([`stack::Outage`]) while clients book and
//! cancel ([`load::Load`]), and compares what they saw ([`history::History`]) with the database ([`truth`]).
//!
//! To add a fault: a test that sets the stage, starts the load, and says what the history must look like.

#[path = "../support/mod.rs"]
mod support;

#[expect(dead_code, reason = "each test binary uses a part of it")]
#[path = "../terminal/cli.rs"]
mod cli;

mod accounts;
mod daemons;
mod history;
mod in_step;
mod keycloak;
mod keys;
mod lies;
mod load;
mod middleman;
mod mirror;
mod notifications;
mod postgres;
mod rabbitmq;
mod redis_away;
mod rooms;
mod sign_in;
mod stack;
mod stage;
mod truth;
