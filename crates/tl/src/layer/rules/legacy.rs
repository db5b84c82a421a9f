//! Functions that are gone, and the functions that do their work today.

use crate::layer::table::{Definition, Layer};

/// The newest layer's function for one of any layer.
pub(in crate::layer) fn today(called: &Definition) -> Option<&'static Definition> {
    let name = called.spelling();
    Layer::NEWEST.current(called.name).or_else(|| {
        let (_, heir) = HEIRS.iter().find(|(gone, _)| *gone == name)?;
        Layer::NEWEST.function(heir)
    })
}

/// Gone, and its heir. Fields that moved are in [`super::fields`], results that changed in
/// [`super::coercions`].
pub(in crate::layer) static HEIRS: [(&str, &str); 16] = [
    ("account.addNoPaidMessagesException", "account.toggleNoPaidMessagesException"),
    ("channels.clickSponsoredMessage", "messages.clickSponsoredMessage"),
    ("channels.createForumTopic", "messages.createForumTopic"),
    ("channels.deleteTopicHistory", "messages.deleteTopicHistory"),
    ("channels.editCreator", "messages.editChatCreator"),
    ("channels.editForumTopic", "messages.editForumTopic"),
    ("channels.getForumTopics", "messages.getForumTopics"),
    ("channels.getForumTopicsByID", "messages.getForumTopicsByID"),
    ("channels.getFutureCreatorAfterLeave", "messages.getFutureChatCreatorAfterLeave"),
    ("channels.getSponsoredMessages", "messages.getSponsoredMessages"),
    ("channels.reorderPinnedForumTopics", "messages.reorderPinnedForumTopics"),
    ("channels.updatePinnedForumTopic", "messages.updatePinnedForumTopic"),
    ("channels.reportSponsoredMessage", "messages.reportSponsoredMessage"),
    ("channels.viewSponsoredMessage", "messages.viewSponsoredMessage"),
    ("payments.canPurchasePremium", "payments.canPurchaseStore"),
    ("users.getIsPremiumRequiredToContact", "users.getRequirementsToContact"),
];
