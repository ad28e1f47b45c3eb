use super::*;
use crate::destination::{Description, Fate, Old};

rule!("FLK017", "old-go-plugin", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, output) in context.outputs() {
        let name = configuration.plugin_name(output).unwrap_or_default();
        let Some((known, text)) = Description::of_plugin(&name).zip(output.plugin()) else { continue };
        let Some(old) = known.old.filter(|old| old.plugin == name) else { continue };
        let new = known.plugin;
        let Mend { edits, remarks, problems } = mend(context, configuration, output, old);
        let message = format!("`{name}` is AWS's old plugin in Go; `{new}` takes its place");
        let finding = RULE.at(output.place(&text.span), message).label("slower, and no longer developed");
        found.push(match problems.is_empty() {
            true => {
                let edits = edits.into_iter().chain([replace(output, text, new)]);
                let title = [vec![format!("{name} -> {new}")], remarks].concat().join("; ");
                finding.help(format!("write Name {new}; the other options keep their names")).fix(title, edits)
            }
            false => finding.help(format!("write Name {new}, and mend by hand: {}", problems.join("; "))),
        });
    }
}

/// The edits to the options, what to say about them, and what no edit can mend.
struct Mend {
    edits: Vec<Edit>,
    remarks: Vec<String>,
    problems: Vec<String>,
}

fn mend(context: &Context, configuration: &Configuration, output: &Section, old: &Old) -> Mend {
    let (mut removed, mut remarks, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &output.entries {
        let value = configuration.value(entry).unwrap_or_default().to_lowercase();
        if value.contains("$(") {
            problems.push(format!(
                "`{}` has a template in `$(…)`, which is `$…` in log_group_template and log_stream_template",
                entry.key.text
            ));
        }
        let Some((_, fate)) = old.options.iter().find(|(name, _)| *name == entry.name) else { continue };
        let goes = match fate {
            Fate::Always(always) => value == *always,
            Fate::Goes => true,
            Fate::Gone(_) => false,
            Fate::Since(since, values) => {
                let fits = context.version >= *since && values.contains(&value.as_str());
                if fits {
                    continue;
                }
                value == "none"
            }
        };
        match (goes, fate) {
            (true, _) => {
                removed.push(entry);
                remarks.push(format!("{} taken away", entry.key.text));
            }
            (false, Fate::Gone(why)) => problems.push(format!("`{}` has no counterpart: {why}", entry.key.text)),
            (false, _) => problems.push(format!("`{} {value}` has no counterpart", entry.key.text)),
        }
    }
    if let Some((_, change)) = old.changes.filter(|(unless, _)| output.get(unless).is_none()) {
        remarks.push(change.to_string());
    }
    let edits = context.remove(output, &removed);
    if edits.is_none() {
        problems.push("the options that go have no lines of their own".to_string());
    }
    Mend { edits: edits.unwrap_or_default(), remarks, problems }
}
