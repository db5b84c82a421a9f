//! The data centre: a Telegram-compatible cloud.
