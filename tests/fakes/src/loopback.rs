//! An HTTP/1.1 server on a free port of 127.0.0.1.
//!
//! It sits below axum because only hyper lets a handler close the connection
//! without an answer. All its tasks belong to one handle and end with it.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a server may take to open or close.
const SOON: Duration = Duration::from_secs(10);

/// The answer of a handler that wants the connection closed.
#[derive(Debug)]
pub(crate) struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is cut on purpose")
    }
}

impl std::error::Error for Cut {}

/// Tasks that end together.
#[derive(Clone, Debug)]
pub(crate) struct Tasks(Arc<Mutex<Option<JoinSet<()>>>>);

impl Tasks {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Some(JoinSet::new()))))
    }

    /// Starts a task, unless the tasks were stopped already.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().expect("no task panics holding this lock");
        if let Some(tasks) = tasks.as_mut() {
            while tasks.try_join_next().is_some() {}
            tasks.spawn(task);
        }
    }

    fn stop(&self) {
        let stopped = self
            .0
            .lock()
            .expect("no task panics holding this lock")
            .take();
        drop(stopped);
    }
}

/// Whether connections are taken, and the wish that they are or are not.
#[derive(Clone, Debug)]
pub(crate) struct Doors {
    wished: watch::Sender<bool>,
    open: watch::Sender<bool>,
}

impl Doors {
    pub(crate) fn new() -> Self {
        Self {
            wished: watch::Sender::new(true),
            open: watch::Sender::new(true),
        }
    }

    /// Opens or closes, and waits until it is so.
    pub(crate) async fn set(&self, open: bool) {
        let mut is_open = self.open.subscribe();
        self.wished.send_replace(open);
        timeout(SOON, is_open.wait_for(|is_open| *is_open == open))
            .await
            .expect("the server opens and closes")
            .expect("its doors are here");
    }
}

/// The handle of a running server; dropping it stops the server.
#[derive(Debug)]
pub(crate) struct Loopback {
    address: SocketAddr,
    tasks: Tasks,
}

impl Loopback {
    /// Serves `handler` as part of `tasks`, while `doors` are open.
    pub(crate) async fn start<F, A>(tasks: Tasks, doors: Doors, handler: F) -> Self
    where
        F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
        A: Future<Output = Result<Response<Body>, Cut>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("127.0.0.1 has a free port");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let guarded = tasks.clone();
        tasks.spawn(async move {
            let mut wished = doors.wished.subscribe();
            let mut listener = listener;
            loop {
                tokio::select! {
                    () = accept(&listener, &guarded, &doors, handler.clone()) => {}
                    () = wish(&mut wished, false) => {}
                }
                drop(listener);
                // Bound and not listening: the port stays ours, and connections are refused.
                let closed = bound(address).await;
                doors.open.send_replace(false);
                wish(&mut wished, true).await;
                listener = closed.listen(1_024).expect("the port is ours");
                doors.open.send_replace(true);
            }
        });
        Self { address, tasks }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.tasks.stop();
    }
}

/// Waits for the wish that the doors are open, or closed.
async fn wish(wished: &mut watch::Receiver<bool>, open: bool) {
    // Fails only when the doors are gone, and the tasks that wait with them.
    let _ = wished.wait_for(|wished| *wished == open).await;
}

/// A socket with the address that a listener had until now.
async fn bound(address: SocketAddr) -> TcpSocket {
    let waiting = async {
        loop {
            let socket = TcpSocket::new_v4().expect("a socket");
            // Connections of the listener may still be closing.
            socket.set_reuseaddr(true).expect("an option");
            match socket.bind(address) {
                Ok(()) => return socket,
                // A process that is being started has the listener until it runs its own program.
                Err(_) => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        }
    };
    timeout(SOON, waiting).await.expect("the port stays ours")
}

async fn accept<F, A>(listener: &TcpListener, tasks: &Tasks, doors: &Doors, handler: F)
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Result<Response<Body>, Cut>> + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        let handler = handler.clone();
        let mut wished = doors.wished.subscribe();
        tasks.spawn(async move {
            let connection =
                http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(handler));
            let mut connection = pin!(connection);
            // Ends with an error whenever a fault cuts it or the client leaves.
            tokio::select! {
                _ = connection.as_mut() => {}
                () = wish(&mut wished, false) => {
                    // What is being answered is answered, and the connection closed.
                    connection.as_mut().graceful_shutdown();
                    let _ = connection.await;
                }
            }
        });
    }
}
