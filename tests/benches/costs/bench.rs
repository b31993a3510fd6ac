//! A running system and its CRM, and the measuring of what is done to it.

use std::fmt::Debug;
use std::time::Instant;

use daybook_api::app::App;
use daybook_core::config::Vars;
use daybook_fakes::FakeCrm;
use daybook_local::server::router;
use daybook_local::table::{EmbeddedTable, TABLE_NAME};
use daybook_local::template::{TEMPLATE, Template};
use daybook_tests::world::DEPLOYED;
use serde_json::Value;

use crate::figures::Figures;

/// A fake CRM, as far as costs go.
pub(crate) trait Crm: Debug {
    /// The server, with its journal.
    fn server(&self) -> &FakeCrm;

    /// What it has taken from the day's budget, in a CRM that has one.
    fn tokens(&self) -> u64;
}

/// A running system.
pub(crate) struct Bench<C> {
    pub(crate) crm: C,
    /// What every request of the CRM's user has, about a contact of theirs.
    pub(crate) base: Value,
    platform: &'static str,
    app: App,
    url: String,
    client: reqwest::Client,
    _table: EmbeddedTable,
}

impl<C: Crm> Bench<C> {
    /// Starts a system that offers `platform`, with these variables.
    pub(crate) async fn start(
        crm: C,
        platform: &'static str,
        variables: &[(&str, String)],
        base: Value,
    ) -> Self {
        let template = Template::parse(TEMPLATE).expect("the template is readable");
        let table = EmbeddedTable::start(None, &template.table)
            .await
            .expect("the table starts");
        let own = [
            ("PLATFORMS", platform.to_owned()),
            ("TABLE_NAME", TABLE_NAME.to_owned()),
        ];
        let deployed = DEPLOYED.map(|(name, value)| (name, value.to_owned()));
        let all: Vec<_> = own.iter().chain(variables).chain(&deployed).collect();
        let find = |name: &str| {
            let set = all.iter().find(|(known, _)| *known == name);
            set.map(|(_, value)| value.clone())
        };
        let app = App::new(&Vars::new(&find), &table.sdk_config()).expect("it is configured");
        let router = router(&app, &template).expect("the routes are those of the template");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            crm,
            base,
            platform,
            app,
            url,
            client: reqwest::Client::new(),
            _table: table,
        }
    }

    /// Calls an interface, which has to succeed.
    pub(crate) async fn call(&self, interface: &str, params: &Value) -> Value {
        let url = format!("{}/interfaces/{}/{interface}", self.url, self.platform);
        let sent = self.client.post(url).body(params.to_string()).send().await;
        let reply: Value = sent.expect("an answer").json().await.expect("JSON");
        assert_eq!(reply["successful"], true, "{reply}");
        reply
    }

    /// Measures `work` and adds it to `figures`.
    pub(crate) async fn measure(&self, figures: &mut Figures, work: impl Future<Output = ()>) {
        let server = self.crm.server();
        server.clear_journal();
        let (tokens, trips) = (self.crm.tokens(), self.app.table.trips());
        let begun = Instant::now();
        work.await;
        figures.times.push(begun.elapsed());
        figures.crm_calls += server.journal().len() as u64;
        figures.tokens += self.crm.tokens() - tokens;
        figures.table_trips += self.app.table.trips() - trips;
    }

    /// Measures a call of an interface.
    pub(crate) async fn measure_call(
        &self,
        figures: &mut Figures,
        interface: &str,
        params: &Value,
    ) {
        let work = async { drop(self.call(interface, params).await) };
        self.measure(figures, work).await;
    }
}
