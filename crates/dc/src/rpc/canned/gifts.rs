//! Stars, gifts, boosts and what is sold: nothing is, in a cloud of one's own.

use heliogram_tl as tl;
use heliogram_tl::types;
use tl::{payments, premium};

use super::answer::answers;

answers! {
    /// Nothing is sold.
    can_purchase_store: payments::CanPurchaseStore = false;
    /// No gift is auctioned.
    star_gift_active_auctions: payments::GetStarGiftActiveAuctions = types::payments::StarGiftActiveAuctions::default().into();
    /// There are no gifts.
    star_gifts: payments::GetStarGifts = types::payments::StarGifts::default().into();
    /// See there.
    saved_star_gifts: payments::GetSavedStarGifts = types::payments::SavedStarGifts::default().into();
    /// See there.
    star_gift_collections: payments::GetStarGiftCollections = types::payments::StarGiftCollections::default().into();
    /// Nobody has any stars.
    stars_status: payments::GetStarsStatus = no_stars();
    /// See there.
    stars_transactions: payments::GetStarsTransactions = no_stars();
    /// See there.
    stars_subscriptions: payments::GetStarsSubscriptions = no_stars();
    /// Nor can they be bought,
    stars_topup_options: payments::GetStarsTopupOptions = Vec::new();
    /// given,
    stars_gift_options: payments::GetStarsGiftOptions = Vec::new();
    /// or given away.
    stars_giveaway_options: payments::GetStarsGiveawayOptions = Vec::new();
    /// Nor can a subscription.
    premium_gift_code_options: payments::GetPremiumGiftCodeOptions = Vec::new();
    /// There is nothing to boost.
    my_boosts: premium::GetMyBoosts = types::premium::MyBoosts::default().into();
}

fn no_stars() -> payments::StarsStatus {
    let balance = types::StarsAmount::default().into();
    types::payments::StarsStatus { balance, ..Default::default() }.into()
}
