//! An error with everything that led to it, for a person at a terminal.

use std::error::Error;

/// The error's words and those of its causes, with a colon between them.
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Some errors of libraries repeat their cause.
        if !words.ends_with(&next) {
            words = format!("{words}: {next}");
        }
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the folder cannot be used")]
    struct Outer(#[source] io::Error);

    #[test]
    fn every_cause_is_told_once() {
        let inner = io::Error::other("the disk is full");
        assert_eq!(
            with_causes(&Outer(inner)),
            "the folder cannot be used: the disk is full"
        );
        // This one shows what it wraps.
        let wrapped = io::Error::other(Outer(io::Error::other("x")));
        assert_eq!(with_causes(&wrapped), "the folder cannot be used: x");
    }
}
