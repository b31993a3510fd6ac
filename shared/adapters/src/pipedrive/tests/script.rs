//! A server that answers as it is told, and an adapter that calls it.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use daybook_core::cache::{Cache, Place, Within};
use daybook_core::config::Vars;
use daybook_core::contact::Contact;
use daybook_core::ids::{ContactId, CrmUserId};
use daybook_core::params::AuthHeader;
use daybook_core::time::{Clock, Deadline};
use daybook_core::user::User;
use serde_json::{Map, Value};

use crate::http::Http;
use crate::registry::pipedrive::config;
use crate::{CrmAdapter, Ctx};

/// Answers by method and path, each the next time that it is asked for; the last one stays.
#[derive(Default)]
pub(super) struct Script(Vec<(&'static str, String)>);

impl Script {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn on(self, call: &'static str, status: u16, body: &str) -> Self {
        self.with(call, status, &["content-type: application/json"], body)
    }

    pub(super) fn with(
        mut self,
        call: &'static str,
        status: u16,
        headers: &[&str],
        body: &str,
    ) -> Self {
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status} Scripted\r\nconnection: close\r\n{headers}\
             content-length: {length}\r\n\r\n{body}"
        );
        self.0.push((call, answer));
        self
    }

    fn take(&mut self, request: &str) -> String {
        let line = request.lines().next().unwrap_or_default();
        let called = line.split([' ', '?']).take(2).collect::<Vec<_>>().join(" ");
        let place = self.0.iter().position(|(call, _)| *call == called);
        let place = place.unwrap_or_else(|| panic!("{called} is not in the script"));
        let is_last = self.0.iter().filter(|(call, _)| *call == called).count() == 1;
        match is_last {
            true => self.0[place].1.clone(),
            false => self.0.remove(place).1,
        }
    }
}

/// A request as it came.
#[derive(Clone)]
pub(super) struct Called(String);

impl Called {
    pub(super) fn has(&self, text: &str) -> bool {
        self.0.contains(text)
    }

    pub(super) fn json(&self) -> Value {
        let (_, body) = self.0.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).expect("JSON")
    }
}

#[derive(Default)]
struct Stage {
    script: Script,
    calls: Vec<Called>,
}

/// An adapter, the server that it calls, and a user.
pub(super) struct Scene {
    pub(super) crm: Arc<dyn CrmAdapter>,
    pub(super) user: User,
    auth: AuthHeader,
    http: Http,
    memory: Memory,
    clock: Hands,
    stage: Arc<Mutex<Stage>>,
}

impl Scene {
    pub(super) fn of(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let api = format!("http://{}", listener.local_addr().expect("bound"));
        let stage = Arc::new(Mutex::new(Stage {
            script,
            calls: Vec::new(),
        }));
        // It ends with the process of the tests.
        let acted = stage.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let stage = acted.clone();
                std::thread::spawn(move || act(stream, &stage));
            }
        });
        let find = |name: &str| match name {
            "PIPEDRIVE_API_URL" | "PIPEDRIVE_OAUTH_URL" => Some(api.clone()),
            "PIPEDRIVE_CLIENT_ID" | "PIPEDRIVE_CLIENT_SECRET" => Some("x".to_owned()),
            "PIPEDRIVE_REDIRECT_URLS" => Some("https://a.example/pipedrive-redirect".to_owned()),
            _ => None,
        };
        Self {
            crm: config::build(&Vars::new(&find)).expect("built"),
            user: User {
                id: CrmUserId::parse("1-pipedrive").expect("an id"),
                hostname: Some("acme.pipedrive.com".to_owned()),
                name: None,
                zone: None,
                settings: Map::new(),
            },
            auth: AuthHeader::from("Bearer token"),
            http: Http::default(),
            memory: Memory::default(),
            clock: Hands::default(),
            stage,
        }
    }

    pub(super) fn ctx(&self) -> Ctx<'_> {
        Ctx {
            user: &self.user,
            auth: &self.auth,
            http: &self.http,
            cache: &self.memory,
            clock: &self.clock,
            deadline: Deadline::at(self.clock.now() + TimeDelta::seconds(10)),
        }
    }

    /// Has something remembered.
    pub(super) fn remember(&self, name: &str, value: Value) {
        lock(&self.memory.0).insert(name.to_owned(), value);
    }

    /// What is remembered.
    pub(super) fn remembered(&self, name: &str) -> Option<Value> {
        lock(&self.memory.0).get(name).cloned()
    }

    /// Lets time pass.
    pub(super) fn pass(&self, time: TimeDelta) {
        self.clock.0.fetch_add(time.num_seconds(), SeqCst);
    }

    pub(super) fn contact(&self, id: &str) -> Contact {
        Contact {
            id: ContactId::parse(id).expect("an id"),
            phone: None,
            kind: None,
            name: None,
        }
    }

    /// Has the server act by another script, and forget the calls.
    pub(super) fn replay(&self, script: Script) {
        *lock(&self.stage) = Stage {
            script,
            calls: Vec::new(),
        };
    }

    pub(super) fn calls(&self) -> Vec<Called> {
        lock(&self.stage).calls.clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn act(mut stream: TcpStream, stage: &Mutex<Stage>) {
    let mut request = Vec::new();
    while !is_whole(&request) {
        let mut part = [0; 4096];
        match stream.read(&mut part) {
            Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
            Ok(_) | Err(_) => return,
        }
    }
    let request = String::from_utf8(request).expect("text");
    let answer = {
        let mut stage = lock(stage);
        stage.calls.push(Called(request.clone()));
        stage.script.take(&request)
    };
    stream.write_all(answer.as_bytes()).expect("answered");
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}

/// A clock that stands still unless it is moved: by how many seconds it was.
#[derive(Debug, Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_424_265_890 + self.0.load(SeqCst), 0).expect("a time")
    }
}

#[derive(Debug, Default)]
struct Memory(Mutex<HashMap<String, Value>>);

#[async_trait]
impl Cache for Memory {
    async fn get(&self, place: Place<'_>, _: Within) -> Option<Value> {
        lock(&self.0).get(place.name).cloned()
    }

    async fn put(&self, place: Place<'_>, value: &Value, until: DateTime<Utc>, within: Within) {
        assert!(until > within.now + Duration::from_secs(60), "for a while");
        lock(&self.0).insert(place.name.to_owned(), value.clone());
    }
}
