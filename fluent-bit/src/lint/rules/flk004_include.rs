use super::*;
use crate::conf::Missing;

rule!("FLK004", "include", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (place, missing) in context.configurations.iter().flat_map(|configuration| &configuration.missing) {
        let finding = RULE.at(place.clone(), missing.to_string());
        found.push(match missing {
            Missing::Twice(_) => {
                let finding = finding.severity(Severity::Error).label("read before");
                finding.help("Fluent Bit reads no file twice; take one of the includes away")
            }
            Missing::Outside(_) => {
                let finding = finding.severity(Severity::Info).label("not read");
                finding.help("to read and show files of this folder as well: --include-dir FOLDER")
            }
            Missing::TooMany | Missing::TooBig(_) => {
                finding.label("not read").help("Fluent Bit reads no more than 1000 files; include fewer")
            }
            _ => finding.label("not checked").help("Fluent Bit does not start when a file is missing; check the path"),
        });
    }
}
