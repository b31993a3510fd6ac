//! What stops a start, in words that say what to do, and what does not.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use daybook_tests::local_server::{LocalServer, folder};
use daybook_tests::params::example;
use daybook_tests::runner::{binary, case};
use libtest_mimic::Trial;
use tokio::process::Command;

use super::{log, start};

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "local_server::refuses_a_wrong_variable_by_name",
            refuses_a_wrong_variable_by_name,
        ),
        case(
            "local_server::refuses_a_variable_that_is_not_text",
            refuses_a_variable_that_is_not_text,
        ),
        case(
            "local_server::seals_with_keys_of_its_own_and_not_of_kms",
            seals_with_keys_of_its_own_and_not_of_kms,
        ),
        case(
            "local_server::says_that_its_port_is_taken",
            says_that_its_port_is_taken,
        ),
        case(
            "local_server::one_at_a_time_has_a_folder",
            one_at_a_time_has_a_folder,
        ),
        case(
            "local_server::closes_its_folder_to_others",
            closes_its_folder_to_others,
        ),
        case("local_server::names_a_damaged_table", names_a_damaged_table),
        case(
            "local_server::makes_the_table_by_its_configured_name",
            makes_the_table_by_its_configured_name,
        ),
        case(
            "local_server::reaches_itself_past_a_proxy",
            reaches_itself_past_a_proxy,
        ),
        case(
            "local_server::needs_no_certificates_for_itself",
            needs_no_certificates_for_itself,
        ),
    ]
}

async fn refused(data: &Path, variables: &[(&str, &str)]) -> String {
    let refused = LocalServer::start(data, variables).await;
    let output = refused.expect_err("it does not start");
    assert!(!output.contains("panicked"), "{output}");
    output
}

/// What the server prints where it ends by itself.
async fn ran(variable: &str, value: &OsStr) -> Output {
    let data = folder();
    let ran = Command::new(binary("daybook"))
        .env_clear()
        .env("PORT", "0")
        .env("DAYBOOK_DATA", data.path())
        .env(variable, value)
        .kill_on_drop(true)
        .output();
    let ran = tokio::time::timeout(std::time::Duration::from_secs(10), ran).await;
    ran.expect("it ends").expect("it runs")
}

async fn logs_a_text_with(variables: &[(&str, &str)]) {
    let data = folder();
    let server = LocalServer::start(data.path(), variables).await;
    let server = server.expect("it starts");
    let reply = log(&server, &example()).await;
    assert_eq!(reply["logId"], "1", "{reply}\n{}", server.output());
}

async fn refuses_a_wrong_variable_by_name() {
    for (variable, value) in [
        ("PORT", "http"),
        ("LOG_LEVEL", "loud"),
        ("PLATFORMS", "otherCRM"),
        ("EXAMPLE_CRM_URL", "nowhere"),
        ("EXAMPLE_CRM_URL", "http://rep:QWERTY@127.0.0.1/crm/api"),
        ("TABLE_NAME", "no spaces"),
    ] {
        let output = refused(folder().path(), &[(variable, value)]).await;
        assert!(output.contains(variable), "{variable}: {output}");
        assert!(!output.contains("QWERTY"), "{output}");
    }
}

async fn refuses_a_variable_that_is_not_text() {
    let not_text = OsStr::from_bytes(b"caf\xe9");
    for variable in ["DAYBOOK_DATA", "LOG_LEVEL", "PLATFORMS", "TABLE_NAME"] {
        let output = ran(variable, not_text).await;
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{variable}");
        let expected = format!("the variable {variable} holds text that is not UTF-8");
        assert!(words.contains(&expected), "{words}");
    }
}

async fn seals_with_keys_of_its_own_and_not_of_kms() {
    let data = folder();
    let output = refused(data.path(), &[("SEALING_KMS_KEY", "alias/daybook")]).await;
    assert!(
        output.contains("SEALING_KMS_KEY is for a table on AWS"),
        "{output}"
    );
    assert!(!output.contains("alias/daybook"), "{output}");
}

