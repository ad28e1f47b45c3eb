//! `[stack.existing]`: a service that is there, which gets the router.
use crate::keys;
use crate::reader::{Entry, Problems, Section, boolean, string};

/// Which one, and what may be replaced in its task definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existing {
    /// Names or ARNs.
    pub cluster: String,
    pub service: String,
    /// The containers have another log driver, or an output of their own, which is replaced.
    pub replace_log_driver: bool,
    /// A FireLens router that is there becomes ours.
    pub replace_router: bool,
}

pub(super) fn read(entry: Entry, problems: &Problems) -> Option<Existing> {
    let mut section = Section::of(&keys::EXISTING, entry.value, problems)?;
    let (cluster, service) = (section.need("cluster"), section.need("service"));
    let (driver, router) = (section.take("replace_log_driver"), section.take("replace_router"));
    section.finish();
    let text = |entry: Option<Entry>| entry.and_then(|entry| string(entry.value, problems)).map(|text| text.text);
    let told = |entry: Option<Entry>| entry.and_then(|entry| boolean(entry.value, problems)).unwrap_or_default();
    Some(Existing {
        cluster: text(cluster)?,
        service: text(service)?,
        replace_log_driver: told(driver),
        replace_router: told(router),
    })
}
