//! A terminal that can be looked at: a session of tmux on a socket of its own.

use crate::cli::{Terminal, binary};
use crate::support::eventually;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;
use tempfile::TempDir;

/// How long a screen may take to show something.
const PATIENCE: Duration = Duration::from_secs(15);

/// How the terminal is.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// Columns and rows.
    pub size: (u16, u16),
    /// The colour that it says it writes on, such as `#ffffff`; it does not know without.
    pub background: Option<&'a str>,
    /// What it calls itself in `TERM`, if that is not tmux's own name.
    pub name: Option<&'a str>,
    /// The shell knows jobs, as one does at which people sit: after `stopped`, enter goes on with the program.
    pub jobs: bool,
}

impl Default for Setting<'_> {
    fn default() -> Self {
        Self { size: (100, 30), background: None, name: None, jobs: false }
    }
}

/// The TUI on a terminal. The session ends when this is dropped.
pub struct Screen {
    directory: TempDir,
}

impl Screen {
    /// Starts the TUI of this person, with further variables and arguments. After its end the screen shows `ended` with
    /// its exit code, and how the terminal is set.
    pub fn open(terminal: &Terminal, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        Self::open_in(Setting::default(), terminal, variables, arguments)
    }

    /// The same on a terminal that is so.
    pub fn open_in(
        setting: Setting<'_>,
        terminal: &Terminal,
        variables: &[(&str, &str)],
        arguments: &[&str],
    ) -> Self {
        Self::open_with("happening-tui", setting, terminal, variables, arguments)
    }

    /// The command line in place of the TUI.
    pub fn of_command(terminal: &Terminal, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        Self::open_with("happening", Setting::default(), terminal, variables, arguments)
    }

    fn open_with(
        program: &str,
        setting: Setting<'_>,
        terminal: &Terminal,
        variables: &[(&str, &str)],
        arguments: &[&str],
    ) -> Self {
        let screen = Self { directory: TempDir::new().expect("a directory") };
        // Ctrl-C goes to the shell too, which must stay to tell the end.
        let jobs = if setting.jobs { "set -m; " } else { "" };
        // 148: stopped by SIGTSTP.
        let script = format!(
            "{jobs}trap : INT; \"{}\" \"$@\"; code=$?; \
             while [ $code = 148 ]; do echo stopped; read -r _; fg; code=$?; done; \
             echo ended $code; stty -a; exec sleep 600",
            binary(program).display()
        );
        let mut settings = setting.background.map_or_else(String::new, |colour| {
            format!("set -g default-terminal tmux-256color\nset -g window-style bg={colour}\n")
        });
        settings.extend(setting.name.map(|name| format!("set -g default-terminal {name}\n")));
        let file = screen.directory.path().join("tmux.conf");
        std::fs::write(&file, settings).expect("a file");
        let (columns, rows) = setting.size;
        let mut tmux = screen.tmux();
        tmux.arg("-f").arg(file).args(["-u", "new-session", "-d"]);
        tmux.args(["-x", &columns.to_string(), "-y", &rows.to_string()]);
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

    /// The same with its colours.
    pub fn painted(&self) -> String {
        String::from_utf8(run(self.tmux().args(["capture-pane", "-p", "-e"])).stdout).expect("UTF-8")
    }

    /// Writes a text.
    pub fn write(&self, text: &str) {
        run(self.tmux().args(["send-keys", "-l", text]));
    }

    /// The process on it, once the shell has started it.
    pub fn pid(&self) -> u32 {
        let shell = self.variable("pane_pid");
        let children =
            std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).expect("a shell");
        children.trim().parse().expect("one process")
    }

    /// Gives the terminal another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        let mut tmux = self.tmux();
        run(tmux.args(["resize-window", "-x", &columns.to_string(), "-y", &rows.to_string()]));
    }

    /// Waits until no line of the screen has all of these.
    pub async fn hides(&self, words: &[&str]) {
        let has_all = |line: &str| words.iter().all(|word| line.contains(word));
        let what = format!("the screen does not show {words:?}");
        eventually(&what, PATIENCE, async || !self.text().lines().any(has_all)).await;
    }

    /// Waits until the terminal is as it was before the TUI: the shell has its screen back, lines are echoed, cursor and mouse
    /// are the terminal's.
    pub async fn is_given_back(&self) {
        self.shows(&[" icanon", " echo "]).await;
        for (variable, value) in [("alternate_on", "0"), ("cursor_flag", "1"), ("mouse_any_flag", "0")] {
            assert_eq!(self.variable(variable), value, "{variable}");
        }
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
