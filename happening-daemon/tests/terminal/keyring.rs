//! Sign-ins in a real Secret Service: gnome-keyring on a session bus of the test's own, open, locked, and none at all.

use crate::cli::{Ended, Terminal};
use crate::support::browser::{Decision, decide};
use crate::support::npm::tool;
use crate::support::parts::Parts;
use crate::support::{Daemon, ending_with_us, eventually};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

/// A locked keyring is told within this, whatever it waits for.
const SECONDS: Duration = Duration::from_secs(10);

/// The name of the keyring on its bus.
const SECRETS: &str = "org.freedesktop.secrets";

/// A desktop's session, as far as a keyring needs one. Both processes end with it.
struct Desktop {
    _home: TempDir,
    /// The address of the bus.
    bus: String,
    _processes: [Child; 2],
}

impl Desktop {
    /// With a keyring that is open.
    async fn start() -> Self {
        let (dbus, keyring) = (tool("dbus-daemon"), tool("gnome-keyring"));
        let home = TempDir::new().expect("a directory");
        let bus = format!("unix:path={}", home.path().join("bus").display());
        let mut dbus = ending_with_us(dbus);
        dbus.args(["--session", "--nofork", "--nosyslog", "--address", &bus]);
        let mut keyring = ending_with_us(keyring.with_file_name("gnome-keyring-daemon"));
        keyring.args(["--foreground", "--components=secrets", "--unlock"]);
        let bus_process = begin(&mut dbus, &home, &bus);
        let is_there = async || home.path().join("bus").exists();
        eventually("there is a session bus", SECONDS, is_there).await;
        let mut keyring_process = begin(&mut keyring, &home, &bus);
        // The password, which the keyring is made with; the end of the input is the end of the password.
        let mut password = keyring_process.stdin.take().expect("stdin");
        password.write_all(b"open sesame").await.expect("written");
        drop(password);
        let desktop = Self { _home: home, bus, _processes: [bus_process, keyring_process] };
        // Whoever called it before it has its name would have the bus start another one, which is locked.
        let named = ["org.freedesktop.DBus.NameHasOwner", &format!("string:{SECRETS}")];
        let has_name = async || {
            let answer = desktop.call_at("org.freedesktop.DBus", "/org/freedesktop/DBus", &named).await;
            answer.is_some_and(|answer| answer.contains("boolean true"))
        };
        eventually("the keyring has its name", SECONDS, has_name).await;
        let service = "/org/freedesktop/secrets";
        let default = ["org.freedesktop.Secret.Service.ReadAlias", "string:default"];
        let is_open = async || {
            desktop.call(service, &default).await.is_some_and(|answer| answer.contains("collection/login"))
        };
        eventually("there is a keyring", SECONDS, is_open).await;
        desktop
    }

    /// Locks the keyring. Nobody is there to answer its question for the password.
    async fn lock(&self) {
        let lock = "org.freedesktop.Secret.Service.Lock";
        let which = "array:objpath:/org/freedesktop/secrets/collection/login";
        self.call("/org/freedesktop/secrets", &[lock, which]).await.expect("locked");
    }

    /// How many secrets are in it.
    async fn secrets(&self) -> usize {
        let property = "org.freedesktop.DBus.Properties.Get";
        let items = ["string:org.freedesktop.Secret.Collection", "string:Items"];
        let collection = "/org/freedesktop/secrets/collection/login";
        let answer = self.call(collection, &[property, items[0], items[1]]).await.expect("its items");
        answer.matches("object path").count()
    }

    /// Calls the keyring; `None` if it does not answer so.
    async fn call(&self, object: &str, words: &[&str]) -> Option<String> {
        self.call_at(SECRETS, object, words).await
    }

    async fn call_at(&self, name: &str, object: &str, words: &[&str]) -> Option<String> {
        let mut call = Command::new("dbus-send");
        call.args(["--print-reply", &format!("--dest={name}"), &format!("--bus={}", self.bus), object]);
        let output = call.args(words).output().await.expect("dbus-send runs");
        output.status.success().then(|| String::from_utf8(output.stdout).expect("UTF-8"))
    }
}

fn begin(command: &mut Command, home: &TempDir, bus: &str) -> Child {
    let home = home.path();
    command
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command.spawn().expect("it starts")
}

#[tokio::test]
async fn a_sign_in_is_kept_in_the_keyring_and_nowhere_else() {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let desktop = Desktop::start().await;
    let terminal = Terminal { bus: desktop.bus.clone(), ..Terminal::at(&daemon) };
    let before = desktop.secrets().await;
    let login = terminal.login_with(&[]).await;
    decide(&login.address, "member", Decision::Approve).await;
    let ended = login.end().await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.contains("the sign-in is kept in the keyring"), "{ended:?}");
    assert_eq!(desktop.secrets().await, before + 1, "the sign-in, and nothing of the probe");
    assert!(!terminal.home.path().join("credentials.json").exists());

    assert_eq!(terminal.json(&["whoami"]).await["token"]["origin"], "keyring");
    terminal.lose_access_token();
    assert_eq!(terminal.json(&["whoami"]).await["username"], "member", "renewed with what the keyring has");
    let secret = std::fs::read_dir(terminal.home.path()).expect("a directory").map(|entry| {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("text");
        text.contains("refresh_token")
    });
    assert!(!secret.into_iter().any(|has| has), "no file has what opens more than some minutes");

    assert_eq!(terminal.json(&["logout"]).await[0]["revoked"], true);
    assert_eq!(desktop.secrets().await, before);
    assert_eq!(terminal.run(&["whoami"]).await.code, 4);
}

#[tokio::test]
async fn a_locked_keyring_is_told_and_not_waited_for() {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let desktop = Desktop::start().await;
    let terminal = Terminal { bus: desktop.bus.clone(), ..Terminal::at(&daemon) };
    let login = terminal.login_with(&[]).await;
    decide(&login.address, "member", Decision::Approve).await;
    assert_eq!(login.end().await.code, 0);
    desktop.lock().await;
    assert_eq!(terminal.run(&["whoami"]).await.code, 0, "an access token needs no keyring");
    terminal.lose_access_token();
    let commands: [(&[&str], i32); 3] = [(&["whoami"], 4), (&["login", "--no-browser"], 1), (&["logout"], 1)];
    for (arguments, code) in commands {
        let begun = Instant::now();
        let ended = terminal.run(arguments).await;
        assert!(begun.elapsed() < SECONDS, "{arguments:?} took {:?}", begun.elapsed());
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains("the keyring is locked, or does not answer"), "{ended:?}");
    }
}

#[tokio::test]
async fn without_a_keyring_a_file_is_used_only_if_somebody_says_so() {
    let parts = Parts::embedded();
    let daemon = Daemon::start(&parts).await;
    let terminal = Terminal::at(&daemon);
    let ended: Ended = terminal.run(&["login", "--no-browser"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{ended:?}");
    assert!(ended.stderr.contains("there is no keyring"), "{ended:?}");
    assert!(ended.stderr.contains("hint: `happening login --insecure-storage`"), "{ended:?}");
    assert!(!ended.stderr.contains("Your code"), "nobody approves a code in vain: {ended:?}");
    assert_eq!(
        std::fs::read_dir(terminal.home.path()).expect("a directory").count(),
        0,
        "nothing is written"
    );
}
