//! A simulated CRM behind the trait of the adapters: slow, refusing, forgetful, late, and written
//! into by people. It remembers every revision of every activity, for the judge.

mod adapter;
mod apply;
mod calls;
mod fate;
mod html;
mod interfaces;
mod person;

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use daybook_adapters::{Cause, Profile};
use daybook_core::digest::Format;

pub(crate) use adapter::Door;
pub(crate) use calls::{Call, Rule};
pub(crate) use fate::{CallFate, CrmFaults, Outage, OutageKind, Shown, When};
pub(crate) use html::Style;
pub(crate) use person::{Edit, EditKind};

use crate::clock::Time;
use crate::trace::Trace;
use crate::worker::Worker;

/// Who wrote a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Author {
    /// A worker, by its number.
    Worker(usize),
    /// A person in the CRM.
    Person,
}

/// One state of an activity's body.
#[derive(Debug, Clone)]
pub(crate) struct Revision {
    pub(crate) body: String,
    pub(crate) by: Author,
    /// The revision that its writer had read.
    pub(crate) base: usize,
    /// Whether it was applied when its writer did not listen any more, or slept.
    pub(crate) late: bool,
}

/// One activity.
#[derive(Debug, Clone)]
pub(crate) struct Activity {
    pub(crate) id: usize,
    pub(crate) contact: String,
    pub(crate) subject: String,
    pub(crate) revisions: Vec<Revision>,
    pub(crate) edits: Vec<Edit>,
    pub(crate) deleted_by: Option<Author>,
    shows_from: Duration,
}

impl Activity {
    /// Its body as it stands.
    pub(crate) fn body(&self) -> &str {
        self.revisions.last().map_or("", |revision| &revision.body)
    }

    /// Its newest revision.
    pub(crate) fn revision(&self) -> usize {
        self.revisions.len() - 1
    }

    /// Whether an edit was written over by somebody who could not know of it.
    pub(crate) fn is_overwritten(&self, edit: &Edit) -> bool {
        let later = self.revisions.iter().skip(edit.revision + 1);
        later
            .filter(|revision| revision.by != Author::Person)
            .any(|revision| revision.base < edit.revision)
    }
}

/// How many calls there were.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) creates: usize,
    pub(crate) updates: usize,
    pub(crate) deletes: usize,
    pub(crate) gets: usize,
    pub(crate) finds: usize,
}

impl Calls {
    /// All of them.
    pub(crate) fn total(&self) -> usize {
        self.creates + self.updates + self.deletes + self.gets + self.finds
    }
}

/// What is different from CRM to CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) format: Format,
    pub(crate) max_note_bytes: Option<usize>,
    /// After how many bytes a note is cut off, which nobody is told.
    pub(crate) cuts_at: Option<usize>,
    pub(crate) late_apply_secs: u32,
    pub(crate) search_lag_secs: u32,
    pub(crate) deletes: bool,
    pub(crate) style: Style,
}

impl Kind {
    /// HTML, unlimited, 60 s late at most, found after 5 s at most.
    pub(crate) const PLAIN: Self = Self {
        format: Format::Html,
        max_note_bytes: None,
        cuts_at: None,
        late_apply_secs: 60,
        search_lag_secs: 5,
        deletes: true,
        style: Style::AsWritten,
    };
}

struct State {
    random: fastrand::Rng,
    faults: CrmFaults,
    outages: Vec<Outage>,
    /// The fates of the next writes, before chance decides.
    script: VecDeque<CallFate>,
    activities: Vec<Activity>,
    /// What each worker has read of each activity.
    reads: BTreeMap<(usize, usize), usize>,
    calls: Calls,
    /// Every call, with when and of whom.
    log: Vec<Call>,
    /// What decides on the fate of a call before script and chance do.
    rule: Option<Rule>,
    violations: Vec<String>,
    /// Whether escaping is undone before a body is stored.
    unescapes: bool,
    /// An activity that cannot be read, and how that fails.
    broken: Option<(usize, Cause)>,
    /// The only credentials that are accepted, where not all are.
    accepts: Option<&'static str>,
}

