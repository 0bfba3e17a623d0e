//! Checks the documents against the repository: each path, target of `make`, test and link that they name exists, and
//! `ARCHITECTURE.md` stays a map of at most 20 KB. The documents are those of the root and all `docs/**/*.md`.
//!
//! What counts as a path: text in backticks with a slash in it or with the ending of a source file. It is looked for from
//! the repository's root and then from the daemon's sources, as `ARCHITECTURE.md` says. In fenced blocks, only words that
//! begin with a folder of the repository count, since everything else there may be output.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Documents of the root; `docs/**/*.md` are found.
const ROOT_DOCUMENTS: &[&str] = &["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];

/// The greatest size of `ARCHITECTURE.md` in bytes. What is beyond it belongs into a document below `docs`.
const ARCHITECTURE_BYTES: usize = 20 * 1024;

/// The most terms of the glossary.
const GLOSSARY_TERMS: usize = 60;

/// Where a path may begin.
const BASES: &[&str] = &["", "happening-daemon/src"];

/// Endings that make a word a path even without a slash.
const SOURCES: &[&str] = &[".rs", ".md", ".toml", ".sql", ".lua", ".sh", ".yml", ".json"];

/// Paths that exist on a running installation only, and media types.
const ELSEWHERE: &[&str] = &[
    "happening.toml",
    "tui.json",
    "credentials.json",
    "application/json",
    "application/problem+json",
    "target/debug",
    "target/release",
];

/// A word or a line of a document that says something about the repository.
struct Mention {
    document: String,
    line: usize,
    text: String,
    is_code_block: bool,
}

impl Mention {
    fn place(&self) -> String {
        format!("{}:{}: {}", self.document, self.line, self.text)
    }
}

#[test]
fn every_path_exists() {
    let root = root();
    let folders = folders(&root);
    let mut seen = 0;
    for mention in mentions() {
        let words: Vec<&str> = if mention.is_code_block {
            let of_the_repository =
                |word: &&str| word.split_once('/').is_some_and(|(first, _)| folders.contains(first));
            mention.text.split_whitespace().map(bare).filter(of_the_repository).collect()
        } else {
            mention.text.split_whitespace().map(bare).filter(|word| is_path(word)).collect()
        };
        for word in words {
            seen += 1;
            let exists = BASES.iter().any(|base| root.join(base).join(word).exists());
            assert!(exists, "there is no {word}: {}", mention.place());
        }
    }
    assert!(seen > 100, "only {seen} paths were recognized: the documents or this test changed their ways");
}

#[test]
fn every_make_target_exists() {
    let makefile = read(&root().join("Makefile"));
    let target = |line: &str| {
        let (name, _) = line.split_once(':')?;
        let is_name =
            !name.is_empty() && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
        is_name.then(|| name.to_owned())
    };
    let targets: BTreeSet<String> = makefile.lines().filter_map(target).collect();
    let mut seen = 0;
    for mention in mentions() {
        let command = mention.text.trim().trim_start_matches("$ ");
        let Some(arguments) = command.strip_prefix("make ") else { continue };
        let name = arguments.split_whitespace().next().unwrap_or_default();
        seen += 1;
        assert!(targets.contains(name), "there is no target {name}: {}", mention.place());
    }
    assert!(seen > 5, "only {seen} targets were recognized");
}

#[test]
fn every_test_and_package_of_a_command_exists() {
    let root = root();
    let packages = ["core", "happening-daemon", "happening-cli", "happening-tui"];
    let manifests: Vec<String> =
        packages.iter().map(|package| read(&root.join(package).join("Cargo.toml"))).collect();
    for mention in mentions().iter().filter(|mention| mention.text.contains("cargo ")) {
        let words: Vec<&str> = mention.text.split_whitespace().map(bare).collect();
        for pair in words.windows(2) {
            let known = match pair[0] {
                "-p" | "--package" => {
                    manifests.iter().any(|text| text.contains(&format!("name = \"{}\"", pair[1])))
                }
                "--test" => packages.iter().any(|package| {
                    let tests = root.join(package).join("tests");
                    tests.join(format!("{}.rs", pair[1])).exists()
                        || tests.join(pair[1]).join("main.rs").exists()
                }),
                _ => true,
            };
            assert!(known, "there is no {}: {}", pair[1], mention.place());
        }
    }
}

/// A test that a document names as `path/to/file.rs::name`: the file has a function of that name.
#[test]
fn every_named_test_exists() {
    let root = root();
    let mut seen = 0;
    for mention in mentions() {
        let Some((file, name)) = mention.text.split_once(".rs::") else { continue };
        let file = format!("{file}.rs");
        seen += 1;
        let path = ["", "happening-daemon"]
            .iter()
            .map(|base| root.join(base).join(&file))
            .find(|path| path.exists());
        let path = path.unwrap_or_else(|| panic!("there is no {file}: {}", mention.place()));
        let is_there = read(&path).contains(&format!("fn {name}("));
        assert!(is_there, "there is no test {name} in {file}: {}", mention.place());
    }
    assert!(seen > 30, "only {seen} tests were recognized");
}

#[test]
fn every_link_leads_somewhere() {
    let root = root();
    for document in documents() {
        for (line, target) in links(&read(&root.join(&document))) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target.as_str(), ""));
            let document_path = root.join(&document);
            let folder = document_path.parent().expect("the document's folder");
            let path = if file.is_empty() { document_path.clone() } else { folder.join(file) };
            assert!(path.exists(), "{document}:{line}: the link leads to {file}, which does not exist");
            if !anchor.is_empty() {
                let is_there = anchors(&read(&path)).contains(anchor);
                assert!(is_there, "{document}:{line}: {file} has no heading for #{anchor}");
            }
        }
    }
}

