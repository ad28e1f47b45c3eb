//! The pages of the rules.
use super::*;

#[test]
fn every_problem_of_a_firelens_toml_has_a_rule() {
    let mut seen: Vec<&str> = Vec::new();
    for path in ["config/bad", "config/warning", "render/bad", "render/warning"].iter().flat_map(|folder| tomls(folder))
    {
        let (config, mut problems) = parse(&path, &fs::read_to_string(&path).unwrap());
        problems.extend(config.iter().flat_map(check::check));
        let unknown: Vec<&Problem> = problems.iter().filter(|problem| problem.code.rule().is_none()).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", path.display());
        seen.extend(problems.iter().map(|problem| problem.code.name()));
    }
    for rule in rules::RULES {
        assert!(seen.contains(&rule.name.strip_prefix("toml-").unwrap()), "no fixture has {}", rule.code);
    }
}

/// The TOML under a heading of a page, with what every file needs besides.
fn block(rule: &Rule, heading: &str) -> String {
    let (_, rest) =
        rule.page.split_once(&format!("\n## {heading}\n\n```toml\n")).unwrap_or_else(|| panic!("{}", rule.code));
    let block = rest.split_once("\n```\n").unwrap().0;
    let mut text = match block.split([' ', '=']).next().unwrap() {
        "stdout" => format!("[[container]]\nname = \"httpd\"\n{block}\n"),
        "match" => format!("[[route]]\nname = \"some\"\nto = [\"archive\"]\n{block}\n"),
        _ => format!("{block}\n"),
    };
    if !text.contains("[[container]]") && rule.code != "FLK108" {
        text.push_str("\n[[container]]\nname = \"httpd\"\nstdout = ['%h %l %u %t \"%r\" %>s %b \"%{User-Agent}i\"']\nstderr = [\"httpd_error\"]\n");
    }
    if rule.code == "FLK120" {
        return format!("name = \"shop\"\n{text}");
    }
    let destination =
        text.split_once("[destination.").map_or("archive", |(_, rest)| rest.split_once(']').unwrap().0).to_string();
    let last = text.rsplit_once("[[route]]").is_some_and(|(_, last)| !last.contains("match"));
    if !last {
        text.push_str(&format!("\n[[route]]\nname = \"others\"\nto = [\"{destination}\"]\n"));
    }
    for name in ["archive", "cloudwatch"] {
        if text.contains(&format!("\"{name}\"")) && !text.contains(&format!("[destination.{name}]")) {
            text.push_str(&format!("\n[destination.{name}]\ntype = \"s3\"\nbucket = \"{name}\"\n"));
        }
    }
    format!("name = \"shop\"\n{text}")
}

#[test]
fn pages_about_firelens_toml_show_what_they_say() {
    let mut wrong = Vec::new();
    for rule in rules::RULES {
        let found = |heading: &str| {
            let text = block(rule, heading);
            let toml = Toml::read(Path::new("firelens.toml"), text.as_bytes());
            let findings = toml.findings(0);
            let rendered = report::text(&[toml.source], &findings, false);
            (findings.iter().any(|finding| finding.rule == rule), findings.is_empty(), rendered)
        };
        let (bad, good) = (found("Bad"), found("Good"));
        if !bad.0 {
            wrong.push(format!("{}: the bad example: {}", rule.code, bad.2));
        }
        if !good.1 {
            wrong.push(format!("{}: the good example: {}", rule.code, good.2));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_index_lists_every_rule() {
    let mut index = String::from(
        "# The rules of firelens-kit lint\n\nHow to use it: [lint.md](../lint.md). Written by `cli/tests/lint.rs`.\n",
    );
    let (own, others): (Vec<&Rule>, Vec<&Rule>) =
        rules::everything().into_iter().partition(|rule| rule.code >= "FLK100");
    for (title, rules) in [("Fluent Bit configurations and task definitions", others), ("firelens.toml", own)] {
        index.push_str(&format!("\n## {title}\n\n| rule | name | severity | what is wrong |\n|---|---|---|---|\n"));
        for rule in rules {
            let (code, severity) = (rule.code, rule.severity.name());
            index.push_str(&format!("| [{code}]({code}.md) | `{}` | {severity} | {} |\n", rule.name, rule.title()));
        }
    }
    let path = tests().join("../../docs/rules/README.md");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, &index).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == index, "UPDATE_EXPECTED=1 writes docs/rules/README.md");
}
