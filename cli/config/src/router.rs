//! `[router]`: the sidecar that Fluent Bit runs in, and what it has to survive.
use crate::keys;
use crate::{
    problem::{Code, Problem, Span},
    reader::{Entry, Problems, Section, Text, boolean, number, string, word},
};
use firelens_pipeline::{Image, Version, buffer::Load, pipeline, user::NoUser};

/// What `[router]` says, with what it leaves open filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Router {
    /// The image that the sidecar is built from.
    pub image: Image,
    /// The Fluent Bit in it.
    pub version: Version,
    /// Whether that is known for sure, and not only that it is this one or a later one.
    pub exact: bool,
    pub settings: pipeline::Router,
    pub places: Places,
}

/// Where things were written; nowhere where they were not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    pub router: Option<Span>,
    pub image: Option<Span>,
    pub fluent_bit: Option<Span>,
    pub memory_mib: Option<Span>,
    pub disk_mib: Option<Span>,
    pub outage: Option<Span>,
    pub user: Option<Span>,
    pub readonly_root_filesystem: Option<Span>,
}

impl Places {
    /// The place that says which release it is, or the whole section.
    pub fn release(&self) -> Span {
        self.fluent_bit.clone().or(self.image.clone()).or(self.router.clone()).unwrap_or_default()
    }
}

impl Default for Router {
    fn default() -> Router {
        let image = Image::parse(Image::DEFAULT).expect("the default image is one");
        Router {
            image,
            version: Version::DEFAULT,
            exact: true,
            settings: pipeline::Router::default(),
            places: Places::default(),
        }
    }
}

impl Router {
    /// The same router in another image. What the file says about the release stays.
    pub fn on(self, image: &Image) -> Router {
        let (version, exact) = match self.places.fluent_bit {
            Some(_) => (self.version, self.exact),
            None => (image.version.unwrap_or(Version::DEFAULT), image.exact),
        };
        Router { image: image.clone(), version, exact, ..self }
    }
}

const LOG_LEVELS: [(&str, &str); 5] =
    [("error", "error"), ("warn", "warn"), ("info", "info"), ("debug", "debug"), ("trace", "trace")];

/// A day: who needs more needs another place than a task's disk.
const LONGEST_OUTAGE: u32 = 86_400;

/// ECS lets a task take two minutes to stop on Fargate, and Fluent Bit needs some of it after the grace.
const LONGEST_GRACE: u32 = 110;

pub fn read(entry: Entry, problems: &Problems) -> Router {
    let mut router = Router::default();
    let Some(mut section) = Section::of(&keys::ROUTER, entry.value, problems) else { return router };
    router.places.router = Some(entry.key.span());
    let (image, fluent_bit) = (section.string("image"), section.string("fluent_bit"));
    release(&mut router, image, fluent_bit, problems);
    let mut size = |key, place: &mut Option<Span>| {
        let entry = section.take(key)?;
        *place = Some(entry.value.span());
        number(Some(entry), problems)
    };
    let settings = &mut router.settings;
    let places = &mut router.places;
    set(&mut settings.memory_mib, size("memory_mib", &mut places.memory_mib));
    set(&mut settings.disk_mib, size("disk_mib", &mut places.disk_mib));
    if let Some(entry) = section.take("log_level") {
        set(&mut settings.log_level, word(entry, &LOG_LEVELS, problems).map(str::to_string));
    }
    if let Some(entry) = section.take("grace") {
        set(&mut settings.grace, seconds(entry, LONGEST_GRACE, problems));
    }
    router.places.outage = section.take("outage").map(|entry| entry.value.span());
    if let Some(load) = load(&mut section, router.settings.load, problems) {
        router.settings.load = load;
    }
    rights(&mut router, &mut section, problems);
    section.finish();
    router
}

/// `user` and `readonly_root_filesystem`.
fn rights(router: &mut Router, section: &mut Section, problems: &Problems) {
    if let Some(text) = section.string("user") {
        router.places.user = Some(text.span.clone());
        match text.text.parse() {
            Ok(user) => router.settings.user = Some(user),
            Err(error) => {
                let error: NoUser = error;
                let help = match error {
                    NoUser::Root => "take it away: without `user` the router runs as root",
                    NoUser::Form => "user = \"1000:1000\"; ECS takes no name for the user of a FireLens container",
                };
                let message = format!("`{}` is no user for the router: {error}", text.text);
                let problem = Problem::error(Code::WrongValue, text.span, message).label("for `user`");
                problems.add(problem.help(help));
            }
        }
    }
    if let Some(entry) = section.take("readonly_root_filesystem") {
        router.places.readonly_root_filesystem = Some(entry.key.span());
        set(&mut router.settings.readonly_root_filesystem, boolean(entry.value, problems));
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

/// `outage`, `records_per_second` and `record_bytes`, where they differ from `usual`.
pub fn load(section: &mut Section, usual: Load, problems: &Problems) -> Option<Load> {
    let outage = section.take("outage");
    let rate = section.take("records_per_second");
    let size = section.take("record_bytes");
    if outage.is_none() && rate.is_none() && size.is_none() {
        return None;
    }
    Some(Load {
        outage: outage.and_then(|entry| seconds(entry, LONGEST_OUTAGE, problems)).unwrap_or(usual.outage),
        records_per_second: number(rate, problems).unwrap_or(usual.records_per_second),
        record_bytes: number(size, problems).unwrap_or(usual.record_bytes),
    })
}

/// `"90s"`, `"30m"`, `"2h"`.
fn seconds(entry: Entry, most: u32, problems: &Problems) -> Option<u32> {
    let text = string(entry.value, problems)?;
    let found = duration(&text.text).filter(|seconds| (1..=most).contains(seconds));
    if found.is_none() {
        let problem = Problem::error(Code::WrongValue, text.span, format!("`{}` is not a fitting time", text.text));
        let help = format!("write for example \"30s\", \"10m\" or \"2h\"; it is {most} seconds at most");
        problems.add(problem.label(format!("for `{}`", entry.name())).help(help));
    }
    found
}

fn duration(text: &str) -> Option<u32> {
    let unit = text.chars().next_back()?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return None,
    };
    text.strip_suffix(unit)?.parse::<u32>().ok()?.checked_mul(factor)
}

/// The release is what `fluent_bit` says, or else what is known to be in the image.
fn release(router: &mut Router, image: Option<Text>, fluent_bit: Option<Text>, problems: &Problems) {
    if let Some(text) = image {
        router.places.image = Some(text.span.clone());
        match Image::parse(&text.text) {
            Ok(image) => {
                router.version = image.version.unwrap_or(Version::DEFAULT);
                router.exact = image.exact;
                router.image = image;
            }
            Err(error) => {
                problems.add(Problem::error(Code::Image, text.span, error.to_string()).label("not a reference"));
            }
        }
    }
    if let Some(text) = fluent_bit {
        router.places.fluent_bit = Some(text.span.clone());
        match text.text.parse() {
            Ok(version) => (router.version, router.exact) = (version, true),
            Err(error) => {
                let error: firelens_pipeline::release::NoVersion = error;
                problems.add(Problem::error(Code::FluentBit, text.span, error.to_string()).label("not a version"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(["90s", "30m", "2h"].map(duration), [Some(90), Some(1800), Some(7200)]);
        assert!(["", "30", "m", "1d", "-1s", "1.5h", "9999999h"].into_iter().all(|text| duration(text).is_none()));
    }
}
