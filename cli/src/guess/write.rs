//! The `firelens.toml` for what was chosen.
use super::{
    choose::Chosen,
    known::{self, Candidate},
    sample::Stream,
};
use firelens_compiler::spec::{Container, Format, Spec};
use firelens_filter::program::{Form, Kind};

/// The formats of somebody who has no sample yet.
pub fn usual() -> Vec<Chosen> {
    let chosen = |stream, candidate| {
        let container = "httpd".to_string();
        Chosen { container, stream, candidate, lines: 0, example: None }
    };
    let error = known::candidates().into_iter().find(|known| known::kind(&known.format) == Kind::Error);
    let stderr = error.into_iter().map(|error| chosen(Stream::Stderr, error));
    [chosen(Stream::Stdout, known::access("combined"))].into_iter().chain(stderr).collect()
}

/// The containers that formats were chosen for, in their order.
pub fn containers(formats: &[Chosen]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for chosen in formats {
        if !names.contains(&chosen.container.as_str()) {
            names.push(&chosen.container);
        }
    }
    names
}

/// The text of the file. `name` is the stack's; `total` is the number of lines in the sample.
pub fn firelens_toml(name: &str, formats: &[Chosen], total: usize) -> String {
    let mut text = format!("name = \"{name}\"\n");
    for container in containers(formats) {
        text.push_str("\n[[container]]\n");
        text.push_str(&format!("name = {:<16} # as in the task definition\n", known::quoted(container)));
        for stream in [Stream::Stdout, Stream::Stderr] {
            let of_stream = |chosen: &&Chosen| chosen.container == container && chosen.stream == stream;
            text.push_str(&stream_formats(stream, formats.iter().filter(of_stream), total));
        }
    }
    text.push_str(&routes(formats));
    text.push_str(&format!(
        "\n[destination.cloudwatch]\ntype = \"cloudwatch_logs\"\nlog_group = \"/ecs/{name}\"\nretention_days = 30\n\
         \n[destination.archive]\ntype = \"firehose\"\n"
    ));
    text
}

/// `stdout = […]`: the formats, tried in this order, and what they read of the sample.
fn stream_formats<'a>(stream: Stream, formats: impl Iterator<Item = &'a Chosen>, total: usize) -> String {
    let lines: Vec<String> =
        formats.map(|chosen| format!("  {},{}\n", chosen.candidate.toml, comment(chosen, total))).collect();
    match lines.as_slice() {
        [] => String::new(),
        lines => format!("{} = [\n{}]\n", stream.as_str(), lines.concat()),
    }
}

fn comment(chosen: &Chosen, total: usize) -> String {
    let share = match total {
        0 => String::new(),
        _ => format!(" # {} of the sample's lines", percent(chosen.lines, total)),
    };
    let Candidate { inferred, uncertain, .. } = &chosen.candidate;
    if !inferred {
        return share;
    }
    let names = if uncertain.iter().any(|directive| directive.ends_with("}n")) {
        ", and name the fields (%{…}n)"
    } else {
        ""
    };
    let mut comment = format!("{share}\n  # ^ guessed from the values: compare it with your LogFormat{names}");
    if !uncertain.is_empty() {
        comment.push_str(&format!("\n  # uncertain: {}", uncertain.join(" ")));
    }
    comment
}

/// A share as people write it; never 100 % when something is missing.
pub fn percent(part: usize, total: usize) -> String {
    let tenths = (part * 1000) / total.max(1);
    if part == total { "100 %".to_string() } else { format!("{}.{} %", tenths / 10, tenths % 10) }
}

/// Routes whose conditions can hold with these formats.
fn routes(formats: &[Chosen]) -> String {
    let fields = captured(formats);
    let has = |field: &str| fields.iter().any(|name| name == field);
    let mut routes = String::new();
    if has("user_agent") {
        // A check that fails is worth a record.
        let healthy = if has("status") { ", status = \"<500\"" } else { "" };
        routes.push_str(&format!(
            "\n[[route]]                        # the first that matches decides\nname = \"health-checks\"\n\
             match = {{ user_agent = {{ prefix = \"ELB-HealthChecker/\" }}{healthy} }}\ndrop = true\n",
        ));
    }
    let failures: Vec<&str> = [("status", r#"{ status = "5xx" }"#), ("level", r#"{ level = ">=error" }"#)]
        .into_iter()
        .filter_map(|(field, alternative)| has(field).then_some(alternative))
        .collect();
    if !failures.is_empty() {
        routes.push_str(&format!(
            "\n[[route]]                        # any of these; within {{ }} all of it\nname = \"failures\"\n\
             match = [{}]\nto = [\"cloudwatch\", \"archive\"]\n",
            failures.join(", ")
        ));
    }
    let to = if failures.is_empty() { r#""cloudwatch", "archive""# } else { r#""archive""# };
    routes.push_str(&format!(
        "\n[[route]]                        # the last one takes everything else\nname = \"rest\"\nto = [{to}]\n"
    ));
    routes
}

/// The fields that the formats yield.
fn captured(formats: &[Chosen]) -> Vec<String> {
    let formats: Vec<Format> =
        formats.iter().map(|Chosen { candidate: Candidate { format, .. }, .. }| format.clone()).collect();
    let lograge = formats.iter().any(|format| matches!(format, Format::Lograge { .. })).then(|| "status".to_string());
    let containers = vec![Container { name: String::new(), stdout: formats, stderr: Vec::new() }];
    let Ok(program) = firelens_compiler::compile(&Spec { containers, ..Spec::default() }) else { return Vec::new() };
    let mut fields: Vec<String> = lograge.into_iter().collect();
    for format in &program.formats {
        if !format.holds(Form::Json) {
            fields.extend(format.outputs().map(|output| program.names[usize::from(output.field)].clone()));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        assert_eq!(
            [percent(1, 3), percent(3, 3), percent(999_999, 1_000_000), percent(0, 9)].join(" "),
            "33.3 % 100 % 99.9 % 0.0 %"
        );
    }

    #[test]
    fn what_is_written_is_read_without_complaints() {
        let json = known::json();
        let uncertain = vec!["%{field5}n".to_string()];
        let inferred = Candidate { inferred: true, uncertain, ..known::access(r#"%h %t "%r" %>s %{field5}n"#) };
        let chosen = |candidate| Chosen {
            container: "app".to_string(),
            stream: Stream::Stdout,
            candidate,
            lines: 5,
            example: None,
        };
        for formats in [usual(), vec![chosen(json)], vec![chosen(inferred)]] {
            let text = firelens_toml("shop", &formats, 10);
            let (config, problems) = crate::config::parse(std::path::Path::new("firelens.toml"), &text);
            assert!(config.is_some() && problems.is_empty(), "{text}\n{problems:#?}");
        }
    }
}
