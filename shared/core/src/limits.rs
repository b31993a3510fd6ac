//! How large the parts of a request may be.
//!
//! An item of the table holds at most 400 KB. The largest that we write are a message (its text,
//! its links, the correspondents' names and `additionalSubmission`), the head of a digest (the
//! same without text and links, and a ledger of at most 170 KB) and a change of a call (what one
//! request tells, and a note that waited). With these limits the first two stay under 300 KB and
//! the last under 360 KB, so that what was written to a CRM is never too large to be written down.

/// The most messages that one request may carry, or bring into digests.
pub const MAX_MESSAGES: usize = 500;
/// The most messages of a conversation that the extension knows which are looked at: the newest.
pub const MAX_KNOWN: usize = 5_000;
/// The most bytes that the text of one message may have.
pub const MAX_TEXT_BYTES: usize = 100 * 1024;
/// The most bytes that the note, the other texts and the stages of one request about a call may
/// have together, as JSON.
pub const MAX_CALL_BYTES: usize = 224 * 1024;
/// The longest call, in seconds: 30 days.
pub const MAX_CALL_SECONDS: u64 = 30 * 24 * 60 * 60;
/// The most calls that one request may ask for.
pub const MAX_SESSIONS: usize = 100;
/// The most people that a message may be to, and that a conversation may be with.
pub const MAX_PEOPLE: usize = 200;
/// The most attachments that a message of the extension may have.
pub const MAX_ATTACHMENTS: usize = 16;
/// The longest id, in bytes.
pub const MAX_ID_BYTES: usize = 512;
/// The longest name of a person, in bytes.
pub const MAX_NAME_BYTES: usize = 512;
/// The longest title of an activity that we make, in bytes: the longest name and words around it.
pub const MAX_TITLE_BYTES: usize = MAX_NAME_BYTES + 128;
/// The longest type of a contact or of content, in bytes.
pub const MAX_TYPE_BYTES: usize = 128;
/// The longest phone or extension number, in bytes.
pub const MAX_PHONE_BYTES: usize = 64;
/// The most formats in which one phone number is searched for.
pub const MAX_FORMATS: usize = 10;
/// The most keys of account data that one request may ask for.
pub const MAX_DATA_KEYS: usize = 20;
/// The longest host name, in bytes; DNS has no longer ones.
pub const MAX_HOST_BYTES: usize = 253;
/// The longest link that a note shows, in bytes.
pub const MAX_LINK_BYTES: usize = 2_000;
/// The longest address to fetch content from, in bytes: it carries a token and is not kept.
pub const MAX_DOWNLOAD_BYTES: usize = 8 * 1024;
/// The longest `Authorization` header, in bytes.
pub const MAX_AUTH_BYTES: usize = 8 * 1024;
/// The most bytes that `additionalSubmission` may have as JSON.
pub const MAX_SUBMISSION_BYTES: usize = 16 * 1024;
/// The most bytes that `userSettings` may have as JSON: those of a request, and those that are kept
/// with a user.
pub const MAX_SETTINGS_BYTES: usize = 64 * 1024;
/// The most settings that one request may set, and remove.
pub const MAX_SETTINGS: usize = 500;
/// The longest name of a platform, in bytes.
pub const MAX_PLATFORM_BYTES: usize = 64;
/// The longest API key, in bytes.
pub const MAX_API_KEY_BYTES: usize = 4 * 1024;
/// The most bytes that `additionalInfo` of a sign-in may have as JSON.
pub const MAX_ADDITIONAL_INFO_BYTES: usize = 16 * 1024;
/// The most digits that the id of a RingCentral account or extension may have.
pub const MAX_RINGCENTRAL_ID_DIGITS: usize = 32;
/// The longest query string with which a browser returns from a CRM, in bytes.
pub const MAX_CALLBACK_BYTES: usize = 16 * 1024;
/// The longest address to which a CRM may send a browser, in bytes.
pub const MAX_REDIRECT_BYTES: usize = 2_000;
/// The longest authorisation code, in bytes.
pub const MAX_CODE_BYTES: usize = 4 * 1024;
/// The longest `state` of an authorisation, in bytes.
pub const MAX_STATE_BYTES: usize = 2 * 1024;
/// The longest `error` with which a CRM ends an authorisation, in bytes.
pub const MAX_OAUTH_ERROR_BYTES: usize = 64;

/// The problem of a field that is too long, to be read after its name.
pub(crate) fn too_long(most: usize) -> String {
    format!("is longer than {most} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_items_fit_into_the_table() {
        let opening = MAX_PEOPLE * (MAX_NAME_BYTES + 1)
            + MAX_SUBMISSION_BYTES
            + 5 * MAX_NAME_BYTES
            + 4 * MAX_ID_BYTES
            + 2 * MAX_HOST_BYTES
            + 2 * MAX_PHONE_BYTES
            + MAX_TYPE_BYTES;
        // A message has its own links and those beside it, or those of its attachments.
        let message = opening + MAX_TEXT_BYTES + MAX_ATTACHMENTS.max(8) * (MAX_LINK_BYTES + 64);
        // 5,000 fingerprints of 16 bytes and one byte each, all of them taken out again.
        let head = opening + 2 * 5_000 * 17;
        // What one request tells of a call: three links, two parties, a result and the session;
        // and a note that was sent ahead.
        let call = MAX_CALL_BYTES
            + MAX_TEXT_BYTES
            + MAX_SUBMISSION_BYTES
            + 3 * MAX_LINK_BYTES
            + 4 * MAX_NAME_BYTES
            + 5 * MAX_ID_BYTES
            + 5 * MAX_PHONE_BYTES
            + MAX_TYPE_BYTES;
        let keys_and_the_rest = 4_000;
        for (item, most) in [(message, 300), (head, 300), (call, 360)] {
            assert!(item + keys_and_the_rest < most * 1_024, "{item}");
        }
    }
}
