//! IAM's decisions on what the verbs really call: each request that they make to moto is allowed by the deployer's policy,
//! and the same on what is another stack's, another account's or another region's is not.
use crate::roles::{check, request};
use crate::stacks;
use aws_credential_types::Credentials;
use e2e::fault_proxy::{Fault, FaultProxy};
use e2e::iam::{self, Account, Act};
use e2e::moto::{ACCOUNT, Moto};
use e2e::simulate::Request;
use firelens_infra::{
    Aws, Plan, Stack,
    apply::apply,
    aws::Options,
    lock::{self, Lock},
    model,
    observe::{
        doctor,
        logs::{self, Search},
        status,
        verify::{self, Mark, Site, Wait},
    },
    others,
    plan::{self, ids},
    policy::deployer::{self, Verb},
    stack::Target,
};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const REGION: &str = "eu-west-1";

/// A stack, and what its verbs call.
struct Recorded {
    aws: Aws,
    proxy: FaultProxy,
    moto: Moto,
    stack: Stack,
}

impl Recorded {
    async fn start(stack: Stack) -> Recorded {
        let moto = Moto::start();
        let proxy = FaultProxy::start(moto.address).expect("a proxy");
        let options = Options {
            region: Some(REGION.into()),
            endpoint_url: Some(proxy.url()),
            credentials: Some(Credentials::new("test", "test", None, None, "test")),
            ..Options::default()
        };
        let aws = Aws::load(&options).await.expect("moto knows us");
        Recorded { aws, proxy, moto, stack }
    }

    /// What was called since the last time.
    fn acts(&self) -> BTreeSet<Act> {
        let account = Account { number: ACCOUNT, region: REGION, stack: &self.stack.name };
        let acts = self.proxy.requests().iter().flat_map(|request| iam::acts(request, account)).collect();
        self.proxy.forget();
        // The next verb comes later: what this one made is known by then.
        self.proxy.settle();
        acts
    }

    async fn plan(&self) -> Plan {
        let resources = model::resources(&self.stack, self.aws.place());
        let wanted = ids(&resources);
        others::stacks(&self.aws).await.unwrap();
        let remains = others::remains(&self.aws, &self.stack, &wanted).await.unwrap();
        let (there, remains) =
            (plan::read(&self.aws, resources).await.unwrap(), plan::read(&self.aws, remains).await.unwrap());
        Plan::to_deploy(&self.stack.name, self.aws.place(), there, remains, true)
    }

    async fn apply(&self, plan: &Plan) {
        let stop = CancellationToken::new();
        let lock = Lock::take(&self.aws, &self.stack, "deploy", &stop).await.unwrap();
        let outcome = apply(&self.aws, plan, &stop, &|_| {}).await;
        // What destroys a stack takes the record away, too.
        let _ = lock.record(Vec::new(), Vec::new()).await;
        let _ = lock.release().await;
        assert!(outcome.is_complete(), "{:?}", outcome.failed);
    }

    async fn destroy(&self) {
        let mut resources = model::resources(&self.stack, self.aws.place());
        resources.push(lock::group(&self.stack));
        let there = plan::read(&self.aws, resources).await.unwrap();
        self.apply(&Plan::to_destroy(&self.stack.name, self.aws.place(), there, false)).await;
    }
}

/// The verbs of a stack's life, and what each of them called.
async fn life(recorded: &Recorded) -> Vec<(Verb, BTreeSet<Act>)> {
    let Recorded { aws, stack, .. } = recorded;
    recorded.proxy.forget();
    let mut life = Vec::new();
    doctor::examine(stack, aws).await;
    life.push((Verb::Doctor, recorded.acts()));
    let plan = recorded.plan().await;
    life.push((Verb::Plan, recorded.acts()));
    recorded.apply(&plan).await;
    life.push((Verb::Deploy, recorded.acts()));
    recorded.plan().await;
    life.push((Verb::Plan, recorded.acts()));
    status::read(stack, aws).await.unwrap();
    life.push((Verb::Status, recorded.acts()));
    see_logs(stack, aws).await;
    life.push((Verb::Logs, recorded.acts()));
    see_a_request_arrive(recorded).await;
    life.push((Verb::Verify, recorded.acts()));
    recorded.destroy().await;
    life.push((Verb::DeleteData, recorded.acts()));
    life
}

/// All of the stack's groups.
async fn see_logs(stack: &Stack, aws: &Aws) {
    let own = stack.destinations.iter().filter_map(|to| match &to.target {
        Target::LogGroup(group) => Some(group.name.clone()),
        _ => None,
    });
    let kit = [stack.router_log_group(), stack.firehose_log_group(), stack.deploys_log_group()];
    let search =
        |group: String| Search { group: group.into(), pattern: None, since: Timestamp::UNIX_EPOCH, until: None };
    let searches: Vec<Search> = own.chain(kit).map(search).collect();
    let mut reading = logs::read(aws, &searches);
    while reading.next().await.unwrap().is_some() {}
}

