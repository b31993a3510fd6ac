//! The calls of the CRM, one by one: when each began and ended, and of whom it was.

use std::fmt::Debug;
use std::time::Duration;

use super::{CallFate, SimCrm};

/// One call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// When it began, since the start.
    pub(crate) from: Duration,
    /// When its caller heard of it or gave up; none while it is under way.
    pub(crate) to: Option<Duration>,
    /// On whose behalf.
    pub(crate) user: String,
    /// The contact of the activity that it is about.
    pub(crate) contact: String,
    /// What was asked.
    pub(crate) what: &'static str,
    /// The body that a write carries.
    pub(crate) body: Option<String>,
    /// What became of it.
    pub(crate) fate: CallFate,
}

impl Call {
    /// Whether it is a write.
    pub(crate) fn is_write(&self) -> bool {
        self.body.is_some()
    }
}

type Decide = dyn Fn(&Call) -> Option<CallFate> + Send;

/// Decides on the fate of calls; `None` leaves it to outages, script and chance.
pub(crate) struct Rule(Box<Decide>);

impl Rule {
    /// A rule.
    pub(crate) fn of(rule: impl Fn(&Call) -> Option<CallFate> + Send + 'static) -> Self {
        Self(Box::new(rule))
    }

    /// The fate of a call.
    pub(super) fn decide(&self, call: &Call) -> Option<CallFate> {
        (self.0)(call)
    }
}

impl SimCrm {
    /// Has `rule` decide from now on.
    pub(crate) fn set_rule(&self, rule: Rule) {
        self.state().rule = Some(rule);
    }

    /// All calls so far, in the order in which they began.
    pub(crate) fn log(&self) -> Vec<Call> {
        self.state().log.clone()
    }

    /// Says that a call is over.
    pub(super) fn end(&self, number: usize) {
        let gone = self.time.gone();
        if let Some(call) = self.state().log.get_mut(number) {
            call.to = Some(gone);
        }
    }

    /// The contact of an activity.
    pub(super) fn contact_of(&self, id: usize) -> String {
        let state = self.state();
        let activity = state.activities.get(id);
        activity.map_or_else(String::new, |activity| activity.contact.clone())
    }
}
