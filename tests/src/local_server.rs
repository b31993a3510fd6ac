//! The real local server as a process of its own, on a free port and with its own folder.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::runner::binary;

/// A running local server. It is killed when dropped.
#[derive(Debug)]
pub struct LocalServer {
    child: Child,
    url: String,
    output: Arc<Mutex<String>>,
}

impl LocalServer {
    /// Starts it in a folder, with variables over its defaults, and waits until it answers.
    ///
    /// # Errors
    /// What it printed, where it ended instead.
    pub async fn start(data: &Path, variables: &[(&str, &str)]) -> Result<Self, String> {
        let mut child = Command::new(binary("daybook"))
            .env_clear()
            .env("PORT", "0")
            .env("DAYBOOK_DATA", data)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| error.to_string())?;
        let output = Arc::new(Mutex::new(String::new()));
        let stdout = child.stdout.take().expect("it is piped");
        let stderr = child.stderr.take().expect("it is piped");
        let printed = tokio::spawn(collect(stderr, output.clone()));
        tokio::spawn(collect(stdout, output.clone()));
        let mut server = Self {
            child,
            url: String::new(),
            output,
        };
        for _ in 0..1_000 {
            if let Some(url) = server.announced() {
                server.url = url;
                return Ok(server);
            }
            if server.child.try_wait().is_ok_and(|status| status.is_some()) {
                let _ = printed.await;
                return Err(server.output());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(format!(
            "it did not say where it runs:\n{}",
            server.output()
        ))
    }

    fn announced(&self) -> Option<String> {
        let output = self.output();
        let line = output.lines().find(|line| line.contains("is running on"))?;
        Some(line.rsplit(' ').next()?.to_owned())
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everything that it has printed.
    pub fn output(&self) -> String {
        self.output.lock().expect("no test panics with it").clone()
    }

    /// The same without the text with which it begins, which shows how to log something.
    pub fn log(&self) -> String {
        const END: &str = "\n  }'\n";
        let output = self.output();
        let start = output.find("Daybook is running on").unwrap_or_default();
        let end = output[start..].find(END).expect("the text ends") + start;
        format!("{}{}", &output[..start], &output[end + END.len()..])
    }

    /// Sends SIGTERM and waits for the end.
    pub async fn terminate(self) -> (Option<i32>, String) {
        self.signal("TERM").await;
        self.ended().await
    }

    /// Sends a signal by its name.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().await;
        assert!(sent.is_ok_and(|status| status.success()));
    }

    /// Waits for the end: its code, if it has one, and everything that was printed.
    pub async fn ended(mut self) -> (Option<i32>, String) {
        let status = tokio::time::timeout(Duration::from_secs(20), self.child.wait())
            .await
            .expect("it ends after a signal")
            .expect("it can be waited for");
        tokio::time::sleep(Duration::from_millis(50)).await;
        (status.code(), self.output())
    }
}

async fn collect(stream: impl AsyncRead + Unpin, into: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut output = into.lock().expect("no test panics with it");
        output.push_str(&line);
        output.push('\n');
    }
}

/// A folder for one server, removed when dropped.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}
