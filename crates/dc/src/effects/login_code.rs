//! Login codes on their way to people.

use std::process::{Command, Stdio};

use crate::config::{CodeDelivery, Config};

/// Hands a code to whatever reaches its owner. The log has it in any case: without a hook, that is
/// where an operator finds it.
pub(crate) fn deliver_code(config: &Config, phone: &str, code: &str) {
    tracing::info!(phone = %format_args!("+{phone}"), code, "login code");
    let CodeDelivery::Hook(command) = &config.code_delivery else { return };
    let child = Command::new(command)
        .arg(format!("+{phone}"))
        .arg(code)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn();
    match child {
        Ok(mut child) => {
            // Waited for elsewhere: a slow hook must not hold up the answer.
            std::thread::spawn(move || match child.wait() {
                Ok(status) if status.success() => {}
                Ok(status) => tracing::error!(%status, "code hook failed"),
                Err(error) => tracing::error!(%error, "code hook cannot be waited for"),
            });
        }
        Err(error) => {
            tracing::error!(command = %command.display(), %error, "code hook does not start")
        }
    }
}
