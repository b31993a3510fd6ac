//! Links to what a message carries beside its text.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::limits::{MAX_LINK_BYTES, too_long};

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MediaKind {
    /// The recording of a voicemail.
    Voicemail,
    /// The document of a fax.
    Fax,
    /// A picture.
    Image,
    /// A video.
    Video,
    /// Something else, such as a contact card.
    File,
}

/// One thing that a message carries.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// Where it is to be seen or heard. `None` where the only link that we know would hand
    /// out a person's RingCentral token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<MediaLink>,
}

impl std::fmt::Debug for Media {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Media")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// An `http` or `https` address without a token in it, so that it may stand in a CRM.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MediaLink(String);

/// Names of query parameters that carry a credential.
const TOKEN_PARAMETERS: [&str; 5] = [
    "access_token",
    "accesstoken",
    "rcaccesstoken",
    "token",
    "jwttoken",
];

impl MediaLink {
    /// Reads a link of at most [`MAX_LINK_BYTES`]; `Ok(None)` for one that carries a credential,
    /// however long.
    ///
    /// # Errors
    /// The problem, to be read after the field's name.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        const PROBLEM: &str = "is not an http or https address";
        let url = Url::parse(text.trim()).map_err(|_| PROBLEM.to_owned())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(PROBLEM.to_owned());
        }
        let carries_token = !url.username().is_empty()
            || url.password().is_some()
            || url
                .query_pairs()
                .any(|(name, value)| is_token(&name) || hides_token(&value))
            || url.fragment().is_some_and(hides_token);
        if carries_token {
            return Ok(None);
        }
        match url.as_str().len() > MAX_LINK_BYTES {
            true => Err(too_long(MAX_LINK_BYTES)),
            false => Ok(Some(Self(url.into()))),
        }
    }

    /// The page of RingCentral that shows the content at `uri` to who is signed in there; `None`
    /// where the address cannot stand in a note.
    ///
    /// # Source
    /// App Connect's server 1.7.42 leads to pictures and videos in this way (read 2026-11-21).
    pub fn in_media_reader(uri: &str) -> Option<Self> {
        Self::parse(uri).ok()??;
        let mut reader = Url::parse(MEDIA_READER).ok()?;
        reader.query_pairs_mut().append_pair("media", uri.trim());
        Self::parse(reader.as_str()).ok()?
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// RingCentral's media reader.
const MEDIA_READER: &str = "https://ringcentral.github.io/ringcentral-media-reader/";

fn is_token(parameter: &str) -> bool {
    TOKEN_PARAMETERS
        .iter()
        .any(|token| parameter.eq_ignore_ascii_case(token))
}

/// RingCentral's media reader takes the address of the content, token and all, as a parameter.
fn hides_token(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    [
        "access_token=",
        "accesstoken=",
        "access_token%3d",
        "accesstoken%3d",
    ]
    .iter()
    .any(|token| value.contains(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_with_a_token_is_not_a_link_for_a_note() {
        for link in [
            "https://media.ringcentral.com/c/1?access_token=abc",
            "https://media.ringcentral.com/c/1?x=1&AccessToken=abc",
            "https://r.example/?media=https%3A%2F%2Fm.example%2F1%3Faccess_token%3Dabc",
            "https://r.example/#access_token=abc",
            "https://user:secret@r.example/1",
        ] {
            assert_eq!(
                MediaLink::parse(link).map(|link| link.is_some()),
                Ok(false),
                "{link}"
            );
        }
    }

    #[test]
    fn the_media_reader_takes_the_address_as_a_parameter() {
        let uri = "https://media.ringcentral.com/restapi/v1.0/content/1?a=b";
        let link = MediaLink::in_media_reader(uri).expect("a link");
        assert_eq!(
            link.as_str(),
            "https://ringcentral.github.io/ringcentral-media-reader/\
             ?media=https%3A%2F%2Fmedia.ringcentral.com%2Frestapi%2Fv1.0%2Fcontent%2F1%3Fa%3Db"
        );
        let long = format!("https://x.example/{}", "x".repeat(MAX_LINK_BYTES));
        for uri in ["", "x", "https://m.example/1?access_token=abc", &long] {
            assert!(MediaLink::in_media_reader(uri).is_none(), "{uri}");
        }
    }

    #[test]
    fn only_web_addresses_are_links() {
        for link in [
            "",
            "(pending...)",
            "javascript:alert(1)",
            "data:text/html,x",
            "/x",
            "https://",
        ] {
            assert!(MediaLink::parse(link).is_err(), "{link}");
        }
        let long = format!("https://x.example/{}", "x".repeat(MAX_LINK_BYTES));
        assert!(MediaLink::parse(&long).is_err_and(|problem| problem.contains("2000")));
        assert_eq!(
            MediaLink::parse(&format!("{long}?token=x")).map(|link| link.is_some()),
            Ok(false)
        );
        let link = MediaLink::parse(" https://v.ringcentral.com/i?id=1&t=\"x\" ")
            .expect("a link")
            .expect("without a token");
        assert_eq!(link.as_str(), "https://v.ringcentral.com/i?id=1&t=%22x%22");
    }
}
