//! Programs in Python that tests run: a folder below `tests` with a `requirements.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Python of an environment below the build directory that has the packages which the folder names, and the folder.
/// The packages are fetched once for each list.
pub fn environment(folder: &str) -> (PathBuf, PathBuf) {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder).join("python");
    fs::create_dir_all(&home).expect("a folder");
    // Tests run side by side; whoever is first fetches.
    let turn = fs::File::create(home.with_extension("lock")).expect("a lock");
    turn.lock().expect("a turn");
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let list = scripts.join("requirements.txt");
    let wanted = fs::read(&list).expect("requirements.txt");
    let (python, installed) = (home.join("bin/python"), home.join(".installed"));
    if fs::read(&installed).ok().as_ref() != Some(&wanted) {
        make(&home);
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .arg("-r")
            .arg(&list));
        fs::write(installed, wanted).expect("written");
    }
    (python, scripts)
}

/// An empty environment. Debian has what makes them in a package of its own.
fn make(home: &Path) {
    let make = || Command::new("python3").args(["-m", "venv", "--clear"]).arg(home).output();
    if make().is_ok_and(|made| made.status.success()) {
        return;
    }
    let stack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker/stack");
    run(Command::new(stack).args(["tools", "python3-venv"]));
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home));
}

/// What a program writes to stdout.
pub fn run(command: &mut Command) -> String {
    let ended = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (stdout, stderr) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{command:?}: {stdout}{stderr}");
    stdout.into_owned()
}
