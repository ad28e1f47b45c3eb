//! The bytes that Fluent Bit's outputs send for a record.
use crate::offline::scan::Members;
use firelens_infra::send::Refusal;
use jiff::{Timestamp, fmt::strtime::BrokenDownTime, tz::TimeZone};

/// The form in which an output sends records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Only this field is sent, not the record.
    pub log_key: Option<String>,
    /// `log_key`'s text keeps the escapes that it has in JSON: so do the outputs for Firehose and Kinesis.
    pub escaped: bool,
    pub date: Option<Date>,
    pub newline: bool,
}

/// The record's time, as a field of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    pub key: String,
    pub format: DateFormat,
    /// In front of all other fields, not behind them.
    pub first: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateFormat {
    /// As strftime writes it, in quotes.
    Text(String),
    /// Seconds with a fraction.
    Double,
    Seconds,
    Milliseconds,
}

impl Form {
    /// The bytes for a record, which is one JSON object.
    ///
    /// # Errors
    /// When the output sends nothing of it.
    pub fn body(&self, record: &[u8], milliseconds: i64) -> Result<Vec<u8>, Refusal> {
        let mut body = match (&self.log_key, &self.date) {
            (Some(key), _) => self.field(record, key)?,
            (None, Some(date)) => date.add(record, milliseconds),
            (None, None) => record.to_vec(),
        };
        if self.newline {
            body.push(b'\n');
        }
        Ok(body)
    }

    fn field(&self, record: &[u8], key: &str) -> Result<Vec<u8>, Refusal> {
        let (_, value) = Members::new(record).find(|(name, _)| *name == key.as_bytes()).ok_or(Refusal::NoLogKey)?;
        let text = match value.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")) {
            Some(text) if self.escaped => text.to_vec(),
            Some(text) => serde_json::from_slice(value).map_or_else(|_| text.to_vec(), String::into_bytes),
            None => value.to_vec(),
        };
        if text.is_empty() { Err(Refusal::Empty) } else { Ok(text) }
    }
}

impl Date {
    fn add(&self, record: &[u8], milliseconds: i64) -> Vec<u8> {
        let member = format!("\"{}\":{}", self.key, self.format.render(milliseconds));
        let inner = record.trim_ascii();
        let inner = inner.strip_prefix(b"{").and_then(|inner| inner.strip_suffix(b"}")).unwrap_or(inner);
        let comma: &[u8] = if inner.trim_ascii().is_empty() { b"" } else { b"," };
        match self.first {
            true => [b"{", member.as_bytes(), comma, inner, b"}"].concat(),
            false => [b"{", inner, comma, member.as_bytes(), b"}"].concat(),
        }
    }
}

impl DateFormat {
    /// Fluent Bit's `time_key_format`: strftime with `%3N` for milliseconds, `%9N` and `%L` for nanoseconds.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn strftime(format: &str) -> Result<DateFormat, String> {
        let format = format.replace("%3N", "%3f").replace("%9N", "%9f").replace("%L", "%9f");
        render(&format, 0).map(|_| DateFormat::Text(format))
    }

    /// The s3 output's `json_date_format`.
    pub fn named(name: &str) -> Option<DateFormat> {
        Some(match name.to_ascii_lowercase().as_str() {
            "double" => DateFormat::Double,
            "epoch" => DateFormat::Seconds,
            "epoch_ms" => DateFormat::Milliseconds,
            "iso8601" => DateFormat::Text("%Y-%m-%dT%H:%M:%S.%6fZ".into()),
            "java_sql_timestamp" => DateFormat::Text("%Y-%m-%d %H:%M:%S.%6f".into()),
            _ => return None,
        })
    }

    fn render(&self, milliseconds: i64) -> String {
        match self {
            DateFormat::Text(format) => format!("\"{}\"", render(format, milliseconds).unwrap_or_default()),
            DateFormat::Double => format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000),
            DateFormat::Seconds => (milliseconds / 1000).to_string(),
            DateFormat::Milliseconds => milliseconds.to_string(),
        }
    }
}

fn render(format: &str, milliseconds: i64) -> Result<String, String> {
    let time = Timestamp::from_millisecond(milliseconds).unwrap_or_default().to_zoned(TimeZone::UTC);
    BrokenDownTime::from(&time).to_string(format).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: i64 = 1_795_000_123_045;

    fn body(form: &Form, record: &str) -> Result<String, Refusal> {
        form.body(record.as_bytes(), TIME).map(|body| String::from_utf8(body).unwrap())
    }

    fn whole(date: Option<Date>) -> Form {
        Form { log_key: None, escaped: false, date, newline: true }
    }

    #[test]
    fn the_time_is_where_the_output_puts_it() {
        let format = DateFormat::strftime("%Y-%m-%dT%H:%M:%S.%3NZ").unwrap();
        let last = whole(Some(Date { key: "date".into(), format, first: false }));
        assert_eq!(body(&last, r#"{"a":1}"#).unwrap(), "{\"a\":1,\"date\":\"2026-11-18T11:08:43.045Z\"}\n");
        assert_eq!(body(&last, "{}").unwrap(), "{\"date\":\"2026-11-18T11:08:43.045Z\"}\n");
        let first = |name| whole(Some(Date { key: "d".into(), format: DateFormat::named(name).unwrap(), first: true }));
        assert_eq!(body(&first("iso8601"), r#"{"a":1}"#).unwrap(), "{\"d\":\"2026-11-18T11:08:43.045000Z\",\"a\":1}\n");
        assert_eq!(body(&first("double"), "{}").unwrap(), "{\"d\":1795000123.045}\n");
        assert_eq!(body(&first("epoch"), "{}").unwrap(), "{\"d\":1795000123}\n");
        assert_eq!(body(&first("epoch_ms"), "{}").unwrap(), "{\"d\":1795000123045}\n");
        assert_eq!(body(&first("java_sql_timestamp"), "{}").unwrap(), "{\"d\":\"2026-11-18 11:08:43.045000\"}\n");
        assert_eq!(body(&whole(None), r#"{"a":1}"#).unwrap(), "{\"a\":1}\n");
        assert!(DateFormat::strftime("%!").is_err() && DateFormat::named("rfc").is_none());
    }

    #[test]
    fn a_field_is_sent_alone() {
        let form = |escaped| Form { log_key: Some("log".into()), escaped, date: None, newline: escaped };
        let record = r#"{"log":"a \"b\" \u00e9","n":5}"#;
        assert_eq!(body(&form(false), record).unwrap(), "a \"b\" é");
        assert_eq!(body(&form(true), record).unwrap(), "a \\\"b\\\" \\u00e9\n");
        assert_eq!(body(&form(false), r#"{"log":5}"#).unwrap(), "5");
        assert_eq!(body(&form(false), r#"{"n":5}"#), Err(Refusal::NoLogKey));
        assert_eq!(body(&form(false), r#"{"log":""}"#), Err(Refusal::Empty));
    }
}
