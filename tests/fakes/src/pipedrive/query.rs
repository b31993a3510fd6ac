//! The parameters of a query, read strictly: only those that are allowed, each once.

use chrono::{DateTime, Utc};

use super::refusal::Refusal;

/// The parameters.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the part of an address behind the question mark.
    pub(super) fn parse(raw: &str) -> Self {
        let pairs = url::form_urlencoded::parse(raw.as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// Refuses what is not in one of these lists, and what is said twice.
    pub(super) fn allow(&self, lists: &[&[&str]]) -> Result<(), Refusal> {
        for (at, (name, _)) in self.0.iter().enumerate() {
            if !lists.iter().any(|names| names.contains(&name.as_str())) {
                return Err(Refusal::field(name, "is not a parameter"));
            }
            if self.0[..at].iter().any(|(before, _)| before == name) {
                return Err(Refusal::field(name, "is given twice"));
            }
        }
        Ok(())
    }

    /// A parameter, as it is.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        let found = pairs.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let parsed = self.text(name).map(str::parse).transpose();
        parsed.map_err(|_| Refusal::field(name, "is no integer"))
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, Refusal> {
        let parsed = self.text(name).map(str::parse).transpose();
        parsed.map_err(|_| Refusal::field(name, "is no boolean"))
    }

    /// One of these words.
    pub(super) fn word<'a>(
        &self,
        name: &str,
        among: &[&'a str],
    ) -> Result<Option<&'a str>, Refusal> {
        let Some(given) = self.text(name) else {
            return Ok(None);
        };
        let known = among.iter().find(|word| **word == given);
        known
            .map(|word| Some(*word))
            .ok_or_else(|| Refusal::field(name, "is none of those that it can be"))
    }

    /// Some of these words, with commas between.
    pub(super) fn words(&self, name: &str, among: &[&str]) -> Result<Option<Vec<&str>>, Refusal> {
        let given: Option<Vec<_>> = self.text(name).map(|words| words.split(',').collect());
        match &given {
            Some(words) if words.iter().any(|word| !among.contains(word)) => {
                Err(Refusal::field(name, "is none of those that it can be"))
            }
            Some(_) | None => Ok(given),
        }
    }

    /// Numbers with commas between.
    pub(super) fn numbers(&self, name: &str) -> Result<Option<Vec<u64>>, Refusal> {
        let Some(given) = self.text(name) else {
            return Ok(None);
        };
        let parsed: Result<Vec<_>, _> = given.split(',').map(str::parse).collect();
        let numbers = parsed.map_err(|_| Refusal::field(name, "is no list of integers"))?;
        match numbers.len() {
            ..=100 => Ok(Some(numbers)),
            _ => Err(Refusal::field(name, "has more than 100")),
        }
    }

    /// A time in whole seconds: fractions are refused.
    pub(super) fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
        let Some(given) = self.text(name) else {
            return Ok(None);
        };
        let parsed = DateTime::parse_from_rfc3339(given).ok();
        parsed
            .filter(|_| !given.contains('.'))
            .map(|at| Some(at.to_utc()))
            .ok_or_else(|| Refusal::field(name, "is no time"))
    }

    /// How many a page holds: 100 unless told, 500 at the most.
    pub(super) fn limit(&self) -> Result<usize, Refusal> {
        match self.number("limit")? {
            None => Ok(100),
            Some(limit @ 1..=500) => Ok(usize::try_from(limit).expect("a small number")),
            Some(_) => Err(Refusal::field("limit", "is not between 1 and 500")),
        }
    }
}
