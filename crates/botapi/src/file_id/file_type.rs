//! Types of files, and what follows from them.

/// What kind of file an id names, by its number in the id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
#[allow(missing_docs)] // The variants are the official names.
pub enum FileType {
    Thumbnail,
    ProfilePhoto,
    Photo,
    VoiceNote,
    Video,
    Document,
    Encrypted,
    Temp,
    Sticker,
    Audio,
    Animation,
    EncryptedThumbnail,
    Wallpaper,
    VideoNote,
    SecureDecrypted,
    SecureEncrypted,
    Background,
    DocumentAsFile,
    Ringtone,
    CallLog,
    PhotoStory,
    VideoStory,
    SelfDestructingPhoto,
    SelfDestructingVideo,
    SelfDestructingVideoNote,
    SelfDestructingVoiceNote,
    LivePhoto,
    SelfDestructingLivePhoto,
}

/// How a file is fetched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileClass {
    /// By photo and size.
    Photo,
    /// By document.
    Document,
    /// Of Telegram Passport.
    Secure,
    /// Of a secret chat.
    Encrypted,
    /// Not kept.
    Temp,
}

impl FileType {
    const ALL: [Self; 28] = [
        Self::Thumbnail,
        Self::ProfilePhoto,
        Self::Photo,
        Self::VoiceNote,
        Self::Video,
        Self::Document,
        Self::Encrypted,
        Self::Temp,
        Self::Sticker,
        Self::Audio,
        Self::Animation,
        Self::EncryptedThumbnail,
        Self::Wallpaper,
        Self::VideoNote,
        Self::SecureDecrypted,
        Self::SecureEncrypted,
        Self::Background,
        Self::DocumentAsFile,
        Self::Ringtone,
        Self::CallLog,
        Self::PhotoStory,
        Self::VideoStory,
        Self::SelfDestructingPhoto,
        Self::SelfDestructingVideo,
        Self::SelfDestructingVideoNote,
        Self::SelfDestructingVoiceNote,
        Self::LivePhoto,
        Self::SelfDestructingLivePhoto,
    ];

    pub(super) fn new(raw: i32) -> Option<Self> {
        usize::try_from(raw).ok().and_then(|at| Self::ALL.get(at)).copied()
    }

    /// How files of this type are fetched.
    pub const fn class(self) -> FileClass {
        match self {
            Self::Thumbnail
            | Self::ProfilePhoto
            | Self::Photo
            | Self::EncryptedThumbnail
            | Self::Wallpaper
            | Self::PhotoStory
            | Self::SelfDestructingPhoto => FileClass::Photo,
            Self::SecureDecrypted | Self::SecureEncrypted => FileClass::Secure,
            Self::Encrypted => FileClass::Encrypted,
            Self::Temp => FileClass::Temp,
            _ => FileClass::Document,
        }
    }

    /// Folder of the bot that keeps downloads of this type.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Thumbnail | Self::EncryptedThumbnail => "thumbnails",
            Self::ProfilePhoto => "profile_photos",
            Self::Photo | Self::SelfDestructingPhoto => "photos",
            Self::VoiceNote | Self::SelfDestructingVoiceNote => "voice",
            Self::Video
            | Self::SelfDestructingVideo
            | Self::LivePhoto
            | Self::SelfDestructingLivePhoto => "videos",
            Self::Document | Self::DocumentAsFile | Self::CallLog => "documents",
            Self::Encrypted => "secret",
            Self::Temp => "temp",
            Self::Sticker => "stickers",
            Self::Audio => "music",
            Self::Animation => "animations",
            Self::Wallpaper | Self::Background => "wallpapers",
            Self::VideoNote | Self::SelfDestructingVideoNote => "video_notes",
            Self::SecureDecrypted | Self::SecureEncrypted => "passport",
            Self::Ringtone => "notification_sounds",
            Self::PhotoStory | Self::VideoStory => "stories",
        }
    }

    /// The name in `can't use file of type X as Y`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Thumbnail => "Thumbnail",
            Self::ProfilePhoto => "ChatPhoto",
            Self::Photo => "Photo",
            Self::VoiceNote => "VoiceNote",
            Self::Video => "Video",
            Self::Document => "Document",
            Self::Encrypted => "Secret",
            Self::Temp => "Temp",
            Self::Sticker => "Sticker",
            Self::Audio => "Audio",
            Self::Animation => "Animation",
            Self::EncryptedThumbnail => "SecretThumbnail",
            Self::Wallpaper => "Wallpaper",
            Self::VideoNote => "VideoNote",
            Self::SecureDecrypted | Self::SecureEncrypted => "Passport",
            Self::Background => "Background",
            Self::DocumentAsFile => "DocumentAsFile",
            Self::Ringtone => "NotificationSound",
            Self::CallLog => "CallLog",
            Self::PhotoStory => "PhotoStory",
            Self::VideoStory => "VideoStory",
            Self::SelfDestructingPhoto => "SelfDestructingPhoto",
            Self::SelfDestructingVideo => "SelfDestructingVideo",
            Self::SelfDestructingVideoNote => "SelfDestructingVideoNote",
            Self::SelfDestructingVoiceNote => "SelfDestructingVoiceNote",
            Self::LivePhoto => "LivePhoto",
            Self::SelfDestructingLivePhoto => "SelfDestructingLivePhoto",
        }
    }

    /// Whether a file of this type may be sent as `wanted`: any document as any other.
    pub fn fits(self, wanted: Self) -> bool {
        let backdrop = |kind| matches!(kind, Self::Wallpaper | Self::Background);
        self == wanted
            || (backdrop(self) && backdrop(wanted))
            || (self.class() == FileClass::Document && wanted.class() == FileClass::Document)
    }
}
