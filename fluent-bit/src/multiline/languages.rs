//! How stack traces look in the languages that programs in containers are written in.
//!
//! The patterns mean the same to Onigmo, which Fluent Bit uses, and to the crate `regex`: no look-around, no `\w`, and no
//! state that passes a record on by itself, since Fluent Bit would return that record's last line once more.
use super::rules::START;

/// The stack traces of a language.
#[derive(Debug, PartialEq, Eq)]
pub struct Language {
    /// Its name in `firelens.toml`.
    pub name: &'static str,
    /// State, pattern, and the state that such a line leads to.
    pub(super) steps: &'static [(&'static str, &'static str, &'static str)],
}

impl Language {
    /// The language of this name.
    pub fn named(name: &str) -> Option<&'static Language> {
        LANGUAGES.iter().find(|language| language.name == name)
    }
}

/// The languages. Where the first lines of two can look alike, the one that says more about them stands first.
pub const LANGUAGES: &[Language] = &[
    Language { name: "python", steps: PYTHON },
    Language { name: "ruby", steps: RUBY },
    Language { name: "go", steps: GO },
    Language { name: "php", steps: PHP },
    Language { name: "javascript", steps: JAVASCRIPT },
    Language { name: "java", steps: JAVA },
];

type Steps = &'static [(&'static str, &'static str, &'static str)];

/// `Throwable.printStackTrace`, and Logback's and Log4j's of the same form. A class with its package may stand behind what a
/// logger puts in front.
const JAVA: Steps = &[
    (
        START,
        r#"^(?:Exception in thread ".*" )?(?:(?:[A-Za-z_$][A-Za-z0-9_$]*\.)+|[A-Za-z_$])[A-Za-z0-9_$]*(?:Exception|Error|Throwable|Failure)(?::.*)?$"#,
        "frames",
    ),
    (
        START,
        r"[\t \[(](?:[A-Za-z_$][A-Za-z0-9_$]*\.)+[A-Za-z0-9_$]*(?:Exception|Error|Throwable|Failure)(?::.*)?$",
        "frames",
    ),
    (
        "frames",
        r"^[\t ]+at |^[\t ]*(?:\.\.\. [0-9]+ (?:more|common frames omitted)|(?:Caused by|Suppressed|Wrapped by): |nested exception is:|\[CIRCULAR REFERENCE)",
        "frames",
    ),
];

/// `traceback.print_exception`: frames are indented, then comes the exception, and perhaps the one that came of it.
const PYTHON: Steps = &[
    (START, r"^Traceback \(most recent call last\):$", "frames"),
    (START, r"^  \+ Exception Group Traceback \(most recent call last\):$", "group"),
    ("group", r"^ +[|+]", "group"),
    ("frames", r"^[\t ]", "frames"),
    ("frames", r"^(?:[A-Za-z_][A-Za-z0-9_]*\.)*[A-Za-z_][A-Za-z0-9_]*(?::.*)?$", "exception"),
    ("exception", r"^$", "gap"),
    ("gap", r"^During handling of the above exception, another exception occurred:$", "link"),
    ("gap", r"^The above exception was the direct cause of the following exception:$", "link"),
    ("link", r"^$", "link"),
    ("link", r"^Traceback \(most recent call last\):$", "frames"),
];

/// The interpreter's own report (`Exception#full_message`), with its causes, and Logger's of an exception. Behind the message
/// Ruby can show the code that failed.
const RUBY: Steps = &[
    (START, r"^[^\t ].*:[0-9]+:in [`'].*: .*\([A-Z][A-Za-z0-9_:]*\)$", "frames"),
    (START, r"^[EF], \[.* -- .*: .* \([A-Z][A-Za-z0-9_:]*\)$", "lines"),
    ("frames", r"^[\t ]+from ", "frames"),
    ("frames", r"^[\t ]+ \.\.\. [0-9]+ levels\.\.\.$", "frames"),
    ("frames", r"^[^\t ].*:[0-9]+:in [`'].*: .*\([A-Z][A-Za-z0-9_:]*\)$", "frames"),
    ("frames", r"^$", "code"),
    ("code", r"^[\t ]+from ", "frames"),
    ("code", r"^[\t ]|^$|^Did you mean\?", "code"),
    ("lines", r"^[^\t ]+:[0-9]+:in [`']", "lines"),
];

/// The runtime's report of a panic or of a fatal error, with all goroutines.
const GO: Steps = &[
    (START, r"^(?:panic|fatal error): ", "panic"),
    (START, r"^(?:[0-9/]+ [0-9:.]+ )?http: panic serving ", "goroutine"),
    ("panic", r"^[\t ]*panic: |^\[signal |^\[recovered\]|^[\t ]+", "panic"),
    ("panic", r"^$", "goroutine"),
    ("goroutine", r"^goroutine [0-9]+ .*:$|^runtime stack:$", "frames"),
    ("frames", r"^\t|^created by |^[^\t ]+\(.*\)$|^\.\.\.additional frames elided\.\.\.$", "frames"),
    ("frames", r"^$", "goroutine"),
    ("frames", r"^exit status [0-9]+$", "frames"),
    ("goroutine", r"^exit status [0-9]+$", "goroutine"),
];

/// What Node.js prints of an error that nobody caught, with the code in front, and what `console.error` prints.
const JAVASCRIPT: Steps = &[
    (START, r"^(?:node:[^ ]+|(?:file://)?[^ ]+\.[cm]?[jt]sx?):[0-9]+$", "code"),
    (START, r"(?:^|[\t ])(?:[A-Z][A-Za-z0-9_$]*)?(?:Error|Exception)(?: \[[A-Z0-9_]+\])?(?::.*)?$", "frames"),
    ("code", r"^$", "gap"),
    ("code", r"^.", "code"),
    ("gap", r"^(?:Uncaught )?(?:[A-Z][A-Za-z0-9_$]*)?(?:Error|Exception)(?: \[[A-Z0-9_]+\])?(?::.*)?$", "frames"),
    ("frames", r"^[\t ]+at .* \{$", "members"),
    ("frames", r"^[\t ]+(?:at |\.\.\. )", "frames"),
    ("frames", r"^$", "end"),
    ("members", r"^[\t ]", "members"),
    ("members", r"^\}$", "end"),
    ("end", r"^$", "end"),
    ("end", r"^Node\.js v[0-9]", "end"),
];

/// What PHP writes of an exception that nobody caught, with the one that it came of, and what Monolog writes of one.
const PHP: Steps = &[
    (START, r"(?:Fatal error|Warning): +Uncaught ", "trace"),
    (START, r#"\{"exception":"\[object\] \("#, "trace"),
    (
        "trace",
        r"^(?:PHP )?Stack trace:$|^\[stacktrace\]$|^\[previous exception\] |^#[0-9]+ |^PHP +[0-9]+\. |^  thrown in ",
        "trace",
    ),
    ("trace", r#"^"\}"#, "trace"),
    ("trace", r"^$", "gap"),
    ("gap", r"^Next |^\[previous exception\] ", "trace"),
];
