//! The statements that make the tables. Each file is one statement: Athena takes one at a time.
//!
//! All names are in quotes (backticks in DDL, double quotes elsewhere), so that none of them can be a reserved word:
//! `user`, `date`, `timestamp` … Source: Athena user guide, "Escape reserved keywords in queries".
use super::{
    Archive, Athena, Value,
    columns::{Column, columns},
    identifier,
    layout::Layout,
};

/// How far back partitions are looked for, where nobody said since when there are any and how long they stay.
const YEARS: u32 = 5;

pub fn database(export: &Athena) -> String {
    format!("CREATE DATABASE IF NOT EXISTS `{}`\n", export.database)
}

/// The objects as they are: one JSON object a line.
///
/// Keys are told apart by case, since two that differ in nothing else would be an error in the whole query; so each
/// column whose name is not its key says which key it is. Source: Athena user guide, "OpenX JSON SerDe".
pub fn table(export: &Athena, archive: &Archive) -> String {
    let all = columns(archive);
    let rows: Vec<String> = all.iter().map(definition).collect();
    let mapped = all.iter().filter(|column| column.name() != column.field.key);
    let mapped = mapped.map(|column| property(&format!("mapping.{}", column.name()), &column.field.key));
    let serde = [property("case.insensitive", "FALSE"), property("ignore.malformed.json", "TRUE")];
    let serde: Vec<String> = serde.into_iter().chain(mapped).collect();
    let folder = format!("s3://{}/", archive.bucket);
    let mut text = format!(
        "CREATE EXTERNAL TABLE IF NOT EXISTS `{}`.`{}` (\n{}\n)\n",
        export.database,
        export.raw(archive),
        rows.join(",\n")
    );
    let partitions: Vec<String> = archive.layout.columns().iter().map(|name| format!("`{name}` string")).collect();
    if !partitions.is_empty() {
        text.push_str(&format!("PARTITIONED BY ({})\n", partitions.join(", ")));
    }
    text.push_str(&format!(
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'\nWITH SERDEPROPERTIES (\n{}\n)\n\
         STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'\n\
         OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'\n\
         LOCATION {}\n",
        serde.join(",\n"),
        literal(&format!("{folder}{}", archive.layout.root())),
    ));
    let projection = projection(export, archive);
    if !projection.is_empty() {
        text.push_str(&format!("TBLPROPERTIES (\n{}\n)\n", projection.join(",\n")));
    }
    text
}

fn definition(column: &Column) -> String {
    let name = format!("  `{}` {}", column.name(), column.hive_type());
    match comment(&column.field.description) {
        text if text.is_empty() => name,
        text => format!("{name} COMMENT '{text}'"),
    }
}

/// A text in Hive's quotes.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Of at most 255 characters (Glue's API reference, "Column"), without quotes.
fn comment(description: &str) -> String {
    description.replace('`', "").replace('\'', "’").replace('\\', "").chars().take(255).collect()
}

fn property(name: &str, value: &str) -> String {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("  \"{}\" = \"{}\"", escaped(name), escaped(value))
}

/// Partitions are worked out from the query. Nothing where there are none.
fn projection(export: &Athena, archive: &Archive) -> Vec<String> {
    let Archive { layout, bucket, records, .. } = archive;
    if layout.columns().is_empty() {
        return Vec::new();
    }
    let mut properties = vec![property("projection.enabled", "true")];
    let mut set = |column: &str, name: &str, value: &str| {
        properties.push(property(&format!("projection.{column}.{name}"), value));
    };
    if layout.by_route {
        set(super::layout::ROUTE, "type", "enum");
        set(super::layout::ROUTE, "values", &records.routes.join(","));
    }
    if let Some(date) = &layout.date {
        let column = date.column();
        set(column, "type", "date");
        set(column, "format", &date.java());
        set(column, "range", &range(export, archive, layout));
        set(column, "interval", "1");
        set(column, "interval.unit", &format!("{}S", column.to_uppercase()));
    }
    properties.push(property("storage.location.template", &format!("s3://{bucket}/{}", layout.template())));
    properties
}

/// The first and the last folder that there can be.
fn range(export: &Athena, archive: &Archive, layout: &Layout) -> String {
    let first = match (export.since, &layout.date, archive.expire_days) {
        (Some(day), Some(date), _) => date.on(day),
        (_, _, Some(days)) => format!("NOW-{}DAYS", days + 1),
        _ => format!("NOW-{YEARS}YEARS"),
    };
    format!("{first},NOW")
}

/// What people query: the table, with times as timestamps, so that they can be sorted and compared as they are. As text
/// they cannot: the fractions that they have differ from format to format.
///
/// A line without a time of its own has the record's.
pub fn view(export: &Athena, archive: &Archive) -> String {
    let all = columns(archive);
    let columns = all.iter().map(|column| match column.field.value {
        _ if !column.field.path.is_empty() => format!("  {} AS \"{}\"", within(column, &all), column.name()),
        Value::Time => {
            let others = fallback(column, &all);
            format!("  {} AS \"{}\"", timestamp(&[&[column.name()], &others[..]].concat()), column.name())
        }
        _ => format!("  \"{}\"", column.name()),
    });
    let partitions = archive.layout.columns().into_iter().map(|name| format!("  \"{name}\""));
    let columns: Vec<String> = columns.chain(partitions).collect();
    format!(
        "CREATE OR REPLACE VIEW \"{0}\".\"{1}\" AS\nSELECT\n{2}\nFROM \"{0}\".\"{3}\"\n",
        export.database,
        export.view(archive),
        columns.join(",\n"),
        export.raw(archive)
    )
}

/// The value of a member of a member: of the column of the outermost one, which holds JSON text, unless a member is called
/// like all of the path.
fn within(column: &Column, all: &[Column]) -> String {
    let (root, names) = column.field.path.split_first().map_or(("", &[][..]), |(root, names)| (root.as_str(), names));
    let outer = all.iter().find(|other| other.field.path.is_empty() && other.field.key == root);
    let outer = outer.map_or_else(|| identifier(root), Column::name);
    let escaped = |name: &String| name.replace('\\', "\\\\").replace('"', "\\\"").replace('\'', "''");
    let path: String = names.iter().map(|name| format!("[\"{}\"]", escaped(name))).collect();
    let text = format!("json_extract_scalar(\"{outer}\", '${path}')");
    let or = |inner: &str| format!("coalesce(\"{}\", {inner})", column.name());
    match column.field.value {
        Value::Text => or(&text),
        Value::Integer => or(&format!("try_cast({text} AS bigint)")),
        Value::Number => or(&format!("try_cast({text} AS double)")),
        Value::Time => format!("CAST(try(from_iso8601_timestamp({})) AS timestamp)", or(&text)),
    }
}

/// The record's own time, for the line's.
fn fallback(column: &Column, all: &[Column]) -> Vec<String> {
    let is_of_line = column.field.meanings.iter().any(|meaning| meaning.plain == "time");
    let own = all.iter().find(|other| other.field.value == Value::Time && other.field.meanings.is_empty());
    own.filter(|_| is_of_line).map(Column::name).into_iter().collect()
}

/// In UTC, with milliseconds; the first of the columns that holds a time.
fn timestamp(columns: &[String]) -> String {
    let times: Vec<String> = columns.iter().map(|name| format!("try(from_iso8601_timestamp(\"{name}\"))")).collect();
    match times.as_slice() {
        [time] => format!("CAST({time} AS timestamp)"),
        times => format!("CAST(coalesce({}) AS timestamp)", times.join(", ")),
    }
}
