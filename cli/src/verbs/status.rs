//! `firelens-kit status`: what runs, the last record at each destination, and what could not be delivered.
use crate::{
    Error, Ui,
    aws::{self, AwsArgs},
    output::Format,
    stack::{self, StackArgs},
    stop,
    ui::{BOLD, DIM, ERROR, GOOD, PLAIN, Style, WARNING},
};
use firelens_infra::{
    Place,
    observe::status::{self, Arrival, ErrorLine, Last, Service, Status, Task},
};
use jiff::{SignedDuration, Timestamp};
use std::{fmt::Write as _, pin::pin, process::ExitCode, time::Duration};

/// Say how the stack is: service, tasks, the last record at each destination, and errors
///
/// Nothing is changed. The last record at a delivery stream is its newest object in S3, which comes when Firehose's buffer is
/// full or old enough. The router's errors are those of its log in the last hour: it tries again, so they are no loss yet.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit status
  firelens-kit status --watch                   # again every five seconds, until Ctrl-C
  firelens-kit status --format json | jq .destinations

Exit codes: 0 healthy, or --watch was ended by Ctrl-C, 1 unhealthy, 2 wrong usage, a wrong firelens.toml, or AWS refuses to answer")]
pub struct Args {
    #[command(flatten)]
    stack: StackArgs,
    /// Ask again and again, every so many seconds
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5", value_parser = clap::value_parser!(u64).range(1..))]
    watch: Option<u64>,
    /// How it is printed; with --watch, JSON is an object a line
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    aws: AwsArgs,
}

/// Asks, and prints.
///
/// # Errors
/// A wrong configuration, or when AWS cannot be asked.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    aws::run(async {
        let (aws, stack) = stack::look(&args.stack, &args.aws, ui).await?;
        // One for all rounds: a signal between two of them counts, too.
        let mut stop = pin!(stop::signal());
        loop {
            let status = tokio::select! {
                status = status::read(&stack, &aws) => status?,
                () = &mut stop, if args.watch.is_some() => return Ok(ExitCode::SUCCESS),
            };
            print(&status, aws.place(), &args, ui)?;
            let Some(seconds) = args.watch else {
                return Ok(if status.healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE });
            };
            // Watching ends well, as following a log does.
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
                () = &mut stop => return Ok(ExitCode::SUCCESS),
            }
        }
    })
}

fn print(status: &Status, place: &Place, args: &Args, ui: &Ui) -> Result<(), Error> {
    let json = match (args.format, args.watch) {
        (Format::Text, watched) => {
            if watched.is_some() {
                ui.clear_screen()?;
            }
            return Ok(ui.print(&text(status, place, Timestamp::now()))?);
        }
        (Format::Json, None) => serde_json::to_string_pretty(status),
        (Format::Json, Some(_)) => serde_json::to_string(status),
    };
    Ok(ui.json(&format!("{}\n", json.expect("a status is plain data")))?)
}

/// The whole text; ages are counted up to `now`.
fn text(status: &Status, place: &Place, now: Timestamp) -> String {
    let mut text = format!("{BOLD}{}{BOLD:#} in {} of {}\n", status.stack, place.region, place.account);
    if let Some(service) = &status.service {
        service_text(&mut text, service, now);
        tasks_text(&mut text, &status.tasks, now);
    }
    destinations_text(&mut text, &status.destinations, now);
    errors_text(&mut text, "not delivered by Firehose", &status.delivery_errors, ERROR);
    errors_text(&mut text, "errors of the router, which tries again", &status.router_errors, WARNING);
    text.push('\n');
    match status.healthy {
        true => _ = writeln!(text, "{GOOD}healthy{GOOD:#}"),
        false => status.problems.iter().for_each(|problem| _ = writeln!(text, "{ERROR}unhealthy{ERROR:#}: {problem}")),
    }
    text
}

