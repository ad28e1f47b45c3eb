use super::*;

rule!("FLK085", "placeholder", Warning, check);

/// Properties with regular expressions and patterns, where such texts mean something.
const PATTERNS: [&str; 6] = ["rule", "regex", "exclude", "format", "exec", "match_regex"];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        for section in &pipeline.sections {
            for entry in section.entries.iter().filter(|entry| !PATTERNS.iter().any(|it| entry.name.contains(it))) {
                for text in entry.texts().into_iter().filter(|text| is_placeholder(&text.text)) {
                    let finding = RULE.at(section.place(&text.span), "this is still the example's placeholder");
                    found.push(finding.label("write what is yours").help(format!("give `{}` a value", entry.key.text)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_values() {
        for text in ["<region>", "https://<your host>/x", "YOUR_BUCKET", "my-your-bucket", "XXXXXXXXXXXX", "changeme"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["a<b", "<>", "(?<time>[^ ]*)", "harbour-1", "yours", "a -> b", "xxx"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