/// The CRM.
pub(crate) struct SimCrm {
    time: Time,
    trace: Trace,
    kind: Kind,
    profile: &'static Profile,
    state: Mutex<State>,
}

impl Debug for SimCrm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimCrm").finish_non_exhaustive()
    }
}

impl SimCrm {
    /// An empty CRM.
    pub(crate) fn new(
        seed: u64,
        time: Time,
        trace: &Trace,
        kind: Kind,
        faults: CrmFaults,
    ) -> Arc<Self> {
        let profile = Profile {
            id: "simCRM",
            display_name: "Simulated CRM",
            log_format: kind.format,
            max_note_bytes: kind.max_note_bytes,
            late_apply_secs: kind.late_apply_secs,
            search_lag_secs: kind.search_lag_secs,
            whole_minutes: false,
            own_hosts: false,
        };
        Arc::new(Self {
            time,
            trace: trace.clone(),
            kind,
            // The trait asks for a profile that lives as long as the program.
            profile: Box::leak(Box::new(profile)),
            state: Mutex::new(State {
                random: fastrand::Rng::with_seed(seed ^ 0xc12),
                faults,
                outages: Vec::new(),
                script: VecDeque::new(),
                activities: Vec::new(),
                reads: BTreeMap::new(),
                calls: Calls::default(),
                log: Vec::new(),
                rule: None,
                violations: Vec::new(),
                unescapes: false,
                broken: None,
                accepts: None,
            }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics with it")
    }

    /// The CRM as `worker` reaches it.
    pub(crate) fn of(self: &Arc<Self>, worker: &Arc<Worker>) -> Door {
        Door::new(self.clone(), worker.clone())
    }

    /// Replaces what goes wrong from now on.
    pub(crate) fn set_faults(&self, faults: CrmFaults) {
        self.state().faults = faults;
    }

    /// The periods in which it does not work.
    pub(crate) fn set_outages(&self, outages: Vec<Outage>) {
        self.state().outages = outages;
    }

    /// What happens to the next writes.
    pub(crate) fn script(&self, fates: impl IntoIterator<Item = CallFate>) {
        self.state().script.extend(fates);
    }

    /// Undoes escaping in every body from now on.
    pub(crate) fn unescape(&self) {
        self.state().unescapes = true;
    }

    /// Lets no read of an activity succeed from now on.
    pub(crate) fn break_reads(&self, id: usize, cause: Cause) {
        self.state().broken = Some((id, cause));
    }

    /// Accepts only these credentials from now on.
    pub(crate) fn accept_only(&self, auth: &'static str) {
        self.state().accepts = Some(auth);
    }

    /// Whether no credentials are accepted now.
    pub(crate) fn is_signed_out(&self) -> bool {
        let gone = self.time.gone();
        let state = self.state();
        let mut now =
            (state.outages.iter()).filter(|outage| (outage.from..outage.to).contains(&gone));
        now.any(|outage| outage.kind == OutageKind::SignedOut)
    }

    /// All activities, also those that were deleted.
    pub(crate) fn activities(&self) -> Vec<Activity> {
        self.state().activities.clone()
    }

    /// The calls since the last call of this.
    pub(crate) fn take_calls(&self) -> Calls {
        std::mem::take(&mut self.state().calls)
    }

    /// What the engine did that it must never do.
    pub(crate) fn violations(&self) -> Vec<String> {
        self.state().violations.clone()
    }

    /// What the CRM keeps of a body.
    fn kept(&self, body: &str, unescapes: bool) -> String {
        let body = match unescapes {
            true => html::unescape(body),
            false => body.to_owned(),
        };
        match self.kind.format {
            Format::Html => self.kind.style.reformat(&body),
            Format::PlainText | Format::Markdown => body,
        }
    }
}
