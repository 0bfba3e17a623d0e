//! The whole daemon, driven from outside, on embedded parts and on the real ones of `docker/stack`.
//!
//! Each rule is written once, as a function over [`support::parts::Parts`], and [`on_both_parts`] makes two tests of it.
//! To add one: the function, its name in the file's `on_both_parts!`.

/// `embedded::RULE` and `real::RULE` for each rule.
macro_rules! on_both_parts {
    ($($rule:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                super::$rule($crate::support::parts::Parts::embedded()).await;
            })+
        }

        mod real {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                super::$rule($crate::support::parts::Parts::real().await).await;
            })+
        }
    };
}

#[path = "../support/mod.rs"]
mod support;

mod admin;
mod announcements;
mod auditor;
mod bad_input;
mod commands;
mod contract;
mod crowd;
mod dry_runs;
mod edits;
mod existing_realm;
mod growth;
mod holds;
mod idempotency;
mod kill;
mod limits;
mod line;
mod lists;
mod logging;
mod mail;
mod matrix;
mod mixture;
mod moves;
mod on_behalf;
mod organizations;
mod people;
mod places;
mod quotas;
mod rate_limits;
mod raw;
mod rows;
mod sales_pause;
mod schedule;
mod shutdown;
mod sockets;
mod story;
mod streams;
mod tags;
