//! Programs for Node.js that tests run: a folder below `tests` with a `package.json`, and what it needs of this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where a command is. If it is missing, the Debian package of the same name is installed.
pub fn tool(command: &str) -> PathBuf {
    let stack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker/stack");
    run(Command::new(stack).args(["tools", command]));
    let path = std::env::var_os("PATH").expect("a PATH");
    let found = std::env::split_paths(&path).map(|folder| folder.join(command)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("there is no {command}"))
}

/// A copy of the folder below the build directory, with the npm packages that its lock file names. They are fetched once
/// for each lock file.
pub fn package(folder: &str) -> PathBuf {
    let below = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let home = below.join(folder);
    // Tests run side by side; whoever is first fetches.
    let turn = fs::File::create(below.join(format!("{folder}.lock"))).expect("a lock");
    turn.lock().expect("a turn");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder), &home);
    let installed = home.join("node_modules/.installed");
    let lock = fs::read(home.join("package-lock.json")).expect("package-lock.json");
    if fs::read(&installed).ok().as_ref() != Some(&lock) {
        let ci = ["ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(Command::new(tool("npm")).args(ci).current_dir(&home));
        fs::write(installed, lock).expect("written");
    }
    home
}

/// What is there already is left alone: another test may be reading it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
            continue;
        }
        let content = fs::read(entry.path()).expect("a file");
        if fs::read(&target).ok().as_ref() != Some(&content) {
            fs::write(target, content).expect("copied");
        }
    }
}

fn run(command: &mut Command) {
    let ended = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (stdout, stderr) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{command:?}: {stdout}{stderr}");
}
