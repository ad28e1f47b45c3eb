//! Fluent Bit's releases, and what each of them does that a pipeline has to reckon with.
use std::{fmt, str::FromStr};

/// A release of Fluent Bit, such as 5.0.9. Later ones are greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Version {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
}

/// Something that some releases do and others do not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Behaviour {
    /// There is a `wasm` filter.
    WasmFilter,
    /// The WASM filter makes an instance for every chunk, instead of one for the life of the process.
    WasmInstancePerChunk,
    /// The WASM filter never calls the module's `free`.
    WasmNeverFrees,
    /// Filters run in the coroutines of the `forward` input, where each WASM call fails: every record is dropped.
    ForwardBreaksWasm,
    /// `storage.type` and `storage.inherit` in `[SERVICE]`: inputs that say nothing about their storage get the service's.
    StorageInherit,
    /// A record that `rewrite_tag`'s emitter does not take is gone, without a word in the log.
    RewriteTagLosesSilently,
    /// An emitter over its `emitter_mem_buf_limit` refuses records, with storage on disk too.
    EmitterRefuses,
    /// `s3` drops a file after five failed uploads, whatever `retry_limit` says.
    S3GivesUp,
    /// `cloudwatch_logs` cuts events at 262,118 bytes; without this at 1,000,000.
    CloudWatchCutsEarly,
}

use Behaviour::*;

/// Since which release, until which one (that one not), and where that is known from. `plugins/…` and `src/…` are files
/// of Fluent Bit at the tags of the releases.
const BEHAVIOURS: &[(Behaviour, Version, Option<Version>, &str)] = &[
    (WasmFilter, Version::new(2, 0, 0), None, "plugins/filter_wasm is there from v2.0.0 on"),
    (
        WasmInstancePerChunk,
        Version::new(2, 0, 0),
        Some(Version::new(4, 1, 0)),
        "plugins/filter_wasm/filter_wasm.c: the instance moved from the callback to the plugin's start",
    ),
    (
        WasmNeverFrees,
        Version::new(4, 1, 0),
        Some(Version::new(4, 1, 2)),
        "commit 3b82875dd, \"wasm: Plug wasm heap leakages\"; seen on 4.1.1",
    ),
    (
        ForwardBreaksWasm,
        Version::new(5, 1, 0),
        None,
        "commit aeb498242, \"in_forward: migrate plain TCP events to coroutines\"; seen on 5.1.0 and 5.1.1",
    ),
    (
        StorageInherit,
        Version::new(4, 0, 4),
        None,
        "src/flb_config.c: FLB_CONF_STORAGE_INHERIT is there from v4.0.4 on; seen on 5.0.9",
    ),
    (
        RewriteTagLosesSilently,
        Version::new(1, 0, 0),
        Some(Version::new(5, 0, 9)),
        "commits 39ab99c55 and 6fa58ffa6, \"filter_rewrite_tag: Mark as keep on error\"",
    ),
    (EmitterRefuses, Version::new(5, 0, 9), None, "commit b0fdb50a0, \"in_emitter: Handle overlimit correctly\""),
    (
        S3GivesUp,
        Version::new(1, 0, 0),
        Some(Version::new(4, 2, 1)),
        "plugins/out_s3/s3.c: retry_limit is read from v4.2.1 on, before it is MAX_UPLOAD_ERRORS",
    ),
    (
        CloudWatchCutsEarly,
        Version::new(1, 0, 0),
        Some(Version::new(4, 2, 2)),
        "plugins/out_cloudwatch_logs/cloudwatch_api.h: MAX_EVENT_LEN",
    ),
];

impl Version {
    /// The release that a pipeline is made for unless the user names one: the newest on which nothing was ever seen lost.
    pub const DEFAULT: Version = Version::new(5, 0, 9);

    /// The oldest release whose plugins are in the table: that of the aws-for-fluent-bit images 2.x.
    pub const OLDEST: Version = Version::new(1, 9, 10);

    /// The newest release whose plugins are in the table.
    pub const NEWEST: Version = Version::new(5, 1, 1);

    pub const fn new(major: u16, minor: u16, patch: u16) -> Version {
        Version { major, minor, patch }
    }

