//! What a client is shown in place of something its layer has no word for.

use crate::layer::object::Object;
use crate::layer::transcode::{Outcome, Transcoder};

/// What to write for a value of a type that the target cannot say.
#[derive(Debug)]
pub(in crate::layer) struct Fallback {
    /// The type.
    pub(in crate::layer) of: &'static str,
    /// The constructor that stands in; it takes over fields of the same names.
    pub(in crate::layer) constructor: &'static str,
    how: How,
}

#[derive(Debug)]
enum How {
    /// The constructor as it is.
    Constructor,
    /// A service message in words.
    Message(&'static str),
    /// The text within, if there is one.
    Inner(&'static str),
}

/// The fallback of a type. Types without one disappear: the optional field that held the value
/// is cleared, or the vector goes without it.
pub(in crate::layer) fn of(name: &str) -> Option<&'static Fallback> {
    FALLBACKS.iter().find(|fallback| fallback.of == name)
}

impl Fallback {
    /// Writes what stands in for `object`.
    pub(in crate::layer) fn write(
        &self,
        transcoder: &Transcoder,
        object: &Object<'_>,
        out: &mut Vec<u8>,
    ) -> Outcome {
        if let How::Inner(name) = self.how
            && let Some(inner) = object.field(name)
            && inner.of == object.definition.result
        {
            return transcoder.value(inner.of, &mut inner.reader(), out);
        }
        let Some(target) = transcoder.layer().constructor(self.constructor) else {
            return Err(transcoder.unrepresentable(object.definition));
        };
        let ready = match self.how {
            How::Message(text) => {
                let mut bytes = Vec::new();
                crate::write_bytes(text.as_bytes(), &mut bytes);
                vec![("message", bytes)]
            }
            How::Constructor | How::Inner(_) => Vec::new(),
        };
        transcoder.compose(target, &[object], &ready, out)
    }
}

const fn plain(of: &'static str, constructor: &'static str) -> Fallback {
    Fallback { of, constructor, how: How::Constructor }
}

/// Every stand-in is a constructor that all imported layers have.
pub(in crate::layer) static FALLBACKS: [Fallback; 8] = [
    plain("EmojiStatus", "emojiStatusEmpty"),
    plain("InputStickerSet", "inputStickerSetEmpty"),
    Fallback {
        of: "MessageAction",
        constructor: "messageActionCustomAction",
        how: How::Message("This event is not supported by your app"),
    },
    plain("MessageMedia", "messageMediaUnsupported"),
    plain("PageBlock", "pageBlockUnsupported"),
    plain("PhoneCallDiscardReason", "phoneCallDiscardReasonHangup"),
    Fallback { of: "RichText", constructor: "textEmpty", how: How::Inner("text") },
    // Login must not fail because a code was sent in a way that the client does not know.
    plain("auth.SentCodeType", "auth.sentCodeTypeSms"),
];
