//! Login codes on their way to people.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// Writes a code down where an operator finds it. Without a hook that is the only way.
pub(crate) fn log_code(phone: &str, code: &str) {
    tracing::info!(phone = %format_args!("+{phone}"), code, "login code");
}

/// Hands a code to whatever reaches its owner, and waits until that is done.
///
/// A command that hangs is ended, or codes of others would wait behind it for ever.
pub(crate) fn run_hook(command: &Path, phone: &str, code: &str) {
    let child = Command::new(command)
        .arg(format!("+{phone}"))
        .arg(code)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn();
    match child {
        Ok(child) => wait(child),
        Err(error) => {
            tracing::error!(command = %command.display(), %error, "code hook does not start")
        }
    }
}

fn wait(mut child: Child) {
    for _ in 0..HOOK_MAX.as_millis() / LOOK_EVERY.as_millis() {
        match child.try_wait() {
            Ok(None) => thread::sleep(LOOK_EVERY),
            Ok(Some(status)) if status.success() => return,
            Ok(Some(status)) => return tracing::error!(%status, "code hook failed"),
            Err(error) => return tracing::error!(%error, "code hook cannot be waited for"),
        }
    }
    tracing::error!(seconds = HOOK_MAX.as_secs(), "code hook takes too long and is ended");
    if let Err(error) = child.kill().and_then(|()| child.wait().map(drop)) {
        tracing::error!(%error, "code hook cannot be ended");
    }
}

/// How long a command may take.
const HOOK_MAX: Duration = Duration::from_secs(30);
/// How soon its end is noticed.
const LOOK_EVERY: Duration = Duration::from_millis(20);
