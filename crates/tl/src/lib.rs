//! TL wire types of the newest layer, and translation between layers.