fn service_text(text: &mut String, service: &Service, now: Timestamp) {
    let Service { cluster, name, status, desired, running, pending, .. } = service;
    let style = if status == "ACTIVE" && running >= desired { GOOD } else { ERROR };
    let status = status.to_lowercase();
    _ = writeln!(
        text,
        "\nservice {name} in cluster {cluster}: {style}{status}{style:#}, {running} of {desired} tasks run, {pending} pending"
    );
    for deployment in &service.deployments {
        let state = deployment.rollout_state.as_deref().unwrap_or("");
        let style = match state {
            "COMPLETED" => GOOD,
            "FAILED" => ERROR,
            _ => WARNING,
        };
        let failed = match deployment.failed_tasks {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        let since = deployment.since.map_or(String::new(), |since| format!(", begun {}", ago(since, now)));
        let line = format!("{} of {}{failed}{since}", deployment.running, deployment.desired);
        let (task, status) = (&deployment.task_definition, &deployment.status);
        _ = writeln!(text, "  {status:<8} {task:<20} {style}{state:<12}{style:#} {line}");
        if let Some(reason) = deployment.rollout_reason.as_deref().filter(|_| state == "FAILED") {
            _ = writeln!(text, "    {reason}");
        }
    }
}

fn tasks_text(text: &mut String, tasks: &[Task], now: Timestamp) {
    for task in tasks {
        let started = task.started.map_or(String::new(), |started| format!(", started {}", ago(started, now)));
        _ = writeln!(text, "\ntask {} of {}: {}{started}", task.id, task.task_definition, task.status.to_lowercase());
        for container in &task.containers {
            let style = match container.health.as_str() {
                "HEALTHY" => GOOD,
                "UNHEALTHY" => ERROR,
                _ => DIM,
            };
            let (name, status) = (&container.name, container.status.to_lowercase());
            let health = match container.health.as_str() {
                "UNKNOWN" => "no health known".to_string(),
                health => health.to_lowercase(),
            };
            let router = if container.router { ", the router" } else { "" };
            let end = container.exit_code.map_or(String::new(), |code| format!(", exit code {code}"));
            let reason = container.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
            _ = writeln!(text, "  {name:<24} {status:<10} {style}{health}{style:#}{router}{end}{reason}");
        }
    }
}

fn destinations_text(text: &mut String, destinations: &[Arrival], now: Timestamp) {
    if destinations.is_empty() {
        return;
    }
    let names = destinations.iter().map(|arrival| (arrival.destination.as_str(), what(arrival)));
    let (name, thing) = names.fold((0, 0), |(name, thing), (one, other)| (name.max(one.len()), thing.max(other.len())));
    text.push_str("\nlast record\n");
    for arrival in destinations {
        let (style, last) = last(&arrival.last, now);
        let (destination, what) = (&arrival.destination, what(arrival));
        _ = writeln!(text, "  {destination:<name$}  {what:<thing$}  {style}{last}{style:#}");
    }
}

/// `log group /ecs/shop/httpd`
fn what(arrival: &Arrival) -> String {
    match arrival.kind {
        "other" => String::new(),
        kind => format!("{} {}", kind.replace('_', " "), arrival.name),
    }
}

fn last(last: &Last, now: Timestamp) -> (Style, String) {
    match last {
        Last::Arrived { time, place } => (PLAIN, format!("{} in {place}", ago(*time, now))),
        Last::Nothing { looked } => (WARNING, format!("none {looked}")),
        Last::Missing => (ERROR, "it is not there".to_string()),
        Last::Unknown { reason } => (DIM, format!("unknown: {reason}")),
    }
}

fn errors_text(text: &mut String, title: &str, lines: &[ErrorLine], style: Style) {
    if lines.is_empty() {
        return;
    }
    _ = writeln!(text, "\n{style}{title}{style:#}");
    for ErrorLine { time, message } in lines {
        _ = writeln!(text, "  {} {message}", time.strftime("%Y-%m-%dT%H:%M:%SZ"));
    }
}

/// `3 s ago`, `2 min ago`, `5 h ago`, `3 days ago`
fn ago(time: Timestamp, now: Timestamp) -> String {
    let age = now.duration_since(time).max(SignedDuration::ZERO);
    match (age.as_secs(), age.as_mins(), age.as_hours()) {
        (secs, _, _) if secs < 100 => format!("{secs} s ago"),
        (_, mins, _) if mins < 100 => format!("{mins} min ago"),
        (_, _, hours) if hours < 48 => format!("{hours} h ago"),
        (_, _, hours) => format!("{} days ago", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_the_unit_that_fits() {
        let now: Timestamp = "2026-11-25T06:00:00Z".parse().unwrap();
        let before = |seconds| ago(now - SignedDuration::from_secs(seconds), now);
        assert_eq!([before(-3), before(99), before(100)], ["0 s ago", "99 s ago", "1 min ago"]);
        assert_eq!([before(7200), before(200_000)], ["2 h ago", "2 days ago"]);
    }
}
