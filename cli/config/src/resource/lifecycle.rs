//! `lifecycle`: what becomes of objects with time.
use crate::keys;
use crate::{
    aws::refuse,
    reader::{Entry, Problems, Section, number},
};
use firelens_stack::Lifecycle;

/// Objects are in STANDARD for so long before they go to STANDARD_IA, and there for so long before they go on (Amazon S3
/// user guide, "Transitioning objects using Amazon S3 Lifecycle").
const LEAST: u32 = 30;

pub(super) fn read(entry: Entry, problems: &Problems) -> Option<Lifecycle> {
    let mut section = Section::of(&keys::destination::LIFECYCLE, entry.value, problems)?;
    let infrequent = section.take("infrequent_access_days");
    let glacier = section.take("glacier_days");
    let expire = section.take("expire_days");
    section.finish();
    let lifecycle = Lifecycle {
        infrequent_access_days: number(infrequent, problems),
        glacier_days: number(glacier, problems),
        expire_days: number(expire, problems),
    };
    let least = lifecycle.infrequent_access_days.map(|days| days + LEAST);
    check(glacier, lifecycle.glacier_days, least, "objects are 30 days in STANDARD_IA before they go on", problems);
    let least = lifecycle.glacier_days.max(lifecycle.infrequent_access_days).map(|days| days + 1);
    check(expire, lifecycle.expire_days, least, "objects are deleted after all that they go through", problems);
    Some(lifecycle)
}

/// Later than what comes before.
fn check(entry: Option<Entry>, days: Option<u32>, least: Option<u32>, help: &str, problems: &Problems) {
    if let (Some(entry), Some(days), Some(least)) = (entry, days, least)
        && days < least
    {
        let message = format!("`{}` is {least} at least here", entry.name());
        let _: Option<()> = refuse(entry.value.span(), message, help, problems);
    }
}
