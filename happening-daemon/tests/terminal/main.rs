//! The command line and the terminal workplace, as people have them: the built binaries, on embedded parts and on the
//! real ones, signed in through the pages that people see.

/// `embedded::RULE` and `real::RULE` for each rule.
macro_rules! on_both_parts {
    ($($rule:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule($crate::support::parts::Parts::embedded()).await;
            })+
        }

        mod real {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule($crate::support::parts::Parts::real().await).await;
            })+
        }
    };
}

#[path = "../support/mod.rs"]
mod support;

mod cli;
mod commands;
mod day;
mod declare;
mod every;
mod exits;
mod keyring;
mod lists;
mod login;
mod manner;
mod operations;
mod pictures;
mod screen;
mod scripts;
mod story;
mod trial;
mod tui;
