//! Running async cases under libtest-mimic, and finding the binaries that suites start.

use std::future::Future;
use std::path::PathBuf;

use libtest_mimic::Trial;

use crate::crm::listed;

/// A case: its name is a sentence about behaviour, its body fails by panicking. It runs over the
/// CRM for which it is listed.
pub fn case<F: Future<Output = ()> + 'static>(
    name: impl Into<String>,
    body: impl FnOnce() -> F + Send + 'static,
) -> Trial {
    let crm = listed();
    Trial::test(format!("{}{}", crm.prefix(), name.into()), move || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?
            .block_on(crm.run(body()));
        Ok(())
    })
}

/// Runs cases and ends the process. Fails where there are more or fewer than `expected`, so that
/// a suite which lost its cases is not green.
pub fn run(cases: Vec<Trial>, expected: usize) -> ! {
    assert_eq!(cases.len(), expected, "another number of cases is expected");
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, cases).exit()
}

/// Prints what a case counted or measured.
#[allow(clippy::print_stdout, reason = "it is for people who run the suite")]
pub fn figure(text: &str) {
    println!("    {text}");
}

/// A binary of this workspace, built beside the suite that asks for it.
pub fn binary(name: &str) -> PathBuf {
    let suite = std::env::current_exe().expect("a running suite has a path");
    let folder = suite
        .parent()
        .and_then(|deps| deps.parent())
        .expect("suites lie in target/<profile>/deps");
    let binary = folder.join(name);
    assert!(
        binary.exists(),
        "{} is not built; `make test` builds it before the suites",
        binary.display()
    );
    binary
}
