//! Where requests go: to the daemon that was named, below its path, and through no proxy that is not meant for it.

use crate::support::{Daemon, TOKEN, happening, home};
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;
use std::path::Path;

fn run(home: &Path, server: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Assert {
    let mut command = happening(home);
    command.env("HAPPENING_SERVER", server).env("HAPPENING_TOKEN", TOKEN);
    command.envs(variables.iter().copied()).args(arguments).assert()
}

#[test]
fn no_path_leads_away_from_the_daemon() {
    let home = home();
    let (daemon, trap) = (Daemon::start(&[]), Daemon::start(&[]));
    let host = trap.url.trim_start_matches("http://");
    for path in [
        format!("//{host}/x"),
        format!(r"/\{host}/x"),
        format!(r"\\{host}/x"),
        format!("/\t/{host}/x"),
        format!("/\n/{host}/x"),
        format!("http://{host}/x"),
        format!("@{host}/x"),
        "/users/../x".to_owned(),
        "/users/%2e%2E".to_owned(),
        "events".to_owned(),
    ] {
        run(home.path(), &daemon.url, &[], &["api", "GET", &path])
            .code(2)
            .stdout("")
            .stderr(contains("is not a path at the daemon"));
    }
    run(home.path(), &daemon.url, &[], &["api", "GET", "/x", "-H", &format!("Host: {host}")])
        .stderr(contains("the header Host is the daemon's own"));
    assert!(daemon.requests().is_empty() && trap.requests().is_empty());
    run(home.path(), &daemon.url, &[], &["api", "GET", &format!("/@{host}/x")]).code(1);
    assert_eq!((daemon.requests().len(), trap.requests().len()), (1, 0));
}

#[test]
fn a_path_in_the_address_is_kept_by_every_surface() {
    let home = home();
    let happening_document = r#"{"name": "Happening", "version": "0", "issuer": "{url}/tickets/issuer", "audience": "a",
        "clients": {"cli": "c", "web": "w"}, "dry_runs": true}"#;
    let issuer = r#"{"issuer": "{url}/tickets/issuer", "token_endpoint": "{url}/tickets/issuer/token"}"#;
    let daemon = Daemon::start(&[
        ("GET /tickets/events", 200, "[]"),
        ("GET /tickets/.well-known/happening", 200, happening_document),
        ("GET /tickets/issuer/.well-known/openid-configuration", 200, issuer),
        ("POST /tickets/events", 200, "{}"),
    ]);
    let server = format!("{}/tickets/", daemon.url);
    run(home.path(), &server, &[], &["event", "list"]).code(0);
    run(home.path(), "http://127.0.0.1:1", &[], &["event", "list", "--server", &server]).code(0);
    run(home.path(), &server, &[], &["context", "add", "tickets", &server, "--use"]).code(0);
    run(home.path(), &server, &[], &["event", "list", "--context", "tickets"]).code(0);
    run(home.path(), &server, &[], &["api", "POST", "/events", "-d", "{}", "--dry-run"]).code(0);
    run(home.path(), &server, &[], &["doctor"]).stdout(contains("/tickets/issuer"));
    let requests = daemon.requests();
    let astray: Vec<_> = requests.iter().filter(|request| !request.route.contains(" /tickets/")).collect();
    assert!(requests.len() > 6 && astray.is_empty(), "{astray:?}");
}

#[test]
fn what_no_request_could_keep_is_refused_in_an_address() {
    let home = home();
    for (server, why) in [
        ("http://127.0.0.1:1?x=1#f", "has a `?` or a `#` in it"),
        ("127.0.0.1:1/tickets#f", "has a `?` or a `#` in it"),
        ("http://ada@127.0.0.1:1", "has a username or a password in it"),
        (r"http:\\127.0.0.1:1", "is no address of a daemon"),
        ("http://127.0.0.1:1/a\tb", "is no address of a daemon"),
    ] {
        run(home.path(), server, &[], &["event", "list"]).code(2).stderr(contains(why));
        run(home.path(), "http://127.0.0.1:1", &[], &["event", "list", "--server", server])
            .code(2)
            .stderr(contains(why));
        run(home.path(), "http://127.0.0.1:1", &[], &["context", "add", "x", server])
            .code(2)
            .stderr(contains(why));
        let settings = serde_json::json!({"current": "x", "contexts": {"x": {"server": server}}}).to_string();
        std::fs::write(home.path().join("config.json"), settings).unwrap();
        let mut command = happening(home.path());
        command.env_remove("HAPPENING_SERVER").env("HAPPENING_TOKEN", TOKEN).args(["event", "list"]);
        // In a file an address is read by other rules: what is left of it is refused or asked, and nothing else.
        let ended = command.output().unwrap();
        assert!(matches!(ended.status.code(), Some(2 | 8)), "{server}: {ended:?}");
        std::fs::remove_file(home.path().join("config.json")).unwrap();
    }
}

#[test]
fn this_machine_is_asked_past_proxies() {
    let home = home();
    let daemon = Daemon::start(&[("GET /events", 200, "[]")]);
    let proxies =
        ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"].map(|name| (name, "http://127.0.0.1:1"));
    run(home.path(), &daemon.url, &proxies, &["event", "list"]).code(0);
    let localhost = daemon.url.replace("127.0.0.1", "localhost");
    run(home.path(), &localhost, &proxies, &["event", "list"]).code(0);
    assert_eq!(daemon.requests().len(), 2);
}

#[test]
fn a_proxy_is_named_with_the_variable_that_it_is_from() {
    let home = home();
    let elsewhere = "http://happening.invalid";
    for (variable, value) in [
        ("http_proxy", "http://ada:s3cret@127.0.0.1:1"),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("ALL_PROXY", "127.0.0.1:1"),
    ] {
        run(home.path(), elsewhere, &[(variable, value)], &["event", "list"])
            .code(8)
            .stderr(contains(format!("the proxy http://127.0.0.1:1/ that {variable} names")))
            .stderr(contains("hint: NO_PROXY names hosts"))
            .stderr(contains("s3cret").not());
        run(home.path(), elsewhere, &[(variable, value)], &["doctor"]).stdout(contains(variable));
    }
    run(
        home.path(),
        elsewhere,
        &[("http_proxy", "http://127.0.0.1:1"), ("NO_PROXY", "happening.invalid")],
        &["event", "list"],
    )
    .stderr(contains("proxy").not());
    // One that answers in the daemon's place is named too, and is not taken for the daemon.
    let proxy = Daemon::start(&[("GET http://happening.invalid/events", 407, "<html>")]);
    run(home.path(), elsewhere, &[("http_proxy", &proxy.url)], &["event", "list"])
        .code(1)
        .stderr(contains("407").and(contains("that http_proxy names")));
}

#[test]
fn a_redirect_is_named_and_not_followed() {
    let home = home();
    let trap = Daemon::start(&[]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (server, elsewhere) = (format!("http://{}", listener.local_addr().unwrap()), trap.url.clone());
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head = format!("HTTP/1.1 308 X\r\nlocation: {elsewhere}/events\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
        }
    });
    run(home.path(), &server, &[], &["event", "list"])
        .code(1)
        .stderr(contains(format!("308 Permanent Redirect, a redirect to {}/events", trap.url)));
    assert!(trap.requests().is_empty());
}
