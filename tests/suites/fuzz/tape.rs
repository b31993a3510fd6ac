//! Where a case's choices come from: chance at first, and afterwards what was written down.
//!
//! A case is nothing but its choices. A smaller one is made by dropping some of them or by making
//! them smaller, whatever the case is about; the smallest choice is always 0.

use fastrand::Rng;

/// The choices of one case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tape {
    choices: Vec<u32>,
    at: usize,
    random: Option<Rng>,
}

impl Tape {
    /// One that chance writes.
    pub(crate) fn random(seed: u64) -> Self {
        Self {
            random: Some(Rng::with_seed(seed)),
            ..Self::default()
        }
    }

    /// One that is read. Behind its end everything is 0.
    pub(crate) fn of(choices: &[u32]) -> Self {
        Self {
            choices: choices.to_vec(),
            ..Self::default()
        }
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u32::try_from(limit.max(1)).unwrap_or(u32::MAX);
        if let Some(random) = &mut self.random {
            self.choices.push(random.u32(..limit));
        }
        let choice = self.choices.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        usize::try_from(choice % limit).unwrap_or_default()
    }

    /// Whether one of `of` choices, on average, came up.
    pub(crate) fn one_in(&mut self, of: usize) -> bool {
        of > 0 && self.below(of) == of - 1
    }

    /// One of `list`.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let at = self.below(list.len());
        list.get(at).expect("there is something to choose from")
    }

    /// The choices that were made.
    pub(crate) fn taken(&self) -> &[u32] {
        self.choices.get(..self.at).unwrap_or(&self.choices)
    }
}

/// The smallest choices for which `fails` is true, as far as is found while `goes_on`.
pub(crate) fn shrink(
    choices: &[u32],
    mut fails: impl FnMut(&[u32]) -> bool,
    goes_on: impl Fn() -> bool,
) -> Vec<u32> {
    let mut least = choices.to_vec();
    loop {
        let before = least.clone();
        let mut size = least.len();
        while size > 0 && goes_on() {
            let mut at = 0;
            while at < least.len() && goes_on() {
                let end = (at + size).min(least.len());
                let without = [&least[..at], &least[end..]].concat();
                let mut zeros = least.clone();
                zeros[at..end].fill(0);
                if fails(&without) {
                    least = without;
                } else {
                    if zeros != least && fails(&zeros) {
                        least = zeros;
                    }
                    at += size;
                }
            }
            size /= 2;
        }
        for at in 0..least.len() {
            let mut step = least[at];
            while step > 0 && goes_on() {
                let mut smaller = least.clone();
                smaller[at] -= step;
                match smaller[at] < least[at] && fails(&smaller) {
                    true => {
                        least = smaller;
                        step = step.min(least[at]);
                    }
                    false => step /= 2,
                }
            }
        }
        if least == before || !goes_on() {
            return least;
        }
    }
}
