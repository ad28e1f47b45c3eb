//! A stack whose destinations change: whatever runs at a moment, new tasks, old ones, those of a rollback, has its rights.
use super::kills::kill_at;
use super::stage::{REGION, SHOP, Stage};
use e2e::fault_proxy::Fault;
use e2e::iam::Act;
use e2e::moto::ACCOUNT;
use std::sync::atomic::Ordering;

const TO_SHOP: [&str; 4] = [
    "logs:CreateLogStream logs log-group:/shop/live:log-stream:httpd",
    "logs:PutLogEvents logs log-group:/shop/live:log-stream:httpd",
    "firehose:PutRecordBatch firehose deliverystream/shop-archive",
    "kinesis:PutRecords kinesis stream/shop-clicks",
];

const TO_OTHERS: [&str; 3] = [
    "logs:PutLogEvents logs log-group:/shop/elsewhere:log-stream:httpd",
    "firehose:PutRecordBatch firehose deliverystream/shop-longer",
    "kinesis:PutRecords kinesis stream/shop-clicks",
];

fn acts(lines: &[&str]) -> Vec<Act> {
    let act = |line: &&str| {
        let [action, service, resource] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        Act::new(action, format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"))
    };
    lines.iter().map(act).collect()
}

/// Two of the three destinations are others.
fn others() -> String {
    SHOP.replace("live", "elsewhere").replace("archive", "longer")
}

fn write_shop(stage: &Stage) {
    stage.write("shop", SHOP);
    stage.proxy.next_revision_does(acts(&TO_SHOP));
}

fn write_others(stage: &Stage) {
    stage.write("shop", &others());
    stage.proxy.next_revision_does(acts(&TO_OTHERS));
}

/// A stack that was deployed, by somebody whose rights are those of both configurations.
fn deployed() -> Stage {
    let stage = Stage::set();
    stage.keeps_rights.store(true, Ordering::Relaxed);
    write_shop(&stage);
    stage.deploy("shop");
    stage
}

/// The text of a role's policy.
fn policy(stage: &Stage, role: &str) -> String {
    let form = format!("Action=GetRolePolicy&Version=2010-05-08&RoleName={role}&PolicyName=firelens-kit");
    stage.query("iam", &form)
}

/// It is as it shall be, and no role has the rights of before.
fn is_narrow(stage: &Stage, without: &[&str], when: &str) {
    assert_eq!(stage.changes("shop"), Vec::<String>::new(), "{when}");
    for role in ["shop-task", "shop-firehose"] {
        let policy = policy(stage, role);
        assert!(without.iter().all(|name| !policy.contains(name)), "{when}: {role} has rights of before: {policy}");
    }
}

const OF_SHOP: [&str; 3] = ["shop%2Flive", "/shop/live", "shop-archive"];
const OF_OTHERS: [&str; 2] = ["elsewhere", "shop-longer"];

#[test]
fn destinations_change_and_all_that_runs_has_its_rights() {
    let stage = deployed();
    write_others(&stage);
    let changes = stage.changes("shop");
    for change in ["update role shop-task", "narrow role shop-task", "narrow role shop-firehose"] {
        assert!(changes.contains(&change.to_owned()), "{change}: {changes:?}");
    }
    stage.proxy.forget();
    stage.deploy("shop").says("narrowed role shop-task");
    let calls = stage.proxy.mutations();
    let of = |call: &str| -> Vec<usize> {
        calls.iter().enumerate().filter(|(_, one)| *one == call).map(|(at, _)| at).collect()
    };
    let (rights, rollout, gone) =
        (of("iam:PutRolePolicy"), of("ecs:UpdateService"), of("firehose:DeleteDeliveryStream"));
    // What the cloud does not know yet is tried again.
    assert!(!rollout.is_empty() && !gone.is_empty() && rollout[rollout.len() - 1] < gone[0], "{calls:?}");
    let (before, after): (Vec<usize>, Vec<usize>) = rights.into_iter().partition(|at| *at < rollout[0]);
    assert!(before.len() >= 2 && after.len() >= 2, "{calls:?}");
    assert!(after.iter().all(|at| *at > gone[gone.len() - 1]), "{calls:?}");
    is_narrow(&stage, &OF_SHOP, "after the rollout");
    assert!(stage.proxy.rights_asked_for() > 200, "{}", stage.proxy.rights_asked_for());
}

const FAILED: Fault = Fault::Error(400, "InvalidParameterException", "the deployment of the tests fails");

/// A router that ran before its destinations are there would lose what it sends.
#[test]
fn nothing_is_rolled_out_before_its_destinations_are_there() {
    let stage = deployed();
    write_others(&stage);
    stage.proxy.forget();
    stage.proxy.fail("firehose:CreateDeliveryStream", LIMIT, usize::MAX);
    let waits = "not begun: service shop/shop, because of delivery stream shop-longer";
    stage.kit("shop", &["deploy", "--yes"]).code(1).says(waits);
    assert!(!stage.proxy.mutations().contains(&"ecs:UpdateService".to_owned()));
    stage.proxy.heal();
    stage.deploy("shop");
    is_narrow(&stage, &OF_SHOP, "after the second try");
}

const LIMIT: Fault = Fault::Error(400, "LimitExceededException", "You have already consumed your firehose quota");

#[test]
fn a_rollout_that_fails_finds_the_rights_to_go_back() {
    let stage = deployed();
    write_others(&stage);
    stage.proxy.fail("ecs:UpdateService", FAILED, usize::MAX);
    stage.kit("shop", &["deploy", "--yes"]).code(1).says("not begun: role shop-task");
    for name in ["/shop/live", "/shop/elsewhere", "shop-archive", "shop-longer"] {
        assert!(policy(&stage, "shop-task").replace("%2F", "/").contains(name), "{name}");
    }
    assert!(stage.changes("shop").contains(&"narrow role shop-task".to_owned()));
    stage.proxy.heal();
    stage.deploy("shop");
    is_narrow(&stage, &OF_SHOP, "after the second try");
}

#[test]
fn what_is_given_up_after_a_rollout_that_failed_is_narrowed() {
    let stage = deployed();
    write_others(&stage);
    stage.proxy.fail("ecs:UpdateService", FAILED, usize::MAX);
    stage.kit("shop", &["deploy", "--yes"]).code(1);
    stage.proxy.heal();
    write_shop(&stage);
    stage.deploy("shop");
    is_narrow(&stage, &OF_OTHERS, "after going back");
}

/// Rollouts forth and back, each killed so many changes later than the one before, from this one on, and run again.
fn rollouts_from(first: usize) {
    let stage = deployed();
    let mut change = first;
    for forth in [true, false].into_iter().cycle() {
        if forth {
            write_others(&stage)
        } else {
            write_shop(&stage)
        }
        if !kill_at(&stage, change, &["deploy", "--yes"]) {
            break;
        }
        stage.deploy("shop");
        is_narrow(&stage, if forth { &OF_SHOP } else { &OF_OTHERS }, &format!("killed after {change} changes"));
        change += SHARE;
    }
    assert!(change > 10, "a rollout makes more than {change} changes");
}

/// Each of these tests takes its share of the changes, so that they run beside each other.
macro_rules! each_share {
    ($($module:ident $first:expr),+) => {
        /// How many there are.
        const SHARE: usize = [$($first),+].len();
        $(mod $module {
            #[test]
            fn a_rollout_that_is_killed_at_any_call_is_narrowed_by_the_next() {
                super::rollouts_from($first);
            }
        })+
    };
}

each_share!(first 0, second 1, third 2);
