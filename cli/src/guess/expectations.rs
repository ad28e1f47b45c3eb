//! Expectations about some lines of a sample: what becomes of them now, so that nothing changes unseen.
use super::{
    choose::Chosen,
    known::{kind, quoted},
    sample::{Line, Stream},
};
use crate::{
    Error,
    config::Config,
    offline::{
        check,
        expect::{self, Suite},
        judge::tag_for,
        record::{Framer, Input},
        setup::Setup,
        update,
    },
};
use firelens_filter::{Filter, program::Kind};
use std::path::Path;

/// At most so many lines are taken, none of them longer than this.
const MOST: usize = 12;
const LONGEST: usize = 2_000;

/// Lines for somebody who has no sample yet.
const USUAL: [(&str, &str); 4] = [
    (
        "stdout",
        r#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET /cart?id=7 HTTP/1.1" 200 5123 "https://shop.example.com/" "Mozilla/5.0""#,
    ),
    ("stdout", r#"10.0.1.5 - - [22/Nov/2026:07:38:40 +0000] "GET /health HTTP/1.1" 200 2 "-" "ELB-HealthChecker/2.0""#),
    ("stdout", r#"203.0.113.7 - - [22/Nov/2026:07:38:41 +0000] "POST /cart HTTP/1.1" 503 299 "-" "Mozilla/5.0""#),
    (
        "stderr",
        "[Sun Nov 22 07:38:41.120934 2026] [proxy:error] [pid 8:tid 140161] [client 203.0.113.7:51544] AH00898: Error reading from remote server returned by /cart",
    ),
];

/// A line that is worth an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Case {
    name: String,
    line: String,
    container: String,
    stream: Stream,
}

/// The text of an expectation file, with what the filter of this configuration makes of its lines. `None` when no line
/// of the sample is fit for it.
///
/// # Errors
/// When the filter cannot be run.
pub fn test_toml(path: &Path, config: &Config, formats: &[Chosen], lines: &[Line]) -> Result<Option<String>, Error> {
    let usual: Vec<Line>;
    let lines = if lines.is_empty() {
        usual = usual_lines();
        &usual
    } else {
        lines
    };
    let cases = cases(config, formats, lines);
    if cases.is_empty() {
        return Ok(None);
    }
    let head = "# What becomes of these lines. `firelens-kit test` checks it; `firelens-kit test --update` accepts what it is now.\n";
    let source = format!("{head}{}", cases.iter().map(Case::to_toml).collect::<String>());
    let (cases, problems) = expect::parse(&source);
    if let Some(problem) = problems.first() {
        return Err(Error::new(format!("cannot write expectations: {}", problem.message)));
    }
    let suite = Suite { path: path.to_path_buf(), source, cases };
    let outcomes = check::run(&suite, &Setup::from_config(config)?)?;
    update::updated(&suite.source, &outcomes).map(Some).map_err(Error::new)
}

fn usual_lines() -> Vec<Line> {
    let line = |(stream, text): (&str, &str)| Line {
        text: text.as_bytes().to_vec(),
        place: (0, 0),
        container: Some("httpd".to_string()),
        stream: Some(if stream == "stdout" { Stream::Stdout } else { Stream::Stderr }),
    };
    USUAL.into_iter().map(line).collect()
}

/// The first line of each kind on each route, of each container's streams.
fn cases(config: &Config, formats: &[Chosen], lines: &[Line]) -> Vec<Case> {
    let mut filter = Filter::new(config.program.clone());
    let mut seen = Vec::new();
    let mut cases = Vec::new();
    for line in lines {
        let Ok(text) = str::from_utf8(&line.text) else { continue };
        let fit = text.len() <= LONGEST && !text.contains(|c: char| c.is_control() && !['\t', '\u{1b}'].contains(&c));
        for (container, stream) in origins(line, formats) {
            if !fit || cases.len() == MOST {
                break;
            }
            let framer = Framer::new(Input::Lines, Some(container), Some(stream.as_str()));
            let record = framer.record(&line.text, &mut Vec::new()).to_vec();
            filter.filter(tag_for(Some(container)).as_bytes(), &record, &mut Vec::new());
            let key = (container.to_string(), stream, filter.last_kind().as_str(), filter.last_route());
            if filter.last_kind() == Kind::Unparsed || seen.contains(&key) {
                continue;
            }
            let route = key.3.and_then(|route| config.routes.get(route)).map_or("none", |route| route.name.as_str());
            let name = format!("{container}, {} line: {route}", key.2);
            cases.push(Case { name, line: text.to_string(), container: container.to_string(), stream });
            seen.push(key);
            break;
        }
    }
    cases
}

/// Where a line may be from: what it says, or else every place that formats were chosen for.
fn origins<'a>(line: &'a Line, formats: &'a [Chosen]) -> Vec<(&'a str, Stream)> {
    let fits = |chosen: &&Chosen| {
        line.container.as_ref().is_none_or(|name| *name == chosen.container)
            && line.stream.is_none_or(|stream| stream == chosen.stream)
    };
    let mut origins: Vec<(&str, Stream)> = Vec::new();
    for chosen in formats.iter().filter(fits) {
        let origin = (chosen.container.as_str(), chosen.stream);
        if kind(&chosen.candidate.format) != Kind::Unparsed && !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins
}

impl Case {
    fn to_toml(&self) -> String {
        format!(
            "\n[[test]]\nname = {}\nline = {}\ncontainer = {}\nstream = \"{}\"\n",
            quoted(&self.name),
            quoted(&self.line),
            quoted(&self.container),
            self.stream.as_str()
        )
    }
}
