//! The routes of template.yaml over the same handlers that the functions run, what AWS runs by a
//! schedule, and the Example CRM.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use daybook_api::app::App;
use daybook_api::interface::Interface;
use daybook_core::config::{ConfigError, Vars};
use daybook_example_crm::{ExampleCrm, OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, OAUTH_REDIRECT_URIS};
use http::Method;
use http::request::Parts;
use tokio::net::TcpListener;

use crate::config::LocalConfig;
use crate::connections::{self, Running};
use crate::door::{self, Guard};
use crate::folder::{DataFolder, FolderError};
use crate::keys::{Keys, KeysError};
use crate::table::{EmbeddedTable, TABLE_NAME, TableError};
use crate::template::{TEMPLATE, Template, TemplateError};
use crate::timer::{self, DELIVER_PENDING};

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
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The keys are not to be had.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The table did not start.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The Example CRM did not start.
    #[error(transparent)]
    ExampleCrm(#[from] daybook_example_crm::OpenError),
    /// The port is taken.
    #[error("port {port} on 127.0.0.1 cannot be used; choose another with PORT=…")]
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
    running: Running,
    app: App,
    deliver_every: Option<Duration>,
    table: EmbeddedTable,
    _folder: DataFolder,
}

impl LocalServer {
    /// Opens the port, the folder, the table and the Example CRM. `vars` is asked for every
    /// variable first, so that one can point the local server at another CRM.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn open(config: &LocalConfig, vars: &Vars<'_>) -> Result<Self, StartError> {
        refuse_kms(vars)?;
        let template = Template::parse(TEMPLATE)?;
        let deliver_every = deliver_every(&template)?;
        let port = |source| StartError::Port {
            port: config.port,
            source,
        };
        let listener = TcpListener::bind(("127.0.0.1", config.port))
            .await
            .map_err(port)?;
        let address = listener.local_addr().map_err(port)?;
        let folder = DataFolder::open(&config.data)?;
        let crm = ExampleCrm::open(&folder.example_crm())?;
        let table = EmbeddedTable::serve(Some(&folder.table()?)).await?;
        let keys = Keys::open_or_make(&folder.keys())?;
        let address_text = address.to_string();
        let with_defaults = |name: &str| on_this_machine(name, vars, &keys, &address_text);
        let vars = Vars::new(&with_defaults);
        let app = App::new(&vars, &table.sdk_config())?;
        table
            .make(&vars.required("TABLE_NAME")?, &template.table)
            .await?;
        folder.announce(&table.endpoint())?;
        let running = Running::default();
        let guard = Guard::new(app.clone(), template.cors.as_ref());
        Ok(Self {
            router: routes(&app, &running, &template)?
                .merge(crm.router())
                .layer(from_fn_with_state(guard, door::no_strangers)),
            listener,
            address,
            running,
            app,
            deliver_every,
            table,
            _folder: folder,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is ready. From then on no call begins; those that run are waited for,
    /// for the time of a reply at most, and then all connections are closed.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        if let Some(every) = self.deliver_every {
            let running = self.running.clone();
            self.running
                .calls
                .spawn(timer::deliver(self.app, every, running));
        }
        connections::serve(self.listener, self.router, self.running, stop).await;
        self.table.stop().await;
    }
}

/// Refuses a key in KMS: on this machine the keys of its own file seal.
///
/// # Errors
/// [`ConfigError`].
pub(crate) fn refuse_kms(vars: &Vars<'_>) -> Result<(), ConfigError> {
    const VARIABLE: &str = "SEALING_KMS_KEY";
    match vars.get(VARIABLE) {
        None => Ok(()),
        Some(_) => {
            let problem = "is for a table on AWS; unset it, because what this machine keeps is \
                           sealed with SEALING_KEYS of its own";
            Err(ConfigError::new(VARIABLE, problem))
        }
    }
}

/// What a variable holds on this machine. `address` is where the server listens.
pub(crate) fn on_this_machine(
    name: &str,
    vars: &Vars<'_>,
    keys: &Keys,
    address: &str,
) -> Option<String> {
    let given = vars.get(name).or_else(|| keys.get(name));
    given.or_else(|| local_default(name, address))
}

/// What a variable holds on this machine unless it is set.
fn local_default(name: &str, address: &str) -> Option<String> {
    Some(match name {
        "PLATFORMS" => "exampleCRM,exampleCRMOAuth".to_owned(),
        "EXAMPLE_CRM_URL" => format!("http://{address}/crm/api"),
        "EXAMPLE_CRM_CLIENT_ID" => OAUTH_CLIENT_ID.to_owned(),
        "EXAMPLE_CRM_CLIENT_SECRET" => OAUTH_CLIENT_SECRET.to_owned(),
        "EXAMPLE_CRM_REDIRECT_URLS" => {
            format!("{},http://{address}/oauth-callback", OAUTH_REDIRECT_URIS[0])
        }
        "TABLE_NAME" => TABLE_NAME.to_owned(),
        _ => return None,
    })
}

/// How often what waits is delivered.
fn deliver_every(template: &Template) -> Result<Option<Duration>, StartError> {
    match template
        .schedules
        .keys()
        .find(|name| *name != DELIVER_PENDING)
    {
        Some(other) => Err(StartError::Route(format!(
            "there is no function {other} with a schedule"
        ))),
        None => Ok(template.schedules.get(DELIVER_PENDING).copied()),
    }
}

/// Every route of the template, over the handler of its function, to be served by other means.
///
/// # Errors
/// [`StartError::Route`].
pub fn router(app: &App, template: &Template) -> Result<Router, StartError> {
    routes(app, &Running::default(), template)
}

fn routes(app: &App, running: &Running, template: &Template) -> Result<Router, StartError> {
    let mut router = Router::new();
    for (function, routes) in &template.functions {
        for route in routes {
            let interface = Interface::of_function(function)
                .ok_or_else(|| StartError::Route(format!("there is no function {function}")))?;
            let method = Method::from_bytes(route.method.as_bytes())
                .ok()
                .and_then(|method| MethodFilter::try_from(method).ok())
                .ok_or_else(|| {
                    StartError::Route(format!("{} has a method that is not one", route.path))
                })?;
            router = router.route(&route.path, endpoint(app, running, interface, method));
        }
    }
    let elsewhere = || {
        let app = app.clone();
        move |parts: Parts| door::elsewhere(app, parts)
    };
    Ok(router
        .method_not_allowed_fallback(elsewhere())
        .fallback(elsewhere()))
}

fn endpoint(
    app: &App,
    running: &Running,
    interface: Interface,
    method: MethodFilter,
) -> MethodRouter {
    let (app, running) = (app.clone(), running.clone());
    on(method, move |request: Request| {
        door::call(app, running, interface, request)
    })
}
