//! A terminal that can be looked at: a session of tmux on a socket of its own.

use crate::cli::{Terminal, binary};
use crate::support::eventually;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;
use tempfile::TempDir;

/// How long a screen may take to show something.
const PATIENCE: Duration = Duration::from_secs(15);

/// The TUI on a screen of 100×30. The session ends when this is dropped.
pub struct Screen {
    directory: TempDir,
}

impl Screen {
    /// Starts the TUI of this person, with further variables and arguments. After its end the screen shows `ended` with
    /// its exit code, and how the terminal is set.
    pub fn open(terminal: &Terminal, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        Self::open_with("happening-tui", terminal, variables, arguments)
    }

    /// The command line in place of the TUI.
    pub fn of_command(terminal: &Terminal, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        Self::open_with("happening", terminal, variables, arguments)
    }

    fn open_with(program: &str, terminal: &Terminal, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let screen = Self { directory: TempDir::new().expect("a directory") };
        // Ctrl-C goes to the shell too, which must stay to tell the end.
        let script = format!(
            "trap : INT; \"{}\" \"$@\"; echo ended $?; stty -a; exec sleep 600",
            binary(program).display()
        );
        let mut tmux = screen.tmux();
        tmux.args(["-f", "/dev/null", "-u", "new-session", "-d", "-x", "100", "-y", "30"]);
        for (name, value) in terminal.environment() {
            tmux.args(["-e", &format!("{name}={value}")]);
        }
        for (name, value) in variables {
            tmux.args(["-e", &format!("{name}={value}")]);
        }
        tmux.args(["-e", "LANG=C.UTF-8", "sh", "-c", &script, "tui"]).args(arguments);
        run(&mut tmux);
        screen
    }

    /// Presses keys, by tmux's names for them.
    pub fn press(&self, keys: &[&str]) {
        run(self.tmux().arg("send-keys").args(keys));
    }

    /// What is on the screen.
    pub fn text(&self) -> String {
        String::from_utf8(run(self.tmux().args(["capture-pane", "-p"])).stdout).expect("UTF-8")
    }

    /// One of tmux's variables, such as `alternate_on`.
    pub fn variable(&self, name: &str) -> String {
        let shown = run(self.tmux().args(["display-message", "-p", &format!("#{{{name}}}")]));
        String::from_utf8(shown.stdout).expect("UTF-8").trim().to_owned()
    }

    /// Waits until one line of the screen has all of these.
    pub async fn shows(&self, words: &[&str]) {
        self.shows_within(words, PATIENCE).await;
    }

    pub async fn shows_within(&self, words: &[&str], patience: Duration) {
        let has_all = |line: &str| words.iter().all(|word| line.contains(word));
        let what = format!("the screen shows {words:?}");
        eventually(&what, patience, async || self.text().lines().any(has_all)).await;
    }

    fn tmux(&self) -> Command {
        let socket: PathBuf = self.directory.path().join("tmux");
        let mut command = Command::new("tmux");
        // What the harness was started with is not this person's: with `CI` set, nothing would be shown to wait for.
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).arg("-S").arg(socket);
        command
    }
}

impl Drop for Screen {
    /// A test that fails shows what was on the screen.
    #[expect(clippy::print_stderr, reason = "the test harness shows it")]
    fn drop(&mut self) {
        if let (true, Ok(shown)) =
            (std::thread::panicking(), self.tmux().args(["capture-pane", "-p"]).output())
        {
            eprintln!("the screen, at the end:\n{}", String::from_utf8_lossy(&shown.stdout));
        }
        let _ = self.tmux().arg("kill-server").output();
    }
}

fn run(tmux: &mut Command) -> Output {
    let output = tmux.output().unwrap_or_else(|error| {
        panic!("tmux does not run ({error}): `make test` installs it; by hand: apt-get install tmux")
    });
    assert!(output.status.success(), "{tmux:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
