//! The rules that keep the house in order, checked against the manifests and the sources. They stand in
//! `ARCHITECTURE.md`; a change here is a change there.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What no part but the daemon may know.
const SERVERS_AND_DRIVERS: &[&str] = &["axum", "hyper", "sqlx", "redis", "lapin"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn package(name: &str) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages").clone();
    packages.into_iter().find(|package| package["name"] == name).expect("the package")
}

/// The dependencies of a kind: `null` is what ships, `dev` what tests use.
fn dependencies(package: &Value, kind: &Value) -> Vec<Value> {
    let all = package["dependencies"].as_array().expect("dependencies");
    all.iter().filter(|dependency| &dependency["kind"] == kind).cloned().collect()
}

fn names(dependencies: &[Value]) -> Vec<&str> {
    dependencies.iter().filter_map(|dependency| dependency["name"].as_str()).collect()
}

#[test]
fn core_knows_no_server_driver_or_terminal() {
    let package = package("happening-core");
    let shipped = dependencies(&package, &Value::Null);
    for banned in SERVERS_AND_DRIVERS.iter().chain(&["clap", "ratatui", "crossterm"]) {
        assert!(!names(&shipped).contains(banned), "happening-core depends on {banned}");
    }
    for behind_client in ["reqwest", "oauth2", "keyring", "tokio"] {
        let found =
            shipped.iter().find(|dependency| dependency["name"] == behind_client).expect(behind_client);
        assert_eq!(found["optional"], true, "{behind_client} belongs behind the feature `client`");
    }
    for behind_declare in ["schemars", "serde-saphyr", "strsim"] {
        let found =
            shipped.iter().find(|dependency| dependency["name"] == behind_declare).expect(behind_declare);
        assert_eq!(found["optional"], true, "{behind_declare} belongs behind the feature `declare`");
    }
    assert!(package["features"]["default"].is_null(), "neither `client` nor `declare` is on by default");
}

#[test]
fn messages_know_no_server_driver_or_network() {
    let package = package("happening-messages");
    let shipped = dependencies(&package, &Value::Null);
    for banned in SERVERS_AND_DRIVERS.iter().chain(&["tokio", "reqwest", "lettre", "happening-daemon"]) {
        assert!(!names(&shipped).contains(banned), "happening-messages depends on {banned}");
    }
}

#[test]
fn cli_and_tui_stand_on_core_alone() {
    for name in ["happening-cli", "happening-tui"] {
        let package = package(name);
        let shipped = dependencies(&package, &Value::Null);
        let ours: Vec<&str> =
            names(&shipped).into_iter().filter(|name| name.starts_with("happening")).collect();
        assert_eq!(ours, ["happening-core"], "{name}");
        for banned in SERVERS_AND_DRIVERS.iter().chain(&["reqwest", "happening-daemon"]) {
            assert!(!names(&shipped).contains(banned), "{name} depends on {banned}");
        }
    }
}

#[test]
fn the_daemon_uses_the_client_in_its_tests_only() {
    let package = package("happening-daemon");
    let features = |kind: &Value| {
        let dependencies = dependencies(&package, kind);
        let core = dependencies.iter().find(|dependency| dependency["name"] == "happening-core");
        core.expect("happening-core")["features"].to_string()
    };
    assert!(!features(&Value::Null).contains("client"));
    assert!(features(&Value::from("dev")).contains("client"));
}

#[test]
fn layers_know_only_what_is_below_them() {
    let source = root().join("happening-daemon/src");
    let rules: &[(&str, &[&str])] = &[
        ("http", &["sqlx", "lapin::", "redis::", "PgStore", "SqliteStore", "RedisCounters", "RabbitQueue"]),
        (
            "service",
            &["axum", "hyper", "sqlx", "lapin::", "redis::", "crate::http", "PgStore", "SqliteStore"],
        ),
        ("booking", &["axum", "hyper", "sqlx", "lapin::", "redis::", "crate::http", "crate::service"]),
        (
            "live",
            &["axum", "hyper", "sqlx", "lapin::", "crate::http", "crate::service", "PgStore", "SqliteStore"],
        ),
        ("worker", &["axum", "sqlx", "lapin::", "redis::", "crate::http", "crate::service"]),
        ("outbox", &["axum", "sqlx", "lapin::", "redis::", "crate::http", "crate::service"]),
        ("keycloak", &["axum", "sqlx", "lapin::", "redis::", "reqwest", "crate::http", "crate::service"]),
        ("identity", &["sqlx", "crate::store", "crate::service", "crate::booking"]),
    ];
    for (layer, banned) in rules {
        for file in rust_files(&source.join(layer)) {
            let text = code(&file);
            for word in *banned {
                assert!(!text.contains(word), "{} speaks of {word}", file.display());
            }
        }
    }
}

#[test]
fn the_booking_rules_know_no_wire() {
    for file in rust_files(&root().join("core/src/booking")) {
        let text = code(&file);
        for word in ["crate::wire", "crate::client", "crate::declare"] {
            assert!(!text.contains(word), "{} speaks of {word}", file.display());
        }
    }
}

#[test]
fn only_the_composition_root_names_a_technology() {
    let source = root().join("happening-daemon/src");
    let homes = [
        "store/pg",
        "store/sqlite",
        "counters/redis.rs",
        "counters/memory.rs",
        "holds/redis.rs",
        "holds/memory.rs",
        "live/redis.rs",
        "live/memory.rs",
        "queue/rabbit.rs",
        "queue/memory.rs",
        "identity/directory",
    ];
    let named = [
        "PgStore",
        "SqliteStore",
        "RedisCounters",
        "MemoryCounters",
        "RedisHolds",
        "MemoryHolds",
        "RedisBroadcast",
        "MemoryBroadcast",
        "RabbitQueue",
        "MemoryQueue",
        "KeycloakDirectory",
    ];
    for file in rust_files(&source) {
        let relative = file.strip_prefix(&source).expect("inside").to_string_lossy().into_owned();
        let is_test =
            relative.contains("contract") || relative.contains("testing") || relative.contains("tests");
        if relative.starts_with("app/") || is_test || homes.iter().any(|home| relative.starts_with(home)) {
            continue;
        }
        let text = code(&file);
        for word in named {
            assert!(!text.contains(word), "{relative} names {word}: only the composition root does");
        }
    }
}

#[test]
fn there_is_one_tls_provider() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--edges", "normal,build", "--prefix", "none", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo tree runs");
    let tree = String::from_utf8_lossy(&output.stdout);
    assert!(tree.contains("aws-lc-rs v"), "{}", String::from_utf8_lossy(&output.stderr));
    for banned in ["ring v", "openssl v", "native-tls v"] {
        assert!(!tree.lines().any(|line| line.starts_with(banned)), "{banned}: aws-lc-rs is the one");
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty(), "{} holds no source", folder.display());
    files
}

/// A file without its comments: they may name what the code may not.
fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).expect("a source file");
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}
