//! What `make new-adapter` writes: whole, formatted, and in every list that has all CRMs.
//!
//! It is not compiled here: `make skeleton` does that. Here the skeleton is held against the
//! traits: whatever they demand stands in it, with the same signature.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// What the generator reads and writes.
const NEEDED: [&str; 6] = [
    "tools",
    "shared/adapters/src",
    "tests/fakes/src",
    "tests/src",
    "template.yaml",
    "docs/configuration.md",
];
const NEW: [&str; 8] = [
    "shared/adapters/src/acme_desk.rs",
    "shared/adapters/src/acme_desk/call_logs.rs",
    "shared/adapters/src/acme_desk/config.rs",
    "shared/adapters/src/acme_desk/contacts.rs",
    "shared/adapters/src/acme_desk/message_logs.rs",
    "shared/adapters/src/acme_desk/users.rs",
    "tests/fakes/src/acme_desk.rs",
    "tests/src/adapters/acme_desk.rs",
];
const README: &str = "shared/adapters/src/acme_desk/README.md";

type Tree = BTreeMap<String, String>;

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().expect("a folder")).expect("made");
        fs::copy(from, to).expect("copied");
        return;
    }
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

/// A copy of what the generator works on.
fn project() -> TempDir {
    let project = TempDir::new().expect("a folder");
    for needed in NEEDED {
        copy(&Path::new(ROOT).join(needed), &project.path().join(needed));
    }
    project
}

fn generate(project: &Path, name: &str) -> Output {
    let script = project.join("tools/new-adapter/generate.sh");
    let run = Command::new("bash").arg(script).arg(name).output();
    run.expect("there is a bash")
}

fn generated() -> (TempDir, Tree) {
    let project = project();
    let run = generate(project.path(), "acme_desk");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    let files = tree(project.path());
    (project, files)
}

fn tree(project: &Path) -> Tree {
    let mut files = Tree::new();
    let mut folders = vec![project.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(project).expect("below it");
            let text = fs::read_to_string(&path).expect("text");
            files.insert(name.display().to_string(), text);
        }
    }
    files
}

/// What stands between the braces that this line opens.
fn block<'a>(text: &'a str, opening: &str) -> &'a str {
    let (_, rest) = text.split_once(opening).expect(opening);
    let (block, _) = rest.split_once("\n}").expect("it ends");
    block
}

/// The functions of a trait: how each is declared, without white space, and whether it has to be
/// written.
fn functions(block: &str) -> Vec<(String, bool)> {
    let code: Vec<_> = block
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = format!("{}\n", code.join("\n"));
    let mut functions = Vec::new();
    for declared in code.split("fn ").skip(1) {
        let ends = [";\n", " {\n"].map(|end| declared.find(end).unwrap_or(declared.len()));
        let signature = &declared[..ends[0].min(ends[1])];
        functions.push((plain(signature), ends[0] < ends[1]));
    }
    functions
}

/// Code without white space and without what tells that a parameter is not used yet.
fn plain(code: &str) -> String {
    let code: String = code.split_whitespace().collect();
    code.replace(",)", ")")
        .replace(",_", ",")
        .replace("(_", "(")
}

#[test]
fn a_skeleton_has_all_that_the_traits_demand() {
    let (_project, files) = generated();
    for (source, opening, skeleton) in [
        ("shared/adapters/src/lib.rs", "pub trait CrmAdapter", NEW[0]),
        ("tests/src/adapters.rs", "pub trait PlatformFake", NEW[7]),
    ] {
        let functions = functions(block(&files[source], opening));
        let demanded = functions.iter().filter(|(_, is_demanded)| *is_demanded);
        assert!(demanded.clone().count() > 10, "{functions:?}");
        let written = plain(&files[skeleton]);
        for (signature, _) in demanded {
            assert!(written.contains(&format!("fn{signature}{{")), "{signature}");
        }
        for (signature, _) in functions.iter().filter(|(_, is_demanded)| !is_demanded) {
            let (name, _) = signature.split_once('(').expect("a parameter");
            assert!(files[README].contains(name), "the readme names {name}");
        }
    }
}

#[test]
fn a_skeleton_fills_in_the_profile_and_the_registration() {
    let (_project, files) = generated();
    for (source, opening, skeleton) in [
        ("profile.rs", "pub struct Profile {", NEW[0]),
        ("oauth.rs", "pub struct OAuthApp {", NEW[2]),
    ] {
        let declared = block(&files[&format!("shared/adapters/src/{source}")], opening);
        let fields = declared.lines().filter_map(|line| {
            let (name, _) = line.trim().strip_prefix("pub ")?.split_once(':')?;
            Some(name)
        });
        assert!(fields.clone().count() > 3, "{declared}");
        for field in fields {
            assert!(files[skeleton].contains(&format!("{field}:")), "{field}");
        }
    }
}