/// The address of a task, and a look at each destination.
async fn see_a_request_arrive(recorded: &Recorded) {
    let Recorded { aws, stack, proxy, moto } = recorded;
    proxy.fail("ecs:ListTasks", Fault::Answer(TASKS), 1);
    proxy.fail("ecs:DescribeTasks", Fault::Answer(TASK), 1);
    proxy.fail("ec2:DescribeNetworkInterfaces", Fault::Answer(INTERFACE), 1);
    assert_eq!(verify::public_address(stack, aws).await.unwrap(), "http://192.0.2.1:80/");
    let sites: Vec<Site> = stack.destinations.iter().map(|to| Site::of(stack, to, aws.place(), "")).collect();
    for site in &sites {
        if let verify::Place::DeliveryStream { bucket, prefix, .. } = &site.place {
            moto.http(REGION, "s3", "PUT", &format!("/{bucket}/{prefix}2026/11/x"), "", b"{}");
        }
    }
    let wait = Wait {
        mark: Mark::new(),
        since: Timestamp::UNIX_EPOCH,
        from: tokio::time::Instant::now(),
        patience: Duration::from_secs(2),
        routes: Vec::new(),
    };
    assert!(!verify::wait(aws, &wait, &sites, &|_| {}).await.unwrap().arrived);
}

const TASKS: &str = r#"{"taskArns": ["arn:aws:ecs:eu-west-1:123456789012:task/shop/1"]}"#;

const TASK: &str = r#"{"tasks": [{"lastStatus": "RUNNING", "attachments": [{"type": "ElasticNetworkInterface",
    "details": [{"name": "networkInterfaceId", "value": "eni-1"}]}]}]}"#;

const INTERFACE: &str = "<DescribeNetworkInterfacesResponse><networkInterfaceSet><item>\
    <networkInterfaceId>eni-1</networkInterfaceId><association><publicIp>192.0.2.1</publicIp></association>\
    </item></networkInterfaceSet></DescribeNetworkInterfacesResponse>";

/// Whether the policy allows the act, and that it does not on what is another's.
pub fn questions(who: &str, policy: &impl Serialize, act: &Act) -> Vec<(String, Request, bool)> {
    let mut questions = vec![(who.to_owned(), ask(policy, act), true)];
    let others = neighbours(act).into_iter().filter(|other| !reads_a_role(who, other) && !sees_services(who, other));
    questions.extend(others.map(|other| (who.to_owned(), ask(policy, &other), false)));
    questions
}

/// Which role of the account `doctor` will run under, its policy does not know: it may read each.
fn reads_a_role(who: &str, act: &Act) -> bool {
    who.ends_with("doctor") && act.action == "iam:GetRole" && act.resource.contains(ACCOUNT)
}

/// What a plan deletes, no service of the account may use.
fn sees_services(who: &str, act: &Act) -> bool {
    let plans = ["doctor", "plan", "deploy", "destroy", "delete-data"].iter().any(|verb| who.ends_with(verb));
    let here = format!("arn:aws:ecs:{REGION}:{ACCOUNT}:service/");
    plans && act.action == "ecs:DescribeServices" && act.resource.starts_with(&here)
}

fn ask(policy: &impl Serialize, act: &Act) -> Request {
    let context: Vec<(&str, &str)> = act.context.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    request(policy, &act.action, &act.resource, &context)
}

/// The same act on what is another stack's, another account's, another region's, or for another service.
fn neighbours(Act { action, resource, context }: &Act) -> Vec<Act> {
    let act = |resource: String, context: Vec<(String, String)>| Act { action: action.clone(), resource, context };
    let mut neighbours: Vec<Act> =
        elsewhere(action, resource).into_iter().map(|other| act(other, context.clone())).collect();
    for at in 0..context.len() {
        let mut changed = context.clone();
        let value = &mut changed[at].1;
        *value = match value.as_str() {
            "true" => "false".to_string(),
            arn if arn.contains("shop") => arn.replace("shop", "shop-2"),
            _ => "lambda.amazonaws.com".to_string(),
        };
        neighbours.push(act(resource.clone(), changed));
        let mut less = context.clone();
        less.remove(at);
        neighbours.push(act(resource.clone(), less));
    }
    neighbours
}

fn elsewhere(action: &str, resource: &str) -> Vec<String> {
    // The cluster in the condition bounds it, whatever the resource: see `ecs` in the policy.
    if action == "ecs:ListTasks" {
        return Vec::new();
    }
    // Whose data streams are whose, their tags say: those whose names begin with the stack's are looked at.
    let sees_streams = ["kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream"].contains(&action);
    let mut others = vec![
        resource.replace("shop", "other"),
        resource.replace(ACCOUNT, "999999999999"),
        resource.replace(REGION, "eu-west-2"),
    ];
    if !sees_streams {
        others.push(resource.replace("shop", "shop-2"));
    }
    let ends_with_its_name = [":log-group:", ":deliverystream/", ":stream/", ":repository/", ":cluster/", ":service/"];
    let name = ends_with_its_name.iter().any(|kind| resource.contains(kind)) && !resource.contains(":log-stream:");
    let bucket = resource.starts_with("arn:aws:s3:::") && !resource.trim_start_matches("arn:aws:s3:::").contains('/');
    if (name || bucket) && !sees_streams {
        others.push(format!("{resource}-2"));
    }
    others.retain(|other| other != resource && resource != "*");
    others
}

#[tokio::test]
async fn whoever_deploys_may_do_what_the_verbs_call_and_nothing_to_neighbours() {
    let stack = stacks::shop().stack;
    let recorded = Recorded::start(stack).await;
    let mut questions = Vec::new();
    for (verb, acts) in life(&recorded).await {
        let policy = deployer::document(&recorded.stack, recorded.aws.place(), &[verb]);
        assert!(!acts.is_empty(), "{verb}");
        for act in acts {
            questions.extend(self::questions(&format!("deployer {verb}"), &policy, &act));
        }
    }
    check(questions);
}
