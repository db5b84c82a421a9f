//! The judgement: what was acknowledged is there, what is there is told to everybody, and whatever
//! is counted is counted right.

mod catch_up;
mod promises;
mod sessions;
mod truth;

use super::play::Stage;

/// Everything that is wrong with a world that has come to rest.
pub(super) async fn all(stage: &Stage) -> Vec<String> {
    let mut faults = catch_up::wait(stage).await;
    faults.extend(stage.house.faults());
    let Some(server) = stage.house.server() else {
        faults.push("the server is down at the end".to_owned());
        return faults;
    };
    match server.audit() {
        Ok(audit) => faults.extend(audit.faults),
        Err(error) => faults.push(format!("the rows cannot be read: {error}")),
    }
    let mut truths = Vec::new();
    for person in 0..stage.people.len() {
        match truth::of(stage, person).await {
            Ok(truth) => truths.push(truth),
            Err(fault) => {
                faults.push(fault);
                return faults;
            }
        }
    }
    sessions::check(stage, &truths, &mut faults);
    promises::check(stage, &truths, &mut faults).await;
    faults.extend(std::mem::take(&mut stage.chronicle.lock().faults));
    faults.extend(std::mem::take(&mut stage.bot_record.lock().faults));
    faults
}
