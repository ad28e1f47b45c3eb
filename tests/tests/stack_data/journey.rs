//! What every resource has to do.
use crate::stage::Stage;
use e2e::fault_proxy::Fault;
use firelens_infra::resource::{self, Found, Known, Owner};
use firelens_infra::{Aws, Error, Resource};
use serde_json::Value;
use std::sync::Mutex;
use std::time::Duration;

pub async fn read(aws: &Aws, resource: &dyn Resource) -> Option<Found> {
    resource.read(aws).await.unwrap_or_else(|error| panic!("reading {}: {error}", resource.id()))
}

/// Makes it; what it said that it waits for.
pub async fn create(stage: &Stage, resource: &dyn Resource) -> Result<Vec<String>, Error> {
    let said = create_by(&stage.aws, resource).await;
    stage.proxy.settle();
    said
}

/// The same, by other clients.
pub async fn create_by(aws: &Aws, resource: &dyn Resource) -> Result<Vec<String>, Error> {
    let said = Mutex::new(Vec::new());
    let progress = |text: &str| said.lock().expect("no panic holds it").push(text.to_owned());
    resource.create(aws, &Known::default(), &progress).await?;
    Ok(said.into_inner().expect("no panic holds it"))
}

/// The attributes that are not as they shall be.
pub async fn differences(aws: &Aws, resource: &dyn Resource) -> Vec<String> {
    let found = read(aws, resource).await.unwrap_or_else(|| panic!("{} is not there", resource.id()));
    assert_eq!(found.owner, Owner::Ours);
    let wanted = resource.wanted(&Known::default());
    let (Value::Object(wanted), Value::Object(found)) = (wanted, found.attributes) else { panic!("no objects") };
    assert!(wanted.keys().eq(found.keys()), "{:?} {:?}", wanted.keys(), found.keys());
    wanted.into_iter().filter(|(name, value)| found.get(name) != Some(value)).map(|(name, _)| name).collect()
}

pub async fn change(aws: &Aws, resource: &dyn Resource, changed: &[&str]) {
    let update = resource::update(resource, aws, &Known::default(), changed, &|_| {}).await;
    update.unwrap_or_else(|error| panic!("changing {changed:?} of {}: {error}", resource.id()));
}

/// Changes what is not as it shall be, after which nothing is left to change.
pub async fn mend(aws: &Aws, resource: &dyn Resource) {
    let changed = differences(aws, resource).await;
    change(aws, resource, &changed.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(differences(aws, resource).await, [""; 0], "after a change of {changed:?}");
}

/// It is made as it is wanted; made again, it stays so; it goes, and going again is no error.
pub async fn comes_and_goes(stage: &Stage, resource: &dyn Resource) {
    let aws = &stage.aws;
    assert_eq!(read(aws, resource).await, None);
    create(stage, resource).await.unwrap_or_else(|error| panic!("making {}: {error}", resource.id()));
    assert_eq!(differences(aws, resource).await, [""; 0]);
    create(stage, resource).await.unwrap_or_else(|error| panic!("making {} again: {error}", resource.id()));
    assert_eq!(differences(aws, resource).await, [""; 0]);
    for _ in 0..2 {
        let deleted = resource.delete(aws, &|_| {}).await;
        deleted.unwrap_or_else(|error| panic!("deleting {}: {error}", resource.id()));
        assert_eq!(read(aws, resource).await, None);
        stage.proxy.settle();
    }
}

/// What is there under its name without our tag is nobody's, and a create that runs into it leaves it alone.
pub async fn is_not_ours(stage: &Stage, resource: &dyn Resource) {
    let found = read(&stage.aws, resource).await.expect("it is there");
    assert_eq!(found.owner, Owner::Nobody);
    stage.proxy.forget();
    let error = create(stage, resource).await.expect_err("it is another's").to_string();
    assert!(error.contains("was not made by this stack"), "{error}");
    let mutations = stage.proxy.mutations();
    assert!(mutations.iter().all(|call| call.contains("Create") || call.contains("s3:PUT /")), "{mutations:?}");
    assert_eq!(read(&stage.aws, resource).await, Some(found), "it is as it was");
}

/// A create that is cut off at each of its changes in turn, before the change gets to AWS and after, is gone on with by a
/// second run: either the plan sees nothing, and makes it, or it sees what there is, and mends it.
pub async fn survives_a_kill(stage: &Stage, make: impl Fn(usize) -> Box<dyn Resource>) {
    let mut number = 0;
    for fault in [Fault::Hang, Fault::Lost] {
        for after in 0.. {
            number += 1;
            let resource = make(number);
            stage.proxy.heal();
            stage.proxy.forget();
            stage.proxy.fail_after(after, fault);
            let cut = tokio::select! {
                made = create(stage, &*resource) => {
                    made.unwrap_or_else(|error| panic!("{fault:?} after {after}: {error}"));
                    false
                }
                () = fault_happens(stage) => true,
            };
            stage.proxy.heal();
            if !cut {
                assert!(after > 0, "no change was made");
                break;
            }
            let place = format!("{fault:?} after {after}, {:?}", stage.proxy.mutations());
            match read(&stage.aws, &*resource).await {
                None => drop(create(stage, &*resource).await.unwrap_or_else(|error| panic!("{place}: {error}"))),
                Some(found) if found.owner == Owner::Ours => {
                    stage.proxy.settle();
                    mend(&stage.aws, &*resource).await;
                }
                Some(found) => panic!("{place}: {found:?}"),
            }
            assert_eq!(differences(&stage.aws, &*resource).await, [""; 0], "{place}");
        }
    }
}

/// Each change of a create meets in turn with what passes: it comes to its end all the same.
pub async fn survives_faults(stage: &Stage, make: impl Fn(usize) -> Box<dyn Resource>) {
    let mut number = 0;
    for fault in [Fault::Throttle, Fault::Reset, Fault::Internal, Fault::Lost] {
        for after in 0.. {
            number += 1;
            let resource = make(1000 + number);
            stage.proxy.heal();
            stage.proxy.forget();
            stage.proxy.fail_once_after(after, fault);
            let place = format!("{fault:?} after {after}");
            create(stage, &*resource).await.unwrap_or_else(|error| panic!("{place}: {error}"));
            assert_eq!(differences(&stage.aws, &*resource).await, [""; 0], "{place}");
            // An answer that is lost takes its time: only that of the first call is.
            if fault == Fault::Lost || !stage.proxy.wait_for_fault(Duration::ZERO) {
                break;
            }
        }
    }
    stage.proxy.heal();
}

async fn fault_happens(stage: &Stage) {
    while !stage.proxy.wait_for_fault(Duration::ZERO) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
