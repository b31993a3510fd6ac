//! The routes of template.yaml over the same handlers that the functions run, and the Example CRM.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on};
use daybook_api::app::App;
use daybook_api::doors::interface::{HttpRequest, answer_http};
use daybook_api::doors::{MAX_BODY_BYTES, lambda::body_text};
use daybook_api::interface::Interface;
use daybook_api::reply::Reply;
use daybook_core::config::{ConfigError, Vars};
use daybook_example_crm::ExampleCrm;
use http::{HeaderValue, Method, StatusCode, header::CONTENT_TYPE};
use tokio::net::TcpListener;

use crate::config::LocalConfig;
use crate::table::{EmbeddedTable, TABLE_NAME, TableError};
use crate::template::{TEMPLATE, Template, TemplateError};

/// Why the local server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A variable is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The template is wrong.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A function of the template is not one of ours, or its route is not one.
    #[error("template.yaml: {0}")]
    Route(String),
    /// The folder of the data is not to be had.
    #[error("the folder {path} cannot be used: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The table did not start.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The Example CRM did not start.
    #[error(transparent)]
    ExampleCrm(#[from] daybook_example_crm::OpenError),
    /// The port is taken.
    #[error("port {port} on 127.0.0.1 cannot be used ({source}); choose another with PORT=…")]
    Port {
        /// The port.
        port: u16,
        /// Why not.
        source: std::io::Error,
    },
}

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct LocalServer {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    table: EmbeddedTable,
}

impl LocalServer {
    /// Opens the port, the table and the Example CRM. `vars` is asked for every variable first,
    /// so that one can point the local server at another CRM.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn open(config: &LocalConfig, vars: &Vars<'_>) -> Result<Self, StartError> {
        let template = Template::parse(TEMPLATE)?;
        let listener = TcpListener::bind(("127.0.0.1", config.port))
            .await
            .map_err(|source| StartError::Port {
                port: config.port,
                source,
            })?;
        let address = listener.local_addr().map_err(|source| StartError::Port {
            port: config.port,
            source,
        })?;
        private_folder(config)?;
        let crm = ExampleCrm::open(&config.data.join("example-crm"))?;
        let table =
            EmbeddedTable::start(Some(&config.data.join("table.db")), &template.table).await?;
        let defaults = |name: &str| match name {
            "PLATFORMS" => Some("exampleCRM".to_owned()),
            "EXAMPLE_CRM_URL" => Some(format!("http://{address}/crm/api")),
            "TABLE_NAME" => Some(TABLE_NAME.to_owned()),
            _ => None,
        };
        let with_defaults = |name: &str| vars.get(name).or_else(|| defaults(name));
        let app = App::new(&Vars::new(&with_defaults), &table.sdk_config())?;
        Ok(Self {
            router: router(&app, &template)?.merge(crm.router()),
            listener,
            address,
            table,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is ready, then lets running requests finish.
    ///
    /// # Errors
    /// An error of the listening socket.
    pub async fn serve(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let served = axum::serve(self.listener, self.router)
            .with_graceful_shutdown(stop)
            .await;
        self.table.stop().await;
        served
    }
}

/// The folder of the data, which holds what people wrote: for its owner only.
fn private_folder(config: &LocalConfig) -> Result<(), StartError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(&config.data)
        .map_err(|source| StartError::Folder {
            path: config.data.clone(),
            source,
        })
}

/// Every route of the template, over the handler of its function.
fn router(app: &App, template: &Template) -> Result<Router, StartError> {
    let mut router = Router::new().route("/isAlive", get(|| async { "OK" }));
    for (function, routes) in &template.functions {
        let interface = Interface::of_function(function)
            .ok_or_else(|| StartError::Route(format!("there is no function {function}")))?;
        for route in routes {
            let method = Method::from_bytes(route.method.as_bytes())
                .ok()
                .and_then(|method| MethodFilter::try_from(method).ok())
                .ok_or_else(|| {
                    StartError::Route(format!("{} has a method that is not one", route.path))
                })?;
            router = router.route(&route.path, endpoint(app, interface, method));
        }
    }
    Ok(router
        .method_not_allowed_fallback(|| async { respond(&Reply::wrong_method()) })
        .fallback(|| async { respond(&Reply::no_such_interface()) }))
}

fn endpoint(app: &App, interface: Interface, method: MethodFilter) -> MethodRouter {
    let app = app.clone();
    on(method, move |request: Request| async move {
        // As on AWS, a call goes on when its client has gone: it may be between two writes.
        match tokio::spawn(answer(app, interface, request)).await {
            Ok(response) => response,
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    })
}

async fn answer(app: App, interface: Interface, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let deadline = app.deadline();
    let request_id = format!("{:016x}", (app.random)());
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return respond(&Reply::too_large(MAX_BODY_BYTES));
    };
    let reply = answer_http(
        &app,
        interface,
        HttpRequest {
            method: &parts.method,
            path: parts.uri.path(),
            body: &body,
            request_id: &request_id,
            deadline,
        },
    )
    .await;
    respond(&reply)
}

fn respond(reply: &Reply) -> Response {
    let mut response = Response::new(Body::from(body_text(&reply.body)));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
