//! What is counted in the log of calls.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::crm::{Call, CallFate};

/// The calls that began from one time until before another.
pub(super) fn between(log: &[Call], from: Duration, to: Duration) -> Vec<Call> {
    let own = log.iter().filter(|call| (from..to).contains(&call.from));
    own.cloned().collect()
}

/// The most calls of one user that began within `span` of each other.
pub(super) fn most_within(log: &[Call], span: Duration) -> usize {
    let mut of_users: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for call in log {
        of_users.entry(&call.user).or_default().push(call.from);
    }
    let most = |times: &Vec<Duration>| {
        let within = |from: &Duration| {
            let later = times.iter().filter(|time| *time >= from);
            later.filter(|time| **time < *from + span).count()
        };
        times.iter().map(within).max().unwrap_or_default()
    };
    of_users.values().map(most).max().unwrap_or_default()
}

/// For each user the calls from a time on, until one is answered well.
pub(super) fn until_answered(log: &[Call], from: Duration) -> Vec<Call> {
    let mut answered: BTreeMap<String, Duration> = BTreeMap::new();
    let mut found = Vec::new();
    for call in log.iter().filter(|call| call.from >= from) {
        let by = answered.get(&call.user);
        if by.is_none_or(|by| call.from < *by) {
            found.push(call.clone());
        }
        if let (CallFate::Fine, Some(to)) = (call.fate, call.to) {
            answered.entry(call.user.clone()).or_insert(to);
        }
    }
    found
}

/// The calls that began while another of the same user was under way.
pub(super) fn overlapping(log: &[Call]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, call) in log.iter().enumerate() {
        let mut before = log[..index].iter().filter(|other| other.user == call.user);
        if before.any(|other| other.to.is_none_or(|to| to > call.from)) {
            found.push(format!("{} of {} at {:?}", call.what, call.user, call.from));
        }
    }
    found
}
