//! Who tells the story: runs a command as it would be typed, and shows what it answers.

use crate::app::App;
use crate::cleanup::Made;
use crate::frame::Verb;
use crate::output::{Answer, Step, print};
use crate::{prompt, trace};
use happening_core::client::Client;

/// Tells it.
pub struct Narrator<'a> {
    pub app: &'a App<'a>,
    client: Client,
    waits: bool,
    steps: Vec<Step>,
}

impl<'a> Narrator<'a> {
    pub fn new(app: &'a App<'a>, client: Client, waits: bool) -> Self {
        Self { app, client, waits, steps: Vec::new() }
    }

    /// Whether the caller is staff, who alone may.
    pub async fn sees_the_queue(&self) -> bool {
        self.client.queue_status().await.is_ok()
    }

    /// Remembers that a step has made something.
    pub fn made(&self, made: Made) {
        self.app.cleanup.add(&self.client, made);
    }

    /// Runs `happening WORDS`, of which the first so many name the command `V`, and says what came of it.
    pub async fn step<V: Verb + clap::Args>(
        &mut self,
        about: &str,
        words: &[&str],
        outcome: impl FnOnce(&[V::Output]) -> String,
    ) -> anyhow::Result<Answer<V::Output>> {
        self.wait().await;
        let verb = parse::<V>(&words[2..])?;
        let typed: Vec<_> = words.iter().map(|word| typed(word)).collect();
        let mut step = Step {
            number: self.steps.len() + 1,
            about: about.to_owned(),
            command: format!("happening {}", typed.join(" ")),
            output: crate::output::Document::Null,
            outcome: String::new(),
        };
        let console = self.app.console;
        let style = console.style();
        if console.is_for_people() {
            print(&step.head(style))?;
        }
        let answer = verb.call(self.app).await?;
        step.outcome = outcome(answer.records());
        step.output = answer.document()?;
        if console.is_for_people() {
            print(&(answer.portrait(style) + &step.foot(style)))?;
        }
        self.steps.push(step);
        Ok(answer)
    }

    /// Before a step rather than after one: by then it is remembered what the last one has made.
    async fn wait(&self) {
        if self.waits && !self.steps.is_empty() {
            self.app.console.ask("Enter goes on. ");
            // At the end of the input nobody is there to wait for.
            let _ = prompt::line().await;
        }
    }

    /// All steps as data; people have seen them.
    pub fn end(self) -> Answer<Step> {
        if self.app.console.is_for_people() {
            return Answer::nothing();
        }
        Answer::list(self.steps, "Nothing happened.")
    }
}

/// The options of a command.
fn parse<V: clap::Args>(words: &[&str]) -> anyhow::Result<V> {
    let grammar = V::augment_args(clap::Command::new("happening").no_binary_name(true));
    Ok(V::from_arg_matches(&grammar.try_get_matches_from(words)?)?)
}

/// A word as one types it.
fn typed(word: &str) -> String {
    let is_plain = word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.,:=+".contains(&b));
    if is_plain && !word.is_empty() { word.to_owned() } else { trace::word(word) }
}
