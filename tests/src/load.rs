//! Access lines to measure with: the corpus' ordinary `combined` lines, over and over, never twice the same.
use std::io::{self, Write};

/// httpd's own lines, from the corpus.
const COMBINED: &str = include_str!("../fixtures/access/combined.log");

/// What is common in these lines: how many there are of what the measured chains act on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub lines: u64,
    pub bytes: u64,
    /// Lines of the load balancer's health checks, which are dropped.
    pub health_checks: u64,
    /// Lines with a status from 500 to 599 that are no health checks, which get a route of their own.
    pub failures: u64,
}

/// Writes `count` lines of `combined`, about 155 bytes each, the same ones each time.
pub fn write_combined(count: u64, out: &mut impl Write) -> io::Result<Counts> {
    let templates: Vec<Template> = COMBINED.lines().filter_map(Template::new).collect();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut counts = Counts { lines: count, ..Counts::default() };
    let mut line = String::new();
    for number in 0..count {
        let template = &templates[(random.next() % templates.len() as u64) as usize];
        template.write(number, &mut random, &mut line);
        out.write_all(line.as_bytes())?;
        counts.bytes += line.len() as u64;
        counts.health_checks += u64::from(template.health_check);
        counts.failures += u64::from(template.failure && !template.health_check);
    }
    Ok(counts)
}

/// A line of the corpus without its client, time and size: these are made up for each copy.
struct Template {
    user: &'static str,
    request_and_status: &'static str,
    headers: &'static str,
    health_check: bool,
    failure: bool,
}

impl Template {
    /// The lines that any parser of access lines reads the same way: no escapes, a whole request line, no long ones.
    fn new(line: &'static str) -> Option<Template> {
        if line.contains('\\') || line.len() > 400 {
            return None;
        }
        let (who, rest) = line.split_once(" [")?;
        let (_, user) = who.split_once(" - ")?;
        let (_, rest) = rest.split_once("] \"")?;
        let (request, rest) = rest.split_once("\" ")?;
        let mut words = request.split(' ');
        let method = words.next()?;
        let path_and_protocol = words.next().is_some() && words.next().is_some_and(|word| word.starts_with("HTTP/"));
        let (status, rest) = rest.split_once(' ')?;
        let (_, headers) = rest.split_once(" \"")?;
        let ordinary = path_and_protocol && words.next().is_none() && method.bytes().all(|b| b.is_ascii_uppercase());
        let request_and_status = &line[request.as_ptr() as usize - line.as_ptr() as usize..][..request.len() + 2 + 3];
        (ordinary && !user.contains(' ') && status.len() == 3).then(|| Template {
            user,
            request_and_status,
            headers,
            health_check: headers.contains("\"ELB-HealthChecker"),
            failure: status.starts_with('5'),
        })
    }

    fn write(&self, number: u64, random: &mut Random, line: &mut String) {
        use std::fmt::Write;
        let (client, size) = (random.next(), random.next() % 60_000);
        let second = number / 25;
        let (hour, minute) = (second / 3600 % 24, second / 60 % 60);
        line.clear();
        let address = [203, client >> 8 & 0xff, client >> 16 & 0xff, client >> 24 & 0xff].map(|part| part.to_string());
        writeln!(
            line,
            "{} - {} [22/Nov/2026:{hour:02}:{minute:02}:{:02} +0000] \"{} {size} \"{}",
            address.join("."),
            self.user,
            second % 60,
            self.request_and_status,
            self.headers
        )
        .expect("a string takes it");
    }
}

/// A xorshift generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_of_the_promised_kind() {
        let mut text = Vec::new();
        let counts = write_combined(10_000, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.lines().count(), 10_000);
        assert_eq!(text.len() as u64, counts.bytes);
        assert!((150..165).contains(&(text.len() / 10_000)), "{} bytes a line", text.len() / 10_000);
        let health_checks = text.lines().filter(|line| line.contains("\" \"ELB-HealthChecker")).count();
        assert_eq!(health_checks as u64, counts.health_checks);
        assert!(counts.health_checks > 200 && counts.failures > 200, "{counts:?}");
    }

    #[test]
    fn the_same_lines_each_time() {
        let lines = || {
            let mut text = Vec::new();
            write_combined(100, &mut text).unwrap();
            text
        };
        assert_eq!(lines(), lines());
    }
}