    /// Whether this release shows a behaviour. A release newer than all known ones is taken to be like the newest.
    pub fn shows(self, behaviour: Behaviour) -> bool {
        let within = |(what, since, until, _): &(Behaviour, Version, Option<Version>, &str)| {
            *what == behaviour && self >= *since && until.is_none_or(|until| self < until)
        };
        BEHAVIOURS.iter().any(within)
    }

    pub fn has_wasm_filter(self) -> bool {
        self.shows(WasmFilter)
    }

    /// Whether a WASM filter straight behind the `forward` input loses every record.
    pub fn forward_breaks_wasm(self) -> bool {
        self.shows(ForwardBreaksWasm)
    }

    /// Whether the input that FireLens writes can be given storage on disk, through `[SERVICE]`.
    pub fn inherits_storage(self) -> bool {
        self.shows(StorageInherit)
    }

    pub fn loses_silently_in_rewrite_tag(self) -> bool {
        self.shows(RewriteTagLosesSilently)
    }

    /// The most bytes of an event that `cloudwatch_logs` sends; the rest of a longer one is cut off.
    pub fn cloudwatch_event_limit(self) -> u32 {
        if self.shows(CloudWatchCutsEarly) { 262_118 } else { 1_000_000 }
    }

    /// Whether the table of plugins was made with this release in view.
    pub fn is_known(self) -> bool {
        (Version::OLDEST..=Version::NEWEST).contains(&self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What is no version of Fluent Bit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoVersion(pub String);

impl fmt::Display for NoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no version of Fluent Bit, such as 5.0.9", self.0)
    }
}

impl std::error::Error for NoVersion {}

/// `5.0.9` or `v5.0.9`; `5.0` is 5.0.0.
impl FromStr for Version {
    type Err = NoVersion;

    fn from_str(text: &str) -> Result<Version, NoVersion> {
        let wrong = || NoVersion(text.to_string());
        let number = |part: &str| match part.bytes().all(|byte| byte.is_ascii_digit()) {
            true => part.parse::<u16>().map_err(|_| wrong()),
            false => Err(wrong()),
        };
        let parts = text.strip_prefix('v').unwrap_or(text).split('.').map(number).collect::<Result<Vec<_>, _>>()?;
        match parts.as_slice() {
            [major, minor] => Ok(Version::new(*major, *minor, 0)),
            [major, minor, patch] => Ok(Version::new(*major, *minor, *patch)),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn versions_are_read_and_ordered() {
        assert_eq!(version("v4.2.7"), Version::new(4, 2, 7));
        assert_eq!(version("5.0").to_string(), "5.0.0");
        assert!(version("1.9.10") < version("2.0.0") && version("5.0.9") < version("5.0.10"));
        for wrong in ["", "5", "5.0.9.1", "5.x", "latest", "+5.0.1", "5..1", "70000.0.0"] {
            assert_eq!(wrong.parse::<Version>(), Err(NoVersion(wrong.to_string())));
        }
    }

    #[test]
    fn each_release_does_what_was_seen() {
        assert!(!version("1.9.10").has_wasm_filter() && version("2.0.0").has_wasm_filter());
        assert!(!version("5.0.9").forward_breaks_wasm());
        assert!(version("5.1.0").forward_breaks_wasm() && version("5.1.1").forward_breaks_wasm());
        assert!(!version("4.0.3").inherits_storage() && version("4.0.4").inherits_storage());
        assert!(version("5.0.8").loses_silently_in_rewrite_tag() && !version("5.0.9").loses_silently_in_rewrite_tag());
        assert_eq!([version("4.2.1"), version("4.2.2")].map(Version::cloudwatch_event_limit), [262_118, 1_000_000]);
        let leaks = ["4.0.14", "4.1.0", "4.1.1", "4.1.2"].map(|text| version(text).shows(Behaviour::WasmNeverFrees));
        assert_eq!(leaks, [false, true, true, false]);
    }

    #[test]
    fn the_default_loses_nothing() {
        let version = Version::DEFAULT;
        assert!(version.is_known() && version.has_wasm_filter() && version.inherits_storage());
        assert!(!version.forward_breaks_wasm() && !version.loses_silently_in_rewrite_tag());
        assert!(!Version::new(5, 2, 0).is_known() && Version::new(5, 2, 0).forward_breaks_wasm());
    }
}
