//! A service's clock, by the `Date` of its answers: clocks of machines differ by minutes.
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeDeserializationInterceptorContextRef},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{
    config_bag::ConfigBag,
    date_time::{DateTime, Format},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// How far a service's clock is ahead of this machine's.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock(Arc<AtomicI64>);

/// `Date` has whole seconds: one that is less than this off may be right.
const COARSE_MS: i64 = 2000;

impl Clock {
    /// The service's time, in milliseconds since 1970.
    pub(super) fn now(&self) -> u64 {
        here().saturating_add_signed(self.0.load(Ordering::Relaxed))
    }

    fn tell(&self, date: &str) {
        let date = DateTime::from_str(date, Format::HttpDate).ok().and_then(|date| date.to_millis().ok());
        let Some(ahead) = date.and_then(|date| date.checked_sub_unsigned(here())) else { return };
        self.0.store(if ahead.abs() < COARSE_MS { 0 } else { ahead }, Ordering::Relaxed);
    }
}

impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "Clock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(date) = context.response().headers().get("date") {
            self.tell(date);
        }
        Ok(())
    }
}

fn here() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_is_as_far_off_as_the_service_says() {
        let clock = Clock::default();
        let at = |time: SystemTime| DateTime::from(time).fmt(Format::HttpDate).unwrap();
        assert!(clock.now().abs_diff(here()) < 100);
        clock.tell(&at(SystemTime::now() + Duration::from_secs(600)));
        assert!(clock.now().abs_diff(here() + 600_000) < 2000);
        clock.tell(&at(SystemTime::now() - Duration::from_secs(300)));
        assert!(clock.now().abs_diff(here() - 300_000) < 2000);
        clock.tell(&at(SystemTime::now()));
        assert!(clock.now().abs_diff(here()) < 100);
        clock.tell("no date");
        assert!(clock.now().abs_diff(here()) < 100);
    }
}
