//! `firelens-kit export`: the stack in the languages of other tools, one module each.
use crate::{Error, Ui};
use clap::Subcommand;
use std::process::ExitCode;

pub mod athena;
pub mod cloudformation;
pub mod terraform;

/// Write the stack in the language of another tool
///
/// What `deploy` would create, with the same names and the same rights, for teams that change AWS through another tool.
/// Nothing is asked of AWS. The same configuration always gives the same bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit export terraform -o infra/logs         # a module
  firelens-kit export cloudformation -o shop.yaml     # a template
  firelens-kit export athena -o athena/               # tables, queries, a dashboard

Exit codes: 0 written, 2 wrong usage, a wrong configuration, one that the language cannot express, or a file that is not ours
or cannot be written: nothing is written then")]
pub struct Args {
    #[command(subcommand)]
    language: Language,
}

#[derive(Debug, Subcommand)]
enum Language {
    Athena(athena::Args),
    Cloudformation(cloudformation::Args),
    Terraform(terraform::Args),
}

/// Writes it.
///
/// # Errors
/// A wrong configuration, one that the language cannot express, or a file that cannot be written or is not ours.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    match args.language {
        Language::Athena(args) => athena::run(args, ui),
        Language::Cloudformation(args) => cloudformation::run(&args, ui),
        Language::Terraform(args) => terraform::run(args, ui),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firelens_infra::export::NAMES;
    use std::{fs, path::Path};

    #[test]
    fn every_language_has_a_verb_an_example_and_a_page() {
        let command = <Args as clap::Args>::augment_args(clap::Command::new("export"));
        let verbs: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(verbs, NAMES);
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let pages: Vec<String> =
            fs::read_dir(docs).unwrap().filter_map(|page| fs::read_to_string(page.unwrap().path()).ok()).collect();
        for name in NAMES {
            let call = format!("firelens-kit export {name} ");
            assert!(help.contains(&call), "no example of {call}");
            assert!(pages.iter().any(|page| page.contains(&call)), "no page says {call}");
        }
    }
}
