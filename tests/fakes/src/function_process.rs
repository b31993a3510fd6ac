//! A function's real binary, started as Lambda would start it.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::lambda_runtime_api::{Desk, RuntimeApi};

/// How long the outputs may stay open after the process has ended.
const OUTPUT_LIMIT: Duration = Duration::from_secs(1);

/// A running function; dropping it kills the process.
#[derive(Debug)]
pub struct FunctionProcess {
    desk: Arc<Desk>,
    number: u64,
    output: Output,
    exited: watch::Receiver<Option<String>>,
    stop: watch::Sender<bool>,
    keeper: JoinHandle<()>,
}

impl FunctionProcess {
    /// Starts `binary` on this Runtime API, in an environment of what Lambda
    /// sets, `PATH`, and `env`, which comes last and so wins.
    ///
    /// One function at a time: an API can be given a new one when the last has ended.
    ///
    /// # Panics
    ///
    /// When the binary cannot be started.
    pub fn spawn(api: &RuntimeApi, binary: &Path, env: &[(&str, &str)]) -> Self {
        let name = binary
            .file_stem()
            .map_or_else(|| "function".into(), |name| name.to_string_lossy());
        let desk = Arc::clone(api.desk());
        let number = desk.function_started(&name);
        let mut child = command(api, binary, &name, env)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", binary.display()));

        let output = Output::default();
        let readers = [
            child.stdout.take().map(|pipe| output.collect(pipe)),
            child.stderr.take().map(|pipe| output.collect(pipe)),
        ];
        let (exit, exited) = watch::channel(None);
        let (stop, stopped) = watch::channel(false);
        let keeper = tokio::spawn(keep(
            child,
            readers.into_iter().flatten().collect(),
            output.clone(),
            (Arc::clone(&desk), number),
            exit,
            stopped,
        ));
        Self {
            desk,
            number,
            output,
            exited,
            stop,
            keeper,
        }
    }

    /// The lines written so far to both outputs, in the order they were read.
    pub fn output(&self) -> String {
        self.output.text()
    }

    /// How the process ended, for people to read; `None` while it runs.
    pub fn exit_status(&self) -> Option<String> {
        self.exited.borrow().clone()
    }

    /// Waits for the process to end by itself; `None` when `limit` passes first.
    pub async fn wait(&self, limit: Duration) -> Option<String> {
        let mut exited = self.exited.clone();
        let ended = timeout(limit, exited.wait_for(Option::is_some)).await;
        ended.ok()?.ok()?.clone()
    }

    /// Kills the process, as Lambda does after a timeout, and waits for its end.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        let mut exited = self.exited.clone();
        // Fails only when the keeper is gone, and the process with it.
        let _ = exited.wait_for(Option::is_some).await;
    }
}

impl Drop for FunctionProcess {
    fn drop(&mut self) {
        // Drops the child, which kills it.
        self.keeper.abort();
        self.desk
            .function_exited(self.number, "dropped by the test".to_owned(), self.output());
    }
}

fn command(api: &RuntimeApi, binary: &Path, name: &str, env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("TZ", ":UTC")
        .env("LANG", "en_US.UTF-8")
        .env("_HANDLER", "bootstrap")
        .env("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023")
        .env("AWS_LAMBDA_RUNTIME_API", api.address().to_string())
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "2025/01/01/[$LATEST]0")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "not-a-key-id")
        .env("AWS_SECRET_ACCESS_KEY", "not-a-secret")
        .env("AWS_SESSION_TOKEN", "not-a-token")
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Waits for the end of the process and tells those who wait for the function.
async fn keep(
    mut child: Child,
    readers: Vec<JoinHandle<()>>,
    output: Output,
    (desk, number): (Arc<Desk>, u64),
    exit: watch::Sender<Option<String>>,
    mut stopped: watch::Receiver<bool>,
) {
    let ended = tokio::select! {
        ended = child.wait() => Some(ended),
        () = asked_to_stop(&mut stopped) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            // Fails when the process has just ended by itself.
            let _ = child.start_kill();
            child.wait().await
        }
    };
    let status = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
    let rest = async {
        for reader in readers {
            // A reader that panicked has lost its lines, nothing else.
            let _ = reader.await;
        }
    };
    // A grandchild may hold the pipes open.
    let _ = timeout(OUTPUT_LIMIT, rest).await;
    desk.function_exited(number, status.clone(), output.text());
    exit.send_replace(Some(status));
}

async fn asked_to_stop(stopped: &mut watch::Receiver<bool>) {
    // Fails when the handle is gone, and this task is about to go with it.
    let _ = stopped.wait_for(|stop| *stop).await;
}

#[derive(Clone, Debug, Default)]
struct Output(Arc<Mutex<String>>);

