//! How many notices may leave without an administrator: a wrong alert of a whole city must need more than two tired people.
use crate::base::config::Settings;
use crate::base::window::SendWindow;

/// Notices of one alert and of one day. More needs an approver whose account is an administrator's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// `MAX_NOTICES_PER_ALERT`
    pub per_alert: u32,
    /// `MAX_NOTICES_PER_DAY`: a calendar day of the service's zone, over all alerts.
    pub per_day: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self { per_alert: 20_000, per_day: 40_000 }
    }
}

impl Caps {
    /// Whether `new` notices are too many after `of_alert` of the same alert and `of_day` of the same day.
    #[must_use]
    pub fn stop(self, new: i64, of_alert: i64, of_day: i64) -> bool {
        new.saturating_add(of_alert) > i64::from(self.per_alert) || (new > 0 && new.saturating_add(of_day) > i64::from(self.per_day))
    }
}

/// The city's rules about alerts, besides who may approve: the part of the settings that web and worker both read, each
/// from its own configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CityRules {
    /// `SEND_WINDOW`
    pub window: SendWindow,
    /// `MAX_NOTICES_PER_ALERT` and `MAX_NOTICES_PER_DAY`
    pub caps: Caps,
    /// `HOTLINE_PER_HOUR`; 0 = the city has not said.
    pub hotline_per_hour: u32,
    /// `NOTIFY_RATE`, mails per second; 0 = as fast as the relay takes them.
    pub notify_rate: u32,
}

impl CityRules {
    /// As the settings say.
    #[must_use]
    pub fn from_settings(settings: &Settings) -> Self {
        Self {
            window: settings.send_window,
            caps: Caps { per_alert: settings.max_notices_per_alert, per_day: settings.max_notices_per_day },
            hotline_per_hour: settings.hotline_per_hour,
            notify_rate: settings.notify_rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_hold_at_their_edge() {
        let caps = Caps { per_alert: 10, per_day: 15 };
        for (new, of_alert, of_day, stops) in [
            (10, 0, 0, false),
            (11, 0, 0, true),
            (1, 9, 9, false),
            (1, 10, 10, true),
            (5, 0, 10, false),
            (6, 0, 10, true),
            (0, 0, 99, false),
        ] {
            assert_eq!(caps.stop(new, of_alert, of_day), stops, "{new} {of_alert} {of_day}");
        }
    }
}
