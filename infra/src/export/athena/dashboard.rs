//! The body of a CloudWatch dashboard: what the log groups tell, and whether records arrive.
//!
//! Source: CloudWatch user guide, "Dashboard Body Structure and Syntax"; the metrics are those of "Monitor Amazon Data
//! Firehose with CloudWatch metrics", "Monitor usage with CloudWatch metrics" of the Logs user guide, and "Monitor the
//! Kinesis Data Streams service with CloudWatch".
use super::{
    LogGroup, NAME, insights,
    question::{self, Question},
};
use crate::{Place, Stack, export::marker, stack::Target};
use serde_json::{Value, json};

/// The grid has 24 columns.
const WIDTH: u32 = 24;
const HALF: u32 = WIDTH / 2;
const HEIGHT: u32 = 6;
const TEXT_HEIGHT: u32 = 2;

/// Seconds that a point of a metric stands for.
const PERIOD: u32 = 300;

/// What it is about.
pub(super) struct Board<'a> {
    pub(super) stack: &'a Stack,
    pub(super) place: &'a Place,
    pub(super) log_groups: &'a [LogGroup],
}

pub(super) fn body(board: &Board<'_>) -> String {
    let markdown = format!("{}\n\n# {}", marker(NAME), board.stack.name);
    let text = Widget { kind: "text", width: WIDTH, height: TEXT_HEIGHT, properties: json!({ "markdown": markdown }) };
    let logs = board.log_groups.iter().flat_map(|group| of_records(board, group));
    let all: Vec<Widget> = [text].into_iter().chain(logs).chain(metrics(board)).chain(own_logs(board)).collect();
    let body = json!({ "widgets": placed(all) });
    format!("{body:#}\n")
}

struct Widget {
    kind: &'static str,
    width: u32,
    height: u32,
    properties: Value,
}

/// From left to right, and down.
fn placed(widgets: Vec<Widget>) -> Vec<Value> {
    let (mut x, mut y, mut row) = (0, 0, 0);
    let mut placed = Vec::new();
    for Widget { kind, width, height, properties } in widgets {
        if x + width > WIDTH {
            (x, y, row) = (0, y + row, 0);
        }
        // The properties come first: the marker in the text is looked for in the file's first lines.
        placed.push(json!({
            "type": kind, "properties": properties, "x": x, "y": y, "width": width, "height": height,
        }));
        (x, row) = (x + width, row.max(height));
    }
    placed
}

/// What the records of a log group say.
fn of_records(board: &Board<'_>, group: &LogGroup) -> Vec<Widget> {
    let (questions, _) = question::answered(&group.records, true);
    let widget = |question: Question| {
        let view = match question {
            Question::TrafficByHour | Question::ServerErrorShare => "timeSeries",
            _ => "table",
        };
        log(board, &group.name, &insights::query(&group.records, question), question.title(), view)
    };
    questions.into_iter().map(widget).collect()
}

fn log(board: &Board<'_>, group: &str, query: &str, title: &str, view: &str) -> Widget {
    let properties = json!({
        "title": format!("{title} ({group})"),
        "region": board.place.region,
        "query": format!("SOURCE '{group}' | {query}"),
        "view": view,
    });
    Widget { kind: "log", width: HALF, height: HEIGHT, properties }
}

/// Whether records arrive, destination by destination.
fn metrics(board: &Board<'_>) -> Vec<Widget> {
    let widget = |title: String, metrics: Value| {
        let properties = json!({
            "title": title,
            "region": board.place.region,
            "view": "timeSeries",
            "stat": "Sum",
            "period": PERIOD,
            "metrics": metrics,
        });
        Widget { kind: "metric", width: HALF, height: HEIGHT, properties }
    };
    let of_target = |target: &Target| match target {
        Target::LogGroup(group) => {
            let metric = |name| json!(["AWS/Logs", name, "LogGroupName", group.name]);
            let metrics = json!([metric("IncomingLogEvents")]);
            Some(widget(format!("Events that arrive in {}", group.name), metrics))
        }
        Target::DeliveryStream(stream) => {
            let dimension = ("DeliveryStreamName", &stream.name);
            let metric = |name| json!(["AWS/Firehose", name, dimension.0, dimension.1]);
            let right = json!({ "stat": "Maximum", "yAxis": "right" });
            let delay = json!(["AWS/Firehose", "DeliveryToS3.DataFreshness", dimension.0, dimension.1, right]);
            let metrics =
                json!([metric("IncomingRecords"), metric("DeliveryToS3.Records"), metric("ThrottledRecords"), delay]);
            Some(widget(format!("Delivery to S3 by {}", stream.name), metrics))
        }
        Target::DataStream(stream) => {
            let metric = |name| json!(["AWS/Kinesis", name, "StreamName", stream.name]);
            let metrics = json!([metric("IncomingRecords"), metric("WriteProvisionedThroughputExceeded")]);
            Some(widget(format!("Records that arrive in {}", stream.name), metrics))
        }
        Target::Bucket(_) | Target::Other => None,
    };
    board.stack.destinations.iter().filter_map(|destination| of_target(&destination.target)).collect()
}

/// What the router and Firehose say of themselves.
fn own_logs(board: &Board<'_>) -> Vec<Widget> {
    let stack = board.stack;
    let own = |target: &Target| matches!(target, Target::DeliveryStream(_));
    let firehose = stack.destinations.iter().any(|destination| !destination.existing && own(&destination.target));
    let newest = "fields @timestamp, @message\n| sort @timestamp desc\n| limit 50";
    let router = format!("filter @message like /\\[ *(warn|error)\\]/\n| {newest}");
    let router = log(board, &stack.router_log_group(), &router, "What the router warns of", "table");
    let firehose =
        firehose.then(|| log(board, &stack.firehose_log_group(), newest, "What Firehose could not deliver", "table"));
    [router].into_iter().chain(firehose).collect()
}
