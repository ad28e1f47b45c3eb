//! `firelens-kit init`: a first configuration, from a sample of the user's log.
use crate::{
    Error, Ui, config,
    guess::{choose, expectations, sample, show, write},
    offline::input::Source,
    output,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Write a firelens.toml and expectations, guessed from a sample of your log
///
/// Each file of the sample can hold lines as httpd, Rails or another program wrote them, or Fluent Bit's records (one JSON
/// object a line). Well-known formats are tried, and where none fits, a LogFormat is inferred from the lines. A format counts
/// only if the values that it reads are of the fields' kinds: a status is one, an address is an address.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit init                                   # for httpd's combined and error lines
  firelens-kit init --from /var/log/apache2/*.log
  docker logs web 2>&1 | firelens-kit init shop/ --from -

Exit codes: 0 the files were written, 2 wrong usage, files that are there already, or a file error")]
pub struct Args {
    /// The folder for the files
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    /// Sample files (plain or gzip); `-` is standard input
    #[arg(long, value_name = "SAMPLE", num_args = 1..)]
    from: Vec<PathBuf>,
    /// Overwrite files that are there already
    #[arg(long)]
    force: bool,
}

/// Guesses, and writes.
///
/// # Errors
/// Files that are there already, or that cannot be read or written.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let config_path = args.folder.join("firelens.toml");
    refuse_existing(&config_path, args.force)?;
    let sources: Vec<Source> = args.from.iter().map(|path| Source::from_argument(path)).collect();
    let lines = sample::read(&sources)?;
    if lines.is_empty() && !sources.is_empty() {
        return Err(Error::new("there are no lines in the sample"));
    }
    let choice = choose::choose(&lines);
    let names: Vec<String> = sources.iter().map(Source::name).collect();
    if !lines.is_empty() {
        ui.eprint(&show::summary(&names, &lines, &choice));
    }
    if choice.formats.is_empty() && !lines.is_empty() {
        if let Some(closest) = show::closest(&names, &lines, &choice.unread) {
            ui.eprint(&closest);
        }
        let help = "without --from, `firelens-kit init` writes a template for your own LogFormat";
        return Err(Error::new("no format was found for these lines").help(help));
    }
    let formats = if lines.is_empty() { write::usual() } else { choice.formats };
    let text = write::firelens_toml(&stack_name(&args.folder), &formats, lines.len());
    let (config, problems) = config::parse(&config_path, &text);
    let Some(config) = config else {
        return Err(Error::Rendered(config::problem::render("firelens.toml", &text, &problems, ui.stderr_color)));
    };
    let containers = write::containers(&formats);
    let tests_path = args.folder.join(format!("{}.test.toml", file_stem(containers.first().unwrap_or(&"httpd"))));
    refuse_existing(&tests_path, args.force)?;
    let tests = expectations::test_toml(&tests_path, &config, &formats, &lines)?;
    fs::create_dir_all(&args.folder).map_err(|error| Error::file("create", &args.folder, &error))?;
    output::write_file(&config_path, text.as_bytes())?;
    ui.eprint(&format!("wrote {}\n", config_path.display()));
    if let Some(tests) = tests {
        output::write_file(&tests_path, tests.as_bytes())?;
        ui.eprint(&format!("wrote {}; its lines are from the sample\n", tests_path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn refuse_existing(path: &Path, force: bool) -> Result<(), Error> {
    if path.exists() && !force {
        return Err(Error::new(format!("{} is there already; --force overwrites it", path.display())));
    }
    Ok(())
}

/// The name of a file for a container, which a log names: it leads to no other folder, and hides nothing.
fn file_stem(container: &str) -> &str {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let is_name =
        (1..=64).contains(&container.len()) && container.chars().all(fits) && !container.starts_with(['-', '.']);
    if is_name { container } else { "container" }
}

/// The folder's name, as far as it can be a stack's.
fn stack_name(folder: &Path) -> String {
    let full = fs::canonicalize(folder).or_else(|_| std::path::absolute(folder)).unwrap_or_default();
    let name = full.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let fit: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let fit = fit.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    match fit[..fit.len().min(32)].trim_end_matches('-') {
        "" => "logs".to_string(),
        fit => fit.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_names_no_other_folder() {
        for name in ["../up", "/etc/cron.d/x", "a/b", "..", "", ".profile", "-rf", "a b", "é", "\u{1b}[2J"] {
            assert_eq!(file_stem(name), "container", "{name}");
        }
        assert_eq!(["httpd", "my-app_2.x"].map(file_stem), ["httpd", "my-app_2.x"]);
    }

    #[test]
    fn a_folders_name_becomes_the_stacks() {
        let names = ["/srv/My Shop.d", "/", "/x/---", "/2-shop_2"].map(|folder| stack_name(Path::new(folder)));
        assert_eq!(names, ["my-shop-d", "logs", "logs", "shop-2"]);
    }
}
