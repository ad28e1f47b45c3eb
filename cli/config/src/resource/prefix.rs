//! `prefix` and `error_prefix`: the beginnings of the keys of a delivery stream's objects (Data Firehose developer guide,
//! "Understand custom prefixes for Amazon S3 objects").
use crate::{
    aws::refuse,
    reader::{Entry, Problems, Text, string},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prefixes {
    pub records: String,
    pub errors: String,
}

/// The part of an expression before its `:`.
const TIMESTAMP: &str = "timestamp";
const FIREHOSE: &str = "firehose";
const PARTITION: &str = "partitionKeyFromQuery";

const ROUTE: &str = "!{partitionKeyFromQuery:route}";
const ERROR_TYPE: &str = "!{firehose:error-output-type}";

/// ExtendedS3DestinationConfiguration (Amazon Data Firehose API reference).
const LONGEST: usize = 1024;

/// By date, and by route where that is wanted. The destination's name in front tells records and errors apart, and bounds
/// what Firehose may write to.
pub(super) fn read(
    records: Option<Entry>,
    errors: Option<Entry>,
    destination: &str,
    partitioned: bool,
    problems: &Problems,
) -> Prefixes {
    let route = if partitioned { format!("route={ROUTE}/") } else { String::new() };
    let text = |entry: Option<Entry>| entry.and_then(|entry| string(entry.value, problems));
    let own = text(records).filter(|text| check(text, partitioned, false, problems));
    let own_errors = text(errors).filter(|text| check(text, partitioned, true, problems));
    let usual = || format!("{destination}/{route}!{{timestamp:yyyy/MM/dd/HH}}/");
    let usual_errors = || format!("{destination}-errors/{ERROR_TYPE}/!{{timestamp:yyyy/MM/dd}}/");
    Prefixes {
        records: own.map_or_else(usual, |text| text.text),
        errors: own_errors.map_or_else(usual_errors, |text| text.text),
    }
}

/// Whether Firehose takes it.
fn check(text: &Text, partitioned: bool, of_errors: bool, problems: &Problems) -> bool {
    let (prefix, span) = (text.text.as_str(), text.span.clone());
    let found: Result<(), (String, String)> = (|| {
        let wrong = |message: &str, help: &str| Err((message.to_string(), help.to_string()));
        if prefix.len() > LONGEST {
            return wrong("a prefix has 1024 bytes at most", "a shorter one");
        }
        if !prefix.ends_with('/') || prefix.starts_with('/') {
            return wrong("a prefix is a folder: it ends with `/`, and does not begin with one", "\"httpd/\"");
        }
        for expression in expressions(prefix) {
            let Some((namespace, _)) = expression.and_then(|inner| inner.split_once(':')) else {
                return wrong("an expression is `!{namespace:value}`", "\"!{timestamp:yyyy/MM/dd}/\"");
            };
            check_namespace(namespace, expression.unwrap_or_default(), partitioned, of_errors)?;
        }
        if of_errors && !prefix.contains(ERROR_TYPE) {
            return wrong("Firehose wants the sort of the error in this prefix", ERROR_TYPE);
        }
        if partitioned && !of_errors && !prefix.contains(ROUTE) {
            return wrong("with partition_by_route the route stands in the prefix", ROUTE);
        }
        Ok(())
    })();
    match found {
        Ok(()) => true,
        Err((message, help)) => refuse::<()>(span, message, &help, problems).is_some(),
    }
}

fn check_namespace(namespace: &str, inner: &str, partitioned: bool, of_errors: bool) -> Result<(), (String, String)> {
    let wrong = |message: String, help: &str| Err((message, help.to_string()));
    match namespace {
        TIMESTAMP => Ok(()),
        FIREHOSE if inner == "firehose:random-string" => Ok(()),
        FIREHOSE if inner == "firehose:error-output-type" && of_errors => Ok(()),
        FIREHOSE if inner == "firehose:error-output-type" => {
            wrong("the sort of an error is known in error_prefix only".into(), "take the expression away")
        }
        PARTITION if of_errors => wrong("what failed has no partition".into(), "take the expression away"),
        PARTITION if !partitioned => {
            wrong("the route is known with partition_by_route = true only".into(), "write that, too")
        }
        PARTITION if inner == "partitionKeyFromQuery:route" => Ok(()),
        PARTITION => wrong(format!("the only key of partitions is the route, not `{inner}`"), ROUTE),
        _ => wrong(
            format!("Firehose knows no expression `!{{{inner}}}`"),
            "!{timestamp:…}, !{firehose:random-string}, !{firehose:error-output-type}, !{partitionKeyFromQuery:route}",
        ),
    }
}

/// What stands in each `!{…}`; nothing where it is not closed.
fn expressions(prefix: &str) -> impl Iterator<Item = Option<&str>> {
    prefix.split("!{").skip(1).map(|rest| rest.split_once('}').map(|(inner, _)| inner))
}
