//! A service that is on its way out while its cluster is to go: what a destroy leaves that was cut off.
use super::stage::{SHOP, Stage};
use e2e::fault_proxy::Fault;

const DRAINING: Fault = Fault::Answer(
    r#"{"services": [{
        "serviceName": "shop", "status": "DRAINING", "desiredCount": 0, "runningCount": 1,
        "taskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:1",
        "tags": [{"key": "firelens-kit:stack", "value": "shop"}]
    }]}"#,
);

const SERVICES: Fault =
    Fault::Error(400, "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.");

const TASKS: Fault =
    Fault::Error(400, "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.");

const DESTROY: [&str; 3] = ["destroy", "--yes", "--delete-data"];

#[test]
fn a_cluster_goes_when_the_stacks_own_service_has_drained() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.deploy("shop");
    let ecs = "AmazonEC2ContainerServiceV20141113.DeleteService";
    stage.call("ecs", ecs, serde_json::json!({ "cluster": "shop", "service": "shop", "force": true }));
    // The first call of DeleteCluster, and the second: the service drains, and then its last task stops.
    stage.proxy.fail("ecs:DescribeServices", DRAINING, usize::MAX);
    stage.proxy.fail("ecs:DeleteCluster", SERVICES, 1);
    stage.proxy.fail("ecs:DeleteCluster", TASKS, 1);
    let ended = stage.kit("shop", &DESTROY).ok().says("cluster shop: waiting until the service shop has drained");
    let ended = ended.says("cluster shop: waiting until the last tasks have stopped");
    stage.proxy.heal();
    assert_eq!(stage.everything(), Vec::<String>::new());
    told_once(&ended.stderr);
}

/// What is waited for is told when it changes, however often AWS is asked.
fn told_once(stderr: &str) {
    let waits = stderr.lines().filter(|line| line.starts_with("  ") && line.contains(": waiting until")).map(|line| {
        assert!(line.ends_with(" s so far)"), "{line}");
        line.rsplit_once(" (").unwrap().0
    });
    let mut waits: Vec<&str> = waits.collect();
    let count = waits.len();
    waits.sort_unstable();
    waits.dedup();
    assert!(count > 0 && waits.len() == count, "{stderr}");
}

#[test]
fn a_cluster_with_services_of_others_stays_and_it_is_said() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.deploy("shop");
    stage.proxy.fail("ecs:DeleteCluster", SERVICES, usize::MAX);
    let ended = stage.kit("shop", &DESTROY).code(1).says("ClusterContainsServicesException");
    ended.says("services that are not the stack's run in it").says("run the same command again");
    stage.proxy.heal();
    stage.kit("shop", &DESTROY).ok();
    assert_eq!(stage.everything(), Vec::<String>::new());
}