async fn says_that_its_port_is_taken() {
    let data = folder();
    let server = start(data.path()).await;
    let port = server.url().rsplit(':').next().expect("a port");
    let output = refused(folder().path(), &[("PORT", port)]).await;
    for part in [port, "PORT=", "in use"] {
        assert!(output.contains(part), "{part}: {output}");
    }
}

async fn one_at_a_time_has_a_folder() {
    let data = folder();
    let server = start(data.path()).await;
    let output = refused(data.path(), &[]).await;
    let path = data.path().display().to_string();
    assert!(
        output.contains("another Daybook") && output.contains(&path),
        "{output}"
    );
    assert_eq!(log(&server, &example()).await["logId"], "1");
    server.signal("KILL").await;
    server.ended().await;
    start(data.path()).await;
}

async fn closes_its_folder_to_others() {
    let data = folder();
    start(data.path()).await.terminate().await;
    let open = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    };
    open(data.path(), 0o755);
    open(&data.path().join("table.db"), 0o644);
    let server = start(data.path()).await;
    log(&server, &example()).await;
    let mut seen = 0;
    let files = fs::read_dir(data.path()).expect("readable");
    let paths = files.map(|entry| entry.expect("readable").path());
    for path in paths.chain([data.path().to_owned()]) {
        let metadata = fs::metadata(&path).expect("readable");
        if metadata.is_file() || path == data.path() {
            let mode = metadata.permissions().mode();
            assert_eq!(mode & 0o077, 0, "{mode:o} {}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 3, "the folder, the lock and the table");

    let of_somebody = folder();
    fs::write(of_somebody.path().join("letter.txt"), "").expect("written");
    open(of_somebody.path(), 0o755);
    let output = refused(of_somebody.path(), &[]).await;
    assert!(output.contains("open to others"), "{output}");
}

async fn names_a_damaged_table() {
    let whole = folder();
    start(whole.path()).await.terminate().await;
    let table = fs::read(whole.path().join("table.db")).expect("readable");
    let mut overwritten = table.clone();
    overwritten[100..].fill(0xff);
    for damaged in [b"not a table".to_vec(), table[..100].to_vec(), overwritten] {
        let data = folder();
        let path = data.path().join("table.db");
        fs::write(&path, &damaged).expect("written");
        let output = refused(data.path(), &[]).await;
        let name = path.display().to_string();
        assert!(
            output.contains("is damaged or is not a table of Daybook; move it away")
                && output.contains(&name),
            "{output}"
        );
        assert!(!output.contains("encrypt"), "{output}");
    }
    let data = folder();
    fs::create_dir(data.path().join("table.db")).expect("made");
    let output = refused(data.path(), &[]).await;
    assert!(
        output.contains("table.db") && output.contains("directory"),
        "{output}"
    );
}

async fn makes_the_table_by_its_configured_name() {
    logs_a_text_with(&[("TABLE_NAME", "other")]).await;
}

async fn reaches_itself_past_a_proxy() {
    // Nothing listens there.
    let proxy = "http://127.0.0.1:1";
    let names = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
    ];
    logs_a_text_with(&names.map(|name| (name, proxy))).await;
}

async fn needs_no_certificates_for_itself() {
    let nowhere = "/nowhere/at/all";
    let none = [("SSL_CERT_FILE", nowhere), ("SSL_CERT_DIR", nowhere)];
    logs_a_text_with(&none).await;

    // A CRM that needs them cannot be reached, and the log says why.
    let data = folder();
    let crm = ("EXAMPLE_CRM_URL", "https://127.0.0.1:1/crm/api");
    let server = LocalServer::start(data.path(), &[none[0], none[1], crm]).await;
    let server = server.expect("it starts");
    let reply = log(&server, &example()).await;
    assert_eq!(reply["successful"], false, "{reply}");
    let (_, output) = server.terminate().await;
    assert!(
        output.contains("\"http_client\"") && output.contains("certificates"),
        "{output}"
    );
    assert!(!output.contains("\"panic\""), "{output}");
}
