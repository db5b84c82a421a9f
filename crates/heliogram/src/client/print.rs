//! How names, texts and times are printed.

use heliogram_tl as tl;

/// A text from a stranger, fit for a terminal: no escape sequences, no carriage returns.
pub(super) fn printable(text: &str) -> String {
    // Direction marks are left out too: they let a line claim to be another.
    let is_mark = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept = text.chars().filter(|c| !is_mark(*c));
    kept.map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// First and last name.
pub(super) fn full_name(user: &tl::types::User) -> String {
    let names = [user.first_name.as_deref(), user.last_name.as_deref()];
    let names: Vec<&str> = names.into_iter().flatten().filter(|name| !name.is_empty()).collect();
    names.join(" ")
}

/// A moment in UTC, to the second.
pub(super) fn date(unix: i32) -> String {
    let unix = i64::from(unix);
    let (days, seconds) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The date so many days after 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years begin in March here, so that the leap day is the last one; eras of 400 years repeat.
    let days = days + DAYS_TO_1970;
    let (era, day_of_era) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// From the first of March of the year zero.
const DAYS_TO_1970: i64 = 719_468;
const ERA_DAYS: i64 = 146_097;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(unix: i32, expected: &str) {
        assert_eq!(date(unix), expected);
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_399, "2000-02-28T23:59:59Z");
        check(951_782_400, "2000-02-29T00:00:00Z");
        check(951_868_800, "2000-03-01T00:00:00Z");
        check(1_735_689_599, "2024-12-31T23:59:59Z");
        check(i32::MAX, "2038-01-19T03:14:07Z");
        check(-1, "1969-12-31T23:59:59Z");
    }

    #[test]
    fn texts_cannot_command_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\rc\nd"), "a\u{fffd}[2Jb\u{fffd}c\nd");
        assert_eq!(printable("ex\u{202e}fdp.exe"), "exfdp.exe");
    }
}