#[test]
fn the_architecture_is_a_map() {
    let bytes = read(&root().join("ARCHITECTURE.md")).len();
    assert!(
        bytes <= ARCHITECTURE_BYTES,
        "ARCHITECTURE.md has {bytes} bytes, more than {ARCHITECTURE_BYTES}: move details to a document below docs"
    );
}

#[test]
fn every_document_is_linked() {
    let root = root();
    let canonical = |path: PathBuf| path.canonicalize().unwrap_or(path);
    let targets: BTreeSet<PathBuf> = documents()
        .iter()
        .flat_map(|document| {
            let folder = root.join(document).parent().expect("the document's folder").to_owned();
            links(&read(&root.join(document))).into_iter().map(move |(_, target)| {
                let file = target.split('#').next().unwrap_or_default().to_owned();
                folder.join(file)
            })
        })
        .map(canonical)
        .collect();
    for document in documents().iter().filter(|document| document.starts_with("docs/")) {
        assert!(targets.contains(&canonical(root.join(document))), "no document links to {document}");
    }
}

#[test]
fn the_glossary_is_short() {
    let glossary = read(&root().join("docs/glossary.md"));
    let terms = glossary.lines().filter(|line| line.starts_with("| **")).count();
    assert!((1..=GLOSSARY_TERMS).contains(&terms), "the glossary has {terms} terms");
}

/// The documents of the root, and all below `docs`.
fn documents() -> Vec<String> {
    let root = root();
    let mut found: Vec<String> = ROOT_DOCUMENTS.iter().map(|&name| name.to_owned()).collect();
    let mut folders = vec![root.join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let document = path.strip_prefix(&root).expect("a path of the repository");
                found.push(document.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The folders of the repository's first level; what is built or run there is not part of it.
fn folders(root: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root).expect("the workspace").map(|entry| entry.expect("an entry"));
    let folders = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    folders.filter(|name| !["target", ".git", ".stack", ".happening"].contains(&name.as_str())).collect()
}

/// Text in backticks, a mention each, and fenced blocks, a mention a line.
fn mentions() -> Vec<Mention> {
    let mut mentions = Vec::new();
    for document in documents() {
        let mut is_code_block = false;
        for (index, text) in read(&root().join(&document)).lines().enumerate() {
            if text.trim_start().starts_with("```") {
                is_code_block = !is_code_block;
                continue;
            }
            let texts: Vec<&str> =
                if is_code_block { vec![text] } else { text.split('`').skip(1).step_by(2).collect() };
            let mention = |text: &str| Mention {
                document: document.clone(),
                line: index + 1,
                text: text.to_owned(),
                is_code_block,
            };
            mentions.extend(texts.into_iter().map(mention));
        }
        assert!(!is_code_block, "{document}: a fenced block does not end");
    }
    mentions
}

/// A word without what stands around it in a command or a sentence.
fn bare(word: &str) -> &str {
    word.trim_matches(|letter: char| "\"'(),;:$".contains(letter)).trim_end_matches('/')
}

fn is_path(word: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_-./".contains(letter);
    // A route begins with a slash, an option with a dash; what runs leaves its files in folders of the user's.
    let is_ours = word.chars().all(fits) && !word.starts_with(['/', '-']) && !ELSEWHERE.contains(&word);
    let looks_like_one = word.contains('/') || SOURCES.iter().any(|ending| word.ends_with(ending));
    is_ours && looks_like_one && !word.starts_with(".happening") && !word.starts_with(".stack")
}

/// The targets of `[text](target)`, with their lines.
fn links(document: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut is_code_block = false;
    for (index, line) in document.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code_block = !is_code_block;
        }
        if !is_code_block {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
            found.extend(targets.map(|(target, _)| (index + 1, target.to_owned())));
        }
    }
    found
}

/// Headings as links name them: lower case, dashes for spaces, no punctuation.
fn anchors(document: &str) -> BTreeSet<String> {
    let mut is_code_block = false;
    let mut found = BTreeSet::new();
    for line in document.lines() {
        if line.trim_start().starts_with("```") {
            is_code_block = !is_code_block;
        }
        let title = line.trim_start_matches('#').trim();
        if line.starts_with('#') && !is_code_block {
            let kept = title.to_lowercase().replace(' ', "-");
            found.insert(
                kept.chars().filter(|&letter| letter.is_alphanumeric() || "-_".contains(letter)).collect(),
            );
        }
    }
    found
}
