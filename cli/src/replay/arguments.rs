//! Destinations and files on the command line: `--to archive live access.log` names two destinations and a file.
use crate::Error;
use std::path::PathBuf;

/// The destinations and the files, where `--to` took both: what comes after the destinations is files.
///
/// # Errors
/// Without a file.
pub fn split(to: &[String], files: &[PathBuf], known: &[&str]) -> Result<(Vec<String>, Vec<PathBuf>), Error> {
    // The first one is a destination, be it known or not. What is unknown among more is refused where files were named.
    let is_destination = |text: &String| text.split(',').all(|name| known.contains(&name));
    let count = match files {
        [] => 1 + to.iter().skip(1).take_while(|text| is_destination(text)).count(),
        _ => to.len(),
    };
    let (to, more) = to.split_at(count.min(to.len()));
    let to = to.iter().flat_map(|text| text.split(',')).map(str::to_string).collect();
    let files: Vec<PathBuf> = more.iter().map(PathBuf::from).chain(files.iter().cloned()).collect();
    match files.is_empty() {
        true => {
            Err(Error::new("no log files")
                .help("firelens-kit replay access.log --to DESTINATION; `-` is standard input"))
        }
        false => Ok((to, files)),
    }
}

#[cfg(test)]
mod tests {
    use super::split;
    use std::path::PathBuf;

    #[test]
    fn files_follow_the_destinations_as_the_usage_line_says() {
        let of = |to: &[&str], files: &[&str]| {
            let to: Vec<String> = to.iter().map(|text| text.to_string()).collect();
            let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            let found = split(&to, &files, &["archive", "live"]).map_err(|error| error.to_string())?;
            let files = found.1.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
            Ok::<_, String>(format!("{} <- {}", found.0.join(" "), files.join(" ")))
        };
        assert_eq!(of(&["archive", "live", "a.log"], &[]).unwrap(), "archive live <- a.log");
        assert_eq!(of(&["archive,live", "a.log", "b.log"], &[]).unwrap(), "archive live <- a.log b.log");
        assert_eq!(of(&["archive", "a.log", "live"], &[]).unwrap(), "archive <- a.log live");
        assert_eq!(of(&["archive", "live"], &["a.log"]).unwrap(), "archive live <- a.log");
        assert_eq!(of(&["archive", "liv"], &["a.log"]).unwrap(), "archive liv <- a.log", "it is said to be unknown");
        assert_eq!(of(&["archiv", "a.log"], &[]).unwrap(), "archiv <- a.log", "it is said to be unknown");
        assert_eq!(of(&["archive", "-"], &[]).unwrap(), "archive <- -");
        assert!(of(&["archive", "live"], &[]).unwrap_err().contains("no log files"));
    }
}
