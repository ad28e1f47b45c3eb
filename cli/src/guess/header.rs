//! Syslog headers: RFC 3164, RFC 5424, and rsyslog's variant of them with RFC 3339 timestamps.

/// A layout of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Layout {
    /// `Nov 22 07:38:32 web-1 httpd[7]: `
    Old,
    /// `2026-11-22T07:38:32.123456+00:00 web-1 httpd[7]: `
    Iso,
    /// `1 2026-11-22T07:38:32Z web-1 httpd 7 - - `
    New,
}

/// The header of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Header {
    pub layout: Layout,
    /// `<134>` stands before it.
    pub has_priority: bool,
}

impl Header {
    /// The same as the beginning of a LogFormat, or of an ErrorLogFormat, which knows no parts of a time.
    pub(super) fn format(self, error: bool) -> String {
        let priority = if self.has_priority { "<%{syslog_priority}n>" } else { "" };
        let rest = match self.layout {
            Layout::Old if error => "%{syslog_month}n %{syslog_day}n %{syslog_time}n %{syslog_host}n %{syslog_tag}n: ",
            Layout::Old => "%{%b %e %H:%M:%S}t %{syslog_host}n %{syslog_tag}n: ",
            Layout::Iso => "%{syslog_time}n %{syslog_host}n %{syslog_tag}n: ",
            Layout::New => "1 %{syslog_time}n %{syslog_host}n %{syslog_app}n %{syslog_pid}n %{syslog_id}n - ",
        };
        format!("{priority}{rest}")
    }
}

/// A line's header, and what follows it.
pub(super) fn split(line: &str) -> Option<(Header, &str)> {
    let after_priority = line.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    let priority = after_priority.filter(|(priority, _)| priority.len() <= 3 && super::values::is_number(priority));
    let (has_priority, rest) = priority.map_or((false, line), |(_, rest)| (true, rest));
    let of = |layout| Header { layout, has_priority };
    if let Some(rest) = old_time(rest) {
        return tag(rest).map(|rest| (of(Layout::Old), rest));
    }
    if let Some(rest) = rest.strip_prefix("1 ").filter(|_| has_priority) {
        let rest = words(iso_time(rest)?, 4)?.strip_prefix("- ")?;
        return Some((of(Layout::New), rest));
    }
    tag(iso_time(rest)?).map(|rest| (of(Layout::Iso), rest))
}

/// What follows `Nov 22 07:38:32 `.
fn old_time(text: &str) -> Option<&str> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (time, rest) = (text.get(..15)?, text.get(15..)?);
    let digits = |at: usize| time.as_bytes()[at].is_ascii_digit();
    let fits = MONTHS.iter().any(|month| time.starts_with(month))
        && (digits(4) || time.as_bytes()[4] == b' ')
        && [5, 7, 8, 10, 11, 13, 14].into_iter().all(digits)
        && time.as_bytes()[9] == b':'
        && time.as_bytes()[12] == b':';
    rest.strip_prefix(' ').filter(|_| fits)
}

/// What follows a time of RFC 3339 and a space.
fn iso_time(text: &str) -> Option<&str> {
    let (time, rest) = text.split_once(' ')?;
    let date: Option<()> = [4, 7].into_iter().try_for_each(|at| (time.as_bytes().get(at)? == &b'-').then_some(()));
    (date.is_some() && time.as_bytes().get(10) == Some(&b'T') && time.len() >= 19).then_some(rest)
}

/// What follows `web-1 httpd[7]: `.
fn tag(text: &str) -> Option<&str> {
    let rest = words(text, 1)?;
    let (tag, rest) = rest.split_once(": ")?;
    (!tag.is_empty() && !tag.contains([' ', '"'])).then_some(rest)
}

/// What follows so many words.
fn words(text: &str, count: usize) -> Option<&str> {
    (0..count).try_fold(text, |text, _| text.split_once(' ').filter(|(word, _)| !word.is_empty()).map(|(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_all_layouts() {
        for (line, layout, has_priority) in [
            ("Nov 22 07:38:32 web-1 httpd[7]: x y", Layout::Old, false),
            ("<134>Nov  2 07:38:32 web-1 httpd: x y", Layout::Old, true),
            ("2026-11-22T07:38:32.123456+00:00 web-1 httpd[7]: x y", Layout::Iso, false),
            ("<134>1 2026-11-22T07:38:32Z web-1 httpd 7 - - x y", Layout::New, true),
        ] {
            assert_eq!(split(line), Some((Header { layout, has_priority }, "x y")), "{line}");
        }
        for line in
            ["", "x y", "<1>", "Nov 22 07:38:32 web-1", "2026-11-22T07:38:32Z a b c", "é<é>1 ", "Növ 22 07:38:32 a b: "]
        {
            assert_eq!(split(line), None, "{line}");
        }
    }
}
