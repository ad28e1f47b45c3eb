//! How events are printed: a line each.
use super::groups::{DEPLOYS, Group};
use crate::{
    offline::{
        cells::Cells,
        fields::Names,
        scan::{self, Members},
    },
    ui::{DIM, ERROR, PLAIN, Style, WARNING, harmless},
};
use firelens_infra::observe::logs::Event;
use firelens_pipeline::firelens;
use serde::de::IgnoredAny;
use serde_json::json;
use std::fmt::Write as _;

/// For people.
pub struct Text {
    names: Names,
    groups: Vec<Group>,
    /// The widest of what was printed in the columns for group, source, route and status.
    widths: [usize; 4],
}

/// Columns do not grow beyond that.
const WIDEST: usize = 32;

/// The events of Fluent Bit's own log, whose lines begin with `[2026/11/25 06:00:00] [error] `.
const MARKED: [(&str, Style); 2] = [("] [error] ", ERROR), ("] [ warn] ", WARNING)];

impl Text {
    pub fn new(names: Names, groups: &[Group]) -> Text {
        Text { names, groups: groups.to_vec(), widths: [0; 4] }
    }

    /// Time, group (when there are several), container and task, route, status or level, and what happened.
    pub fn line(&mut self, event: &Event) -> String {
        let group = self.groups.iter().find(|group| group.name == event.group);
        if group.is_some_and(|group| group.title == DEPLOYS)
            && let Ok(deploy) = serde_json::from_str::<Deploy>(&event.message)
        {
            return format!("{DIM}{:.3}{DIM:#}  {}\n", event.time, harmless(&deploy.line()));
        }
        let record = event.message.as_bytes();
        let cells = Cells::of(&self.names, record);
        let (mut status, mut style) = cells.status();
        let what = cells.what(true);
        let route = what.as_ref().and_then(|_| member(record, b"route"));
        let title = self.groups.iter().find(|group| group.name == event.group).filter(|_| self.groups.len() > 1);
        let mut told = PLAIN;
        if what.is_none() {
            (status, style) = ("".into(), PLAIN);
            told = MARKED.iter().find(|(mark, _)| event.message.contains(mark)).map_or(PLAIN, |(_, style)| *style);
        }
        let what = what.unwrap_or_else(|| event.message.trim_end().into());
        let source = source(&event.stream);
        let columns = [
            (title.map_or("", |group| &group.title), PLAIN),
            (&source, DIM),
            (route.as_deref().unwrap_or_default(), PLAIN),
            (&status, style),
        ];
        let mut line = format!("{DIM}{:.3}{DIM:#}", event.time);
        for ((text, style), width) in columns.into_iter().zip(&mut self.widths) {
            let text = harmless(text);
            *width = text.chars().count().min(WIDEST).max(*width);
            if *width > 0 {
                let blanks = width.saturating_sub(text.chars().count());
                _ = write!(line, "  {style}{text}{style:#}{:blanks$}", "");
            }
        }
        _ = write!(line, "  {told}{}{told:#}", harmless(&what));
        if !cells.client.is_empty() {
            _ = write!(line, "  {DIM}{}{DIM:#}", harmless(&cells.client));
        }
        line.push('\n');
        line
    }
}

/// A line of the record of deploys.
#[derive(Debug, serde::Deserialize)]
struct Deploy {
    verb: String,
    caller: String,
    host: String,
    version: String,
    done: Vec<String>,
    failed: Vec<String>,
}

impl Deploy {
    /// Who did what, and from where: what failed first.
    fn line(&self) -> String {
        // `arn:aws:sts::123456789012:assumed-role/ci/session`
        let caller = self.caller.rsplit(':').next().unwrap_or(&self.caller);
        let part = |word: &str, list: &[String]| match list {
            [] => String::new(),
            list => format!("; {} {word}: {}", list.len(), list.join(", ")),
        };
        let (failed, done) = (part("failed", &self.failed), part("done", &self.done));
        let nothing = if self.failed.is_empty() && self.done.is_empty() { "; nothing done" } else { "" };
        let Deploy { verb, host, version, .. } = self;
        format!("{verb:<7}  {caller} on {host}, firelens-kit {version}{failed}{done}{nothing}")
    }
}

/// For programs: a JSON object a line. A record stands in it as it was sent.
pub fn json(event: &Event) -> String {
    let place = json!({
        "time": format!("{:.3}", event.time),
        "ingested": event.ingested.map(|time| format!("{time:.3}")),
        "group": &*event.group,
        "stream": event.stream,
        "id": event.id,
    });
    let message = event.message.trim();
    let is_record =
        message.starts_with('{') && !message.contains('\n') && serde_json::from_str::<IgnoredAny>(message).is_ok();
    let (name, value) = match is_record {
        true => ("record", message.to_string()),
        false => ("message", json!(event.message).to_string()),
    };
    format!("{},\"{name}\":{value}}}\n", place.to_string().trim_end_matches('}'))
}

