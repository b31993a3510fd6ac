//! What is done to any CRM, `rounds` times.

use futures_util::future::join_all;

use crate::bench::{Bench, Crm};
use crate::figures::Figures;
use crate::requests::{call, change, conversation};

const TEXT: &str = "createMessageLog";

impl<C: Crm> Bench<C> {
    pub(crate) async fn first_text(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let params = conversation(&self.base, &format!("first-{round}"), 0..1);
            self.measure_call(&mut figures, TEXT, &params).await;
        }
        figures
    }

    pub(crate) async fn joining_text(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let name = format!("joining-{round}");
            self.call(TEXT, &conversation(&self.base, &name, 0..3))
                .await;
            let params = conversation(&self.base, &name, 3..4);
            self.measure_call(&mut figures, TEXT, &params).await;
        }
        figures
    }

    pub(crate) async fn whole_day_again(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        let params = conversation(&self.base, "again", 0..10);
        self.call(TEXT, &params).await;
        for _ in 0..rounds {
            self.measure_call(&mut figures, TEXT, &params).await;
        }
        figures
    }

    pub(crate) async fn fifty_in_one(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let params = conversation(&self.base, &format!("fifty-{round}"), 0..50);
            self.measure_call(&mut figures, TEXT, &params).await;
        }
        figures
    }

    pub(crate) async fn twenty_at_once(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let name = format!("burst-{round}");
            let requests: Vec<_> = (0..20)
                .map(|text| conversation(&self.base, &name, text..text + 1))
                .collect();
            let sent = requests.iter().map(|params| self.call(TEXT, params));
            let work = async { drop(join_all(sent).await) };
            self.measure(&mut figures, work).await;
        }
        figures
    }

    pub(crate) async fn create_call_log(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let params = call(&self.base, &format!("{round}"));
            self.measure_call(&mut figures, "createCallLog", &params)
                .await;
        }
        figures
    }

    pub(crate) async fn create_call_log_again(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        let params = call(&self.base, "again");
        self.call("createCallLog", &params).await;
        for _ in 0..rounds {
            self.measure_call(&mut figures, "createCallLog", &params)
                .await;
        }
        figures
    }

    pub(crate) async fn update_call_log(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let session = format!("update-{round}");
            self.call("createCallLog", &call(&self.base, &session))
                .await;
            let params = change(&self.base, &session, "note", "Wants two quotes.");
            self.measure_call(&mut figures, "updateCallLog", &params)
                .await;
        }
        figures
    }

    pub(crate) async fn twenty_updates_at_once(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        for round in 0..rounds {
            let session = format!("updates-{round}");
            self.call("createCallLog", &call(&self.base, &session))
                .await;
            let changes: Vec<_> = (0..20)
                .map(|number| change(&self.base, &session, "note", &format!("Note {number}")))
                .collect();
            let sent = changes
                .iter()
                .map(|params| self.call("updateCallLog", params));
            let work = async { drop(join_all(sent).await) };
            self.measure(&mut figures, work).await;
        }
        figures
    }
}
