//! What the crate promises, proved in memory and under paused time.

mod driver;
mod entrance;
mod listener;
mod sealing;