fn member(record: &[u8], name: &[u8]) -> Option<String> {
    // The filter writes its own last.
    let (_, value) = Members::new(record).filter(|(key, _)| *key == name).last()?;
    Some(scan::text(value).into_owned())
}

/// Container and task, from the name of a stream: `rest.httpd-firelens-<task>` is `httpd/01234567`, and
/// `router/log_router/<task>` is `log_router/01234567`.
fn source(stream: &str) -> String {
    let (container, task) = match stream.split_once(firelens::INFIX) {
        Some((tag, task)) => (tag.rsplit(['.', '/']).next().unwrap_or(tag), task),
        None => match stream.rsplit_once('/') {
            Some((before, task)) => (before.rsplit('/').next().unwrap_or(before), task),
            None => return stream.to_string(),
        },
    };
    let id = task.split(['.', '-']).next().unwrap_or(task);
    let is_id = id.len() >= 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    format!("{container}/{}", if is_id { &id[..8] } else { task })
}

#[cfg(test)]
mod tests {
    use super::*;
    use firelens_filter::Program;

    const TASK: &str = "0123456789abcdef0123456789abcdef";

    fn event(stream: &str, message: &str) -> Event {
        Event {
            group: "/ecs/shop".into(),
            stream: stream.into(),
            id: "7".into(),
            time: "2026-11-25T08:00:00.5Z".parse().unwrap(),
            ingested: "2026-11-25T08:00:01Z".parse().ok(),
            message: message.into(),
        }
    }

    fn text(message: &str) -> String {
        let groups = [Group { name: "/ecs/shop".into(), title: "live".into(), records: true, existing: false }];
        let line = Text::new(Names::new(&Program::default()), &groups).line(&event("httpd-firelens-1", message));
        crate::ui::plain(&line)
    }

    #[test]
    fn a_record_is_a_line_of_its_main_fields() {
        let access = r#"{"log_route":"x","status":503,"method":"GET","path":"/a","query":"b=\u001b[2J","client":"192.0.2.1","kind":"access","route":"rest"}"#;
        assert_eq!(text(access), "2026-11-25T08:00:00.500Z  httpd/1  rest  503  GET /a?b=\\u{1b}[2J  192.0.2.1\n");
        let error = r#"{"level":"warn","message":"AH1\nno","kind":"error","route":"failures"}"#;
        assert_eq!(text(error), "2026-11-25T08:00:00.500Z  httpd/1  failures  warn  AH1\\nno\n");
        assert_eq!(
            text("[2026/11/25 08:00:00] [error] no\n"),
            "2026-11-25T08:00:00.500Z  httpd/1  [2026/11/25 08:00:00] [error] no\n"
        );
    }

    #[test]
    fn json_keeps_a_record_as_it_was_sent() {
        let place = r#"{"time":"2026-11-25T08:00:00.500Z","ingested":"2026-11-25T08:00:01.000Z","group":"/ecs/shop","stream":"s","id":"7","#;
        let big = r#"{"n":123456789012345678901234567890, "b":1.0}"#;
        assert_eq!(json(&event("s", big)), format!("{place}\"record\":{big}}}\n"));
        assert_eq!(json(&event("s", "{no\n")), format!("{place}\"message\":\"{{no\\n\"}}\n"));
    }

    #[test]
    fn a_deploy_is_a_line_that_says_who_did_what() {
        let groups = [Group { name: "/ecs/shop".into(), title: DEPLOYS.into(), records: true, existing: false }];
        let line = |message: &str| {
            let line = Text::new(Names::new(&Program::default()), &groups).line(&event("deploys", message));
            crate::ui::plain(&line)
        };
        let record = r#"{"verb":"deploy","caller":"arn:aws:sts::1:assumed-role/ci/42","host":"runner","version":"0.1.0","done":["create role shop-task","change log group /a"],"failed":["create cluster shop"]}"#;
        assert_eq!(
            line(record),
            "2026-11-25T08:00:00.500Z  deploy   assumed-role/ci/42 on runner, firelens-kit 0.1.0; 1 failed: create cluster shop; 2 \
             done: create role shop-task, change log group /a\n"
        );
        let nothing = r#"{"verb":"destroy","caller":"ann","host":"pc","version":"0.1.0","done":[],"failed":[]}"#;
        assert!(
            line(nothing).ends_with("  destroy  ann on pc, firelens-kit 0.1.0; nothing done\n"),
            "{}",
            line(nothing)
        );
    }

    #[test]
    fn sources_are_container_and_task() {
        for (stream, expected) in [
            (format!("httpd-firelens-{TASK}"), "httpd/01234567"),
            (format!("ecs/rest.httpd-firelens-{TASK}"), "httpd/01234567"),
            (format!("router/log_router/{TASK}"), "log_router/01234567"),
            ("httpd-firelens-replay".to_string(), "httpd/replay"),
            ("record".to_string(), "record"),
        ] {
            assert_eq!(source(&stream), expected);
        }
    }
}
