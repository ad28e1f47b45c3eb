//! The lines that the app writes, each with a number in it, and where each has to arrive.
use crate::cloud::Cloud;
use e2e::fluent_bit::driver::Driver;
use std::fmt;
use std::io;
use std::time::{Duration, Instant};

/// Routes of each kind: dropped, to two destinations, to another one, to the last route's.
pub const FIRELENS_TOML: &str = r#"
name = "shop"

[router]
fluent_bit = "@VERSION@"

[[container]]
name = "httpd"
stdout = ["combined"]
stderr = ["httpd_error"]

[[route]]
name = "health-checks"
match = { user_agent = { prefix = "ELB-HealthChecker" } }
drop = true
[[route]]
name = "failures"
match = [{ kind = "error", level = ">=error" }, { status = "5xx" }]
to = ["cloudwatch", "archive"]
[[route]]
name = "attacks"
match = { path = { contains = "wp-login" } }
to = "events"
[[route]]
name = "rest"
to = "archive"

[destination.cloudwatch]
type = "cloudwatch_logs"
log_group = "/ecs/shop/httpd"
endpoint = "localhost"
port = "@PORT@"
"tls.ca_file" = "@CA@"
[destination.archive]
type = "firehose"
delivery_stream = "shop-archive"
endpoint = "localhost"
port = "@PORT@"
"tls.ca_file" = "@CA@"
[destination.events]
type = "kinesis_streams"
stream = "shop-events"
endpoint = "localhost"
port = "@PORT@"
"tls.ca_file" = "@CA@"
"#;

/// The destinations, in the order of a [`Census`].
pub const DESTINATIONS: [&str; 3] = ["cloudwatch", "archive", "events"];

/// Of twenty lines one is a health check, two are failures (one of them an error line), and one is an attack.
pub fn text(number: usize) -> (&'static str, String) {
    let (path, status, agent) = match number % 20 {
        13 => {
            let time = "Sun Nov 22 07:38:32.123456 2026";
            let text = format!("[{time}] [proxy:error] [pid 17:tid 140] AH01114: no backend for /item/N{number}E");
            return ("stderr", text);
        }
        3 => ("", 503, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        7 => ("", 200, "ELB-HealthChecker/2.0"),
        11 => ("/wp-login.php", 404, "curl/8.5.0"),
        _ => ("?page=2", 200, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    };
    let client = number % 250;
    let request = format!("GET /item/N{number}E{path} HTTP/1.1");
    let text =
        format!(r#"203.0.113.{client} - - [22/Nov/2026:07:38:32 +0000] "{request}" {status} 5120 "-" "{agent}""#);
    ("stdout", text)
}

/// Whether the line with this number has to arrive at each destination.
fn due(number: usize) -> [bool; 3] {
    match number % 20 {
        3 | 13 => [true, true, false],
        7 => [false, false, false],
        11 => [false, false, true],
        _ => [false, true, false],
    }
}

/// Sends the lines with these numbers: as fast as it goes, or so many a second.
///
/// # Errors
/// When the socket is gone for good.
pub fn send(driver: &mut Driver, numbers: std::ops::Range<usize>, per_second: Option<u32>) -> io::Result<()> {
    let start = Instant::now();
    for (sent, number) in numbers.enumerate() {
        let (source, text) = text(number);
        driver.log(source, text.as_bytes())?;
        if let Some(rate) = per_second {
            let due = Duration::from_secs(1) * sent as u32 / rate;
            std::thread::sleep(due.saturating_sub(start.elapsed()));
        }
    }
    Ok(())
}

/// How often each line was found at each destination.
pub struct Census {
    counts: [Vec<u32>; 3],
    /// Records without a number.
    pub others: [Vec<String>; 3],
}

/// What is wrong with a census.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Difference {
    /// Lines that are not where they have to be.
    pub missing: usize,
    /// How many copies are too many where lines have to be.
    pub doubled: usize,
    /// Lines that are where they must not be.
    pub strays: usize,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} missing, {} doubled, {} strays", self.missing, self.doubled, self.strays)
    }
}

impl Census {
    /// What is in the cloud now.
    pub fn take(cloud: &Cloud, lines: usize) -> Census {
        let mut census = Census { counts: [const { Vec::new() }; 3], others: [const { Vec::new() }; 3] };
        let messages = [cloud.log_events(), cloud.archived_lines(), cloud.stream_records()];
        for (place, messages) in messages.into_iter().enumerate() {
            census.counts[place] = vec![0; lines];
            for message in messages {
                match number(message.as_bytes()) {
                    Some(number) => census.counts[place][number] += 1,
                    None => census.others[place].push(message),
                }
            }
        }
        census
    }

    /// Compares with what has to be there of these lines.
    pub fn difference(&self, lines: impl IntoIterator<Item = usize>) -> Difference {
        let mut difference = Difference::default();
        for number in lines {
            for (place, due) in due(number).into_iter().enumerate() {
                match (due, self.counts[place][number] as usize) {
                    (true, 0) => difference.missing += 1,
                    (true, copies) => difference.doubled += copies - 1,
                    (false, copies) => difference.strays += copies,
                }
            }
        }
        difference
    }

    /// How many lines, each counted once, are at each destination.
    pub fn arrived(&self) -> String {
        let count = |place: usize| self.counts[place].iter().filter(|&&copies| copies > 0).count();
        let parts = DESTINATIONS.iter().enumerate().map(|(place, name)| format!("{name} {}", count(place)));
        parts.collect::<Vec<_>>().join(", ")
    }

    /// Lines that are at one of their destinations, or nowhere to be.
    pub fn has(&self, number: usize) -> bool {
        due(number) == [false; 3] || (0..3).any(|place| self.counts[place][number] > 0)
    }
}

/// The number in a line or record.
pub fn number(text: &[u8]) -> Option<usize> {
    numbers(text).next()
}

/// All numbers in it, in order.
pub fn numbers(text: &[u8]) -> impl Iterator<Item = usize> {
    const MARK: &[u8] = b"/item/N";
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let found = memchr::memmem::find(&text[at..], MARK)?;
            at += found + MARK.len();
            let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = std::str::from_utf8(&text[at..at + digits]).ok().and_then(|digits| digits.parse().ok());
            if number.is_some() && text.get(at + digits) == Some(&b'E') {
                return number;
            }
        }
    })
}
