//! What keeps: a real server in a process of its own, killed, on a full disk, on damaged files, backed up
//! and brought back. The directory is the only thing that is looked at from the inside.

mod backup;
mod crash;
mod damage;
mod disk_trouble;
mod house;
