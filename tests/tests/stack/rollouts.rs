//! A stack whose destinations change: whatever runs at a moment, new tasks, old ones, those of a rollback, has its rights.
use super::stage::{REGION, SHOP, Stage};
use e2e::fault_proxy::Fault;
use e2e::iam::Act;
use e2e::moto::ACCOUNT;
use std::sync::atomic::Ordering;
use std::time::Duration;

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
    assert!(rights.len() == 4 && !rollout.is_empty() && !gone.is_empty(), "{calls:?}");
    assert!(rights[1] < rollout[0] && rollout[rollout.len() - 1] < gone[0], "{calls:?}");
    assert!(gone[gone.len() - 1] < rights[2], "{calls:?}");
    is_narrow(&stage, &OF_SHOP, "after the rollout");
    assert!(stage.proxy.rights_asked_for() > 200, "{}", stage.proxy.rights_asked_for());
}

const FAILED: Fault = Fault::Error(400, "InvalidParameterException", "the deployment of the tests fails");

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
    is_narrow(&stage, &["elsewhere", "shop-longer"], "after going back");
}

/// Killed after each change of a rollout, forth and back.
#[test]
fn a_rollout_that_is_killed_at_any_call_is_narrowed_by_the_next() {
    let stage = deployed();
    let mut change = 0;
    loop {
        let forth = change % 2 == 0;
        if forth {
            write_others(&stage)
        } else {
            write_shop(&stage)
        }
        if !killed_at(&stage, change) {
            break;
        }
        stage.deploy("shop");
        let of_others = ["elsewhere", "shop-longer"];
        is_narrow(&stage, if forth { &OF_SHOP } else { &of_others }, &format!("killed after {change} changes"));
        change += 1;
    }
    assert!(change > 10, "a rollout makes more than {change} changes");
}

/// Runs a deploy until so many changes are made and the next one is on its way, and kills it. `false` when there are no more.
fn killed_at(stage: &Stage, change: usize) -> bool {
    stage.proxy.forget();
    stage.proxy.fail_after(change, Fault::Hang);
    let mut run = stage.start("shop", &["deploy", "--yes"]);
    let met = loop {
        let ended = run.try_wait().unwrap().is_some();
        if stage.proxy.wait_for_fault(Duration::from_millis(50)) {
            break true;
        }
        if ended {
            break false;
        }
    };
    if met {
        run.kill().unwrap();
    }
    let ended = super::stage::Ended::of(run.wait_with_output().unwrap());
    assert!(met || ended.code == Some(0), "{ended:?}");
    stage.proxy.heal();
    met
}