impl Output {
    fn collect(&self, pipe: impl AsyncRead + Send + Unpin + 'static) -> JoinHandle<()> {
        let output = self.clone();
        tokio::spawn(async move {
            let mut pipe = BufReader::new(pipe);
            let mut line = Vec::new();
            while pipe
                .read_until(b'\n', &mut line)
                .await
                .is_ok_and(|read| read > 0)
            {
                let mut text = output.0.lock().expect("no task panics holding this lock");
                text.push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
        })
    }

    fn text(&self) -> String {
        self.0
            .lock()
            .expect("no task panics holding this lock")
            .clone()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::PathBuf;
    use std::time::Instant;

    use super::*;
    use crate::Invocation;

    const LIMIT: Duration = Duration::from_secs(10);

    /// A script in place of a binary, in the folder of the test's build.
    struct Script(PathBuf);

    impl Script {
        /// Writes the script and starts it. One at a time: a process that another
        /// test starts meanwhile would hold the file open, and so keep it from starting.
        fn start(
            name: &str,
            body: &str,
            api: &RuntimeApi,
            env: &[(&str, &str)],
        ) -> (Self, FunctionProcess) {
            use std::os::unix::fs::PermissionsExt;
            static TURN: Mutex<()> = Mutex::new(());
            let _turn = TURN.lock().expect("no script fails to start");
            let test = std::env::current_exe().expect("a test has a path");
            let path = test.with_file_name(format!("fakes-{name}-{}", std::process::id()));
            std::fs::write(&path, format!("#!/bin/sh\n{body}\n"))
                .expect("the build folder is writable");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
                .expect("a file just written takes permissions");
            let function = FunctionProcess::spawn(api, &path, env);
            (Self(path), function)
        }
    }

    impl Drop for Script {
        fn drop(&mut self) {
            std::fs::remove_file(&self.0).expect("the script is there");
        }
    }

    #[tokio::test]
    async fn an_exit_ends_the_pending_invocation_with_the_output() {
        let body = "echo to-stdout; echo to-stderr >&2; sleep 0.2; exit 3";
        let api = RuntimeApi::start().await;
        let started = Instant::now();
        let (_script, function) = Script::start("exits", body, &api, &[]);
        let invocation = api.invoke("{}", 60_000).await;

        let Invocation::Exited { status, output } = invocation else {
            panic!("expected an exit, got {invocation:?}");
        };
        assert!(status.contains('3'), "{status}");
        assert!(
            output.contains("to-stdout\n") && output.contains("to-stderr\n"),
            "{output}"
        );
        assert!(started.elapsed() < LIMIT);
        assert_eq!(function.wait(LIMIT).await, Some(status));
        assert!(
            matches!(api.invoke("{}", 60_000).await, Invocation::Exited { .. }),
            "a later invocation learns so at once"
        );
    }

    #[tokio::test]
    async fn the_environment_is_lambdas_and_the_given_one() {
        let api = RuntimeApi::start().await;
        let env = [("TABLE", "t"), ("AWS_REGION", "eu-west-1")];
        let (_script, function) = Script::start("env", "env", &api, &env);
        assert!(function.wait(LIMIT).await.is_some());

        let output = function.output();
        let lines: Vec<&str> = output.lines().collect();
        assert!(lines.contains(&"TABLE=t"), "{output}");
        assert!(lines.contains(&"AWS_REGION=eu-west-1"), "{output}");
        let address = format!("AWS_LAMBDA_RUNTIME_API={}", api.address());
        assert!(lines.contains(&address.as_str()), "{output}");
        assert!(
            !output.contains("CARGO_"),
            "cargo's variables stay out: {output}"
        );
    }

    #[tokio::test]
    async fn a_stopped_function_is_gone() {
        let api = RuntimeApi::start().await;
        let (_script, function) = Script::start("stops", "exec sleep 60", &api, &[]);
        assert_eq!(function.exit_status(), None);
        timeout(LIMIT, function.stop())
            .await
            .expect("a kill is quick");
        assert!(function.exit_status().is_some());
    }

    #[tokio::test]
    async fn a_dropped_function_ends_what_waits_for_it_but_not_its_successor() {
        let api = RuntimeApi::start().await;
        let (_script, old) = Script::start("old", "exec sleep 60", &api, &[]);
        let (_script, new) = Script::start("new", "exec sleep 60", &api, &[]);
        let dropping = async {
            drop(old);
            tokio::time::sleep(Duration::from_millis(100)).await;
            drop(new);
        };
        let started = Instant::now();
        let (invocation, ()) = tokio::join!(api.invoke("{}", 60_000), dropping);
        assert!(
            matches!(invocation, Invocation::Exited { .. }),
            "{invocation:?}"
        );
        assert!(started.elapsed() >= Duration::from_millis(100));
    }
}
