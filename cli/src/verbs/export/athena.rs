//! `firelens-kit export athena`: the archive as tables and queries.
use crate::{
    Error, Ui,
    export::{self, ExportArgs, archives, records},
};
use firelens_config::json::TYPES;
use firelens_infra::export::athena::{self, Archive, Athena, Field, NAME};
use jiff::civil::Date;
use std::process::ExitCode;

/// Write tables and queries for Athena, queries for CloudWatch Logs Insights, and a dashboard
///
/// For each destination that ends in S3 a table whose columns are the fields of the configuration's formats, a view
/// with its times as timestamps, and queries; for each log group the same queries in the language of Logs Insights; and
/// the body of a CloudWatch dashboard. Each .sql file is one statement. Nothing is asked of AWS. The same configuration
/// always gives the same bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit export athena -o athena/ --account 123456789012 --region eu-west-1
  firelens-kit export athena -o athena/ --account 123456789012 --since 2026-11-01
  firelens-kit export athena -o athena/ --column user_id=integer --column payload.status=integer
  firelens-kit export athena -o insights/ --insights-only
  aws athena start-query-execution --query-string file://athena/archive/table.sql …
  aws cloudwatch put-dashboard --dashboard-name shop --dashboard-body file://athena/dashboard.json

Exit codes: 0 the files were written, 2 wrong usage, a wrong firelens.toml, an archive that Athena
cannot read, a file that somebody else wrote, or a file error")]
pub struct Args {
    #[command(flatten)]
    export: ExportArgs,
    /// The database that the tables are in; without it, it is called as the stack
    #[arg(long, value_name = "NAME", value_parser = database)]
    database: Option<String>,
    /// The first day of the archive; without it, folders are looked for as far back as objects stay, or five years
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<Date>,
    /// A member that JSON lines bring, or the path of one within it, as a column: text, integer, number or time; may be
    /// repeated
    #[arg(long = "column", value_name = "NAME=TYPE", value_parser = column)]
    columns: Vec<Field>,
    /// Only what is about CloudWatch: no tables
    #[arg(long, conflicts_with_all = ["database", "since", "columns"])]
    insights_only: bool,
}

/// Lower-case letters, digits and `_` (Athena user guide, "Name databases, tables, and columns").
fn database(name: &str) -> Result<String, String> {
    match !name.is_empty() && name.len() <= 255 && athena::identifier(name) == name {
        true => Ok(name.to_string()),
        false => Err("lower-case letters, digits and `_`".to_string()),
    }
}

fn column(text: &str) -> Result<Field, String> {
    let (name, word) = text.rsplit_once('=').filter(|(name, _)| !name.is_empty()).ok_or("NAME=TYPE")?;
    let known = TYPES.iter().find(|(known, _)| *known == word);
    let (_, value_type) = known.ok_or_else(|| format!("the types are {}", TYPES.map(|(known, _)| known).join(", ")))?;
    records::own(name, records::value(*value_type))
        .ok_or_else(|| format!("`{name}` is not a path: payload.status, req.\"user-agent\""))
}

/// Writes it.
///
/// # Errors
/// A wrong configuration, an archive that Athena cannot read, or a file that cannot be written or is not ours.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let (config, stack, place) = args.export.destinations(ui)?;
    let log_groups = archives::log_groups(&config, &stack);
    let archives = match args.insights_only {
        true => Vec::new(),
        false => {
            let (archives, notes) = archives::archives(&config, &stack, &place)?;
            notes.iter().for_each(|note| ui.warning(note));
            if archives.is_empty() {
                return Err(no_archive(!log_groups.is_empty()));
            }
            with_columns(archives, &args.columns)?
        }
    };
    if archives.is_empty() && log_groups.is_empty() {
        return Err(Error::new("there is no log group that Logs Insights could look into"));
    }
    if records::bring_their_own(&config) && !archives.is_empty() {
        ui.note("what JSON and Lograge lines bring under names of their own is no column, but for those of --column");
    }
    let language = Athena {
        database: args.database.unwrap_or_else(|| athena::identifier(&stack.name)),
        since: args.since,
        archives,
        log_groups,
    };
    let files = export::files(&language, &config, &stack, &place, ui)?;
    args.export.write(NAME, &files, ui)
}

/// The tables, with columns that only the user knows.
fn with_columns(mut archives: Vec<Archive>, columns: &[Field]) -> Result<Vec<Archive>, Error> {
    for records in archives.iter_mut().map(|archive| &mut archive.records) {
        for column in columns {
            records::add_own(&mut records.fields, column.clone())
                .map_err(|why| Error::new(format!("--column {}: {why}", column.key)))?;
        }
    }
    Ok(archives)
}

fn no_archive(log_groups: bool) -> Error {
    let help = match log_groups {
        true => "a destination of type firehose or s3; for the log groups alone: --insights-only",
        false => "a destination of type firehose or s3",
    };
    Error::new("no destination has an archive in S3 that could be a table").help(help)
}