#[test]
fn a_skeleton_is_formatted_and_nothing_in_it_is_left_to_replace() {
    let (project, files) = generated();
    for file in NEW.into_iter().chain([README]) {
        let pieces: Vec<_> = files[file].split('@').collect();
        let is_word = |piece: &&str| piece.bytes().all(|byte| byte.is_ascii_alphabetic());
        let mut between = pieces.iter().take(pieces.len() - 1).skip(1);
        assert_eq!(between.find(|piece| is_word(piece)), None, "{file}");
    }
    let written = NEW.into_iter().chain([
        "shared/adapters/src/registry.rs",
        "tests/fakes/src/lib.rs",
        "tests/src/adapters.rs",
    ]);
    let check = Command::new("rustfmt")
        .args(["--edition", "2024", "--check"])
        .args(written)
        .current_dir(project.path())
        .output();
    let check = check.expect("there is a rustfmt");
    let said = String::from_utf8_lossy(&check.stdout);
    assert!(check.status.success(), "{said}");
}

#[test]
fn a_new_crm_stands_in_every_list_and_nothing_else_is_touched() {
    let (_project, files) = generated();
    let before = tree(project().path());
    let lists = [
        ("shared/adapters/src/registry.rs", "\n    acme_desk,\n}\n"),
        ("tests/src/adapters.rs", "\n    acme_desk,\n}\n"),
        ("tests/fakes/src/lib.rs", "\nmod acme_desk;\n"),
        ("tests/fakes/src/lib.rs", "pub use acme_desk::FakeAcmeDesk;"),
        ("template.yaml", "\n  AcmeDeskClientSecret:\n"),
        ("template.yaml", "        ACME_DESK_URL: !Ref AcmeDeskUrl\n"),
        ("docs/configuration.md", "| `ACME_DESK_URL` |"),
    ];
    for (file, line) in lists {
        assert!(files[file].contains(line), "{file} has {line}");
    }
    for (file, text) in &files {
        match before.get(file) {
            None => assert!(NEW.contains(&file.as_str()) || file == README, "{file}"),
            Some(old) if old == text => {}
            Some(old) => {
                assert!(lists.iter().any(|(list, _)| list == file), "{file}");
                let kept = old.lines().all(|line| text.lines().any(|new| new == line));
                assert!(kept, "{file} keeps what it has");
            }
        }
    }
    let read = files["shared/adapters/src/acme_desk/config.rs"].split('"');
    for variable in read.filter(|word| word.starts_with("ACME_DESK_")) {
        assert!(files["template.yaml"].contains(&format!("        {variable}: !Ref")));
        assert!(files["docs/configuration.md"].contains(&format!("`{variable}`")));
    }
}

#[test]
fn a_name_that_cannot_be_one_is_refused_and_nothing_is_written() {
    let project = project();
    let before = tree(project.path());
    for name in [
        "",
        "Acme",
        "1acme",
        "acme-desk",
        "acme desk",
        "acme_",
        "_acme",
        "acme__desk",
        "../acme",
        "an_acme_that_has_a_very_long_name",
        "type",
        "call",
    ] {
        let run = generate(project.path(), name);
        assert!(!run.status.success(), "{name:?}");
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(said.starts_with("NAME "), "{name:?}: {said}");
    }
    assert!(tree(project.path()) == before);
}

#[test]
fn what_is_there_is_not_overwritten() {
    let (project, before) = generated();
    // An adapter, itself, a module of the adapters, and one of the fakes.
    for name in ["pipedrive", "acme_desk", "http", "journal"] {
        let run = generate(project.path(), name);
        assert!(!run.status.success(), "{name}");
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(said.contains("is there already"), "{name}: {said}");
    }
    assert!(tree(project.path()) == before);
}

#[test]
fn a_list_that_has_no_place_is_named_and_nothing_is_written() {
    let project = project();
    let list = project.path().join("template.yaml");
    let text = fs::read_to_string(&list).expect("text");
    fs::write(&list, text.replace("AppServerSecretKey:", "Other:")).expect("written");
    let before = tree(project.path());
    let run = generate(project.path(), "acme_desk");
    assert!(!run.status.success());
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(said.contains("template.yaml"), "{said}");
    assert!(tree(project.path()) == before);
}
