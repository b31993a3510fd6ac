//! What a message carries, as RingCentral's message store lists it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::wire::present;
use crate::error::RequestError;
use crate::json::Object;
use crate::limits::MAX_ATTACHMENTS;
use crate::media::{Media, MediaKind, MediaLink};

/// One item of `attachments`. The widget adds `link`, to a page that shows the content.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Attachment")]
pub(super) struct WireAttachment {
    #[serde(rename = "type")]
    kind: Option<String>,
    content_type: Option<String>,
    file_name: Option<String>,
    link: Option<String>,
    uri: Option<String>,
}

/// The media of a message. What only repeats its text is left out.
pub(super) fn media(
    list: Option<Vec<Option<Object<WireAttachment>>>>,
) -> Result<Vec<Media>, RequestError> {
    let list = list.unwrap_or_default();
    if list.len() > MAX_ATTACHMENTS {
        let problem = format!("has more than {MAX_ATTACHMENTS} items");
        return Err(RequestError::field("attachments", problem));
    }
    let mut media: Vec<Media> = Vec::new();
    for Object(attachment) in list.into_iter().flatten() {
        let carried = attachment.media();
        media.extend(carried.filter(|carried| carried.link.is_none() || !media.contains(carried)));
    }
    Ok(media)
}

impl WireAttachment {
    fn media(self) -> Option<Media> {
        let kind = match self.kind.as_deref().map(str::trim)? {
            "AudioRecording" => MediaKind::Voicemail,
            "RenderedDocument" => MediaKind::Fax,
            "MmsAttachment" => self.kind_of_file()?,
            // The text of the message, the transcript, and what a rendered fax was made from.
            _ => return None,
        };
        let link = self.link();
        Some(Media { kind, link })
    }

    /// What kind of file it is; `None` for the layout of a message.
    fn kind_of_file(&self) -> Option<MediaKind> {
        let content_type = self.content_type.as_deref().unwrap_or_default();
        let (family, _) = content_type.split_once('/').unwrap_or_default();
        match family.trim().to_ascii_lowercase().as_str() {
            "image" => Some(MediaKind::Image),
            "video" => Some(MediaKind::Video),
            "" => Some(kind_by_name(self.file_name.as_deref().unwrap_or_default())),
            _ if content_type.to_ascii_lowercase().contains("smil") => None,
            _ => Some(MediaKind::File),
        }
    }

    /// The page that the widget names, else the one that shows the content to whoever is signed in
    /// to RingCentral. It carries nobody's token.
    fn link(self) -> Option<MediaLink> {
        let named = present(self.link).and_then(|link| MediaLink::parse(&link).ok()?);
        let content = present(self.uri);
        named.or_else(|| content.and_then(|uri| MediaLink::in_media_reader(&uri)))
    }
}

/// The kind of a file whose type nobody says, by the end of its name.
fn kind_by_name(name: &str) -> MediaKind {
    const IMAGES: [&str; 7] = ["bmp", "gif", "heic", "jpeg", "jpg", "png", "webp"];
    const VIDEOS: [&str; 6] = ["3gp", "3gpp", "avi", "mov", "mp4", "webm"];
    let (_, end) = name.trim().rsplit_once('.').unwrap_or_default();
    let end = end.to_ascii_lowercase();
    match (
        IMAGES.contains(&end.as_str()),
        VIDEOS.contains(&end.as_str()),
    ) {
        (true, _) => MediaKind::Image,
        (false, true) => MediaKind::Video,
        (false, false) => MediaKind::File,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const READER: &str = "https://ringcentral.github.io/ringcentral-media-reader/?media=";

    fn read(list: Value) -> Result<Vec<(MediaKind, Option<String>)>, RequestError> {
        let list = serde_json::from_value(list).expect("attachments");
        let link = |media: &Media| media.link.as_ref().map(|link| link.as_str().to_owned());
        media(list).map(|all| all.iter().map(|media| (media.kind, link(media))).collect())
    }

    #[test]
    fn each_picture_and_video_has_a_link_to_the_reader() {
        let picture = |id: u32, content_type: &str| {
            let uri = format!("https://media.ringcentral.com/content/{id}");
            json!({"id": id, "type": "MmsAttachment", "contentType": content_type, "uri": uri})
        };
        let reader = |id: u32| {
            let rest = format!("https%3A%2F%2Fmedia.ringcentral.com%2Fcontent%2F{id}");
            Some(format!("{READER}{rest}"))
        };
        let list = json!([
            {"id": 1, "type": "Text", "contentType": "text/plain", "uri": "https://x.example/1"},
            picture(2, "image/jpeg"),
            picture(3, "IMAGE/png"),
            picture(4, "video/mp4"),
            picture(5, "text/vcard"),
            picture(6, "application/smil"),
            null,
        ]);
        let expected = vec![
            (MediaKind::Image, reader(2)),
            (MediaKind::Image, reader(3)),
            (MediaKind::Video, reader(4)),
            (MediaKind::File, reader(5)),
        ];
        assert_eq!(read(list), Ok(expected));
    }

    #[test]
    fn what_an_attachment_does_not_say_is_no_error() {
        let list = json!([
            {"type": "MmsAttachment"},
            {"type": "MmsAttachment", "fileName": "beach.JPG", "contentType": null},
            {"type": "MmsAttachment", "fileName": "beach.mov", "uri": "not an address"},
            {"type": "AudioRecording", "uri": "https://x.example/?access_token=secret"},
            {"type": "SourceDocument", "uri": "https://x.example/2"},
            {"uri": "https://x.example/3"},
            {},
        ]);
        let expected = vec![
            (MediaKind::File, None),
            (MediaKind::Image, None),
            (MediaKind::Video, None),
            (MediaKind::Voicemail, None),
        ];
        assert_eq!(read(list), Ok(expected));
    }

    #[test]
    fn the_link_of_the_widget_comes_first_unless_it_holds_a_token() {
        let fax = |link: &str| json!([{"type": "RenderedDocument", "link": link, "uri": "https://x.example/1"}]);
        let page = "https://ringcentral.github.io/ringcentral-media-reader/?media=1";
        let expected = vec![(MediaKind::Fax, Some(page.to_owned()))];
        assert_eq!(read(fax(page)), Ok(expected));
        let reader = format!("{READER}https%3A%2F%2Fx.example%2F1");
        let expected = vec![(MediaKind::Fax, Some(reader))];
        assert_eq!(
            read(fax(&format!("{page}&access_token=secret"))),
            Ok(expected)
        );
    }

    #[test]
    fn too_many_are_refused() {
        let list = vec![json!({"type": "Text"}); MAX_ATTACHMENTS + 1];
        let error = read(json!(list)).expect_err("one too many");
        assert_eq!(error.to_string(), "`attachments` has more than 16 items");
    }
}
