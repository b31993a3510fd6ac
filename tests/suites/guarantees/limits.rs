//! to come
pub(super) fn cases() -> Vec<libtest_mimic::Trial> {
    Vec::new()
}
