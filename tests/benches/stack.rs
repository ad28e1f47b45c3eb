//! What a deploy costs: time and calls of a first one, of an unchanged one and of a plan, with the calls that a perfect
//! client would need beside them, and the bytes that a push moves when only the configuration changed.
//!
//! Against moto and a registry on this machine. `FIRELENS_KIT` names the command line (`target/release/firelens-kit`).
//! A perfect client asks each resource once by each call that alone tells a part of it, makes it by the fewest calls, and
//! asks once who it is and what carries the stack's tag.
#[path = "../tests/stack/base.rs"]
mod base;
#[path = "../tests/image/base.rs"]
mod image;
#[path = "../tests/stack/stage.rs"]
#[allow(dead_code)]
mod stage;

use serde_json::Value;
use stage::{SHOP, Stage};
use std::time::{Duration, Instant};

/// For each kind of resource the calls that tell all of it, and those that make it: the APIs' references.
const CALLS: [(&str, usize, usize); 11] = [
    // DescribeLogGroups, ListTagsForResource; CreateLogGroup, PutRetentionPolicy
    ("log_group", 2, 2),
    // Encryption, public access, ownership, policy, lifecycle, tags; CreateBucket (with tags and ownership), and the other four
    ("bucket", 6, 5),
    // DescribeStreamSummary, ListTagsForStream; CreateStream (with tags), StartStreamEncryption
    ("data_stream", 2, 2),
    // DescribeDeliveryStream, ListTagsForDeliveryStream; CreateDeliveryStream, and its log stream
    ("delivery_stream", 2, 2),
    // GetRole, GetRolePolicy; CreateRole, PutRolePolicy
    ("role", 2, 2),
    // DescribeRepositories, ListTagsForResource, GetLifecyclePolicy; CreateRepository, PutLifecyclePolicy
    ("repository", 3, 2),
    // The registry is not AWS's API.
    ("image", 0, 0),
    // DescribeSecurityGroups; CreateSecurityGroup, AuthorizeSecurityGroupIngress
    ("security_group", 1, 2),
    // DescribeClusters; CreateCluster
    ("cluster", 1, 1),
    // DescribeTaskDefinition; RegisterTaskDefinition
    ("task_definition", 1, 1),
    // DescribeServices; CreateService
    ("service", 1, 1),
];

/// GetCallerIdentity, GetResources, ListRoles.
const ONCE: usize = 3;

/// What a command took.
struct Run {
    wall: Duration,
    calls: usize,
    mutating: usize,
}

fn main() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    let plan = stage.plan("shop");
    let [reads, writes] = perfect(&plan);
    let resources = plan["actions"].as_array().expect("actions").len();
    println!("{resources} resources; AWS calls, of these mutating; in brackets those of a perfect client");
    report("first deploy", &run(&stage, &["deploy", "--yes"]), reads + writes, writes);
    report("unchanged deploy", &run(&stage, &["deploy", "--yes"]), reads, 0);
    report("plan", &run(&stage, &["plan"]), reads, 0);
    push(&stage);
}

fn run(stage: &Stage, arguments: &[&str]) -> Run {
    stage.proxy.forget();
    let start = Instant::now();
    stage.kit("shop", arguments).ok();
    let wall = start.elapsed();
    Run { wall, calls: stage.proxy.requests().len(), mutating: stage.proxy.mutations().len() }
}

/// The calls that tell and that make what is in the plan.
fn perfect(plan: &Value) -> [usize; 2] {
    let actions = plan["actions"].as_array().expect("actions");
    let of = |action: &Value| {
        let kind = action["kind"].as_str().expect("a kind");
        *CALLS.iter().find(|(name, ..)| *name == kind).unwrap_or_else(|| panic!("no figures for a {kind}"))
    };
    let all = actions.iter().map(of);
    all.fold([ONCE, 0], |[reads, writes], (_, read, write)| [reads + read, writes + write])
}

fn report(what: &str, run: &Run, calls: usize, mutating: usize) {
    let Run { wall, calls: made, mutating: changed } = run;
    println!("{what:<18} {:>6.2} s  {made:>4} calls ({calls}), {changed} mutating ({mutating})", wall.as_secs_f64());
}

/// Bytes that go to the registry: for a new image, for the same again, and after a change of a route's name.
fn push(stage: &Stage) {
    const BASE: usize = 20_000_000;
    let folder = stage.config("shop").with_file_name("base");
    image::Base { bytes: BASE, ..image::Base::default() }.write(&folder);
    let source = format!("oci:{}", folder.display());
    let target = format!("{}/bench/router", stage.registry.url().trim_start_matches("http://"));
    let moved = || {
        let ended = stage.kit("shop", &["push", &target, "--base", &source, "--format", "json"]).ok();
        let summary: Value = serde_json::from_str(&ended.stdout).expect("JSON");
        summary["blobs"]["moved_bytes"].as_u64().expect("a number")
    };
    println!("push, of a base of {} MB: new {} bytes, again {}", 2 * BASE / 1_000_000, moved(), moved());
    stage.write("shop", &SHOP.replace("failures", "broken"));
    println!("push, only the configuration changed: {} bytes", moved());
}
