use super::*;
use crate::{
    Place, Resource, Result,
    resource::{Changes, Found, Kind, Known, Owner, Progress},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// A resource that writes down when it is worked on.
#[derive(Debug, Clone)]
struct Thing {
    name: &'static str,
    needs: &'static [&'static str],
    fails: bool,
    log: Arc<Mutex<Vec<String>>>,
}

impl Thing {
    async fn work(&self, what: &str) -> Result<()> {
        self.log.lock().unwrap().push(format!("{what} {}", self.name));
        tokio::task::yield_now().await;
        if self.fails { Err(Error::new("no")) } else { Ok(()) }
    }
}

#[async_trait]
impl Resource for Thing {
    fn id(&self) -> Id {
        Id::new(Kind::Role, self.name)
    }

    fn depends_on(&self) -> Vec<Id> {
        self.needs.iter().map(|name| Id::new(Kind::Role, *name)).collect()
    }

    fn wanted(&self, _: &Known) -> Value {
        json!({"a": 1, "new": 2})
    }

    async fn read(&self, _: &Aws) -> Result<Option<Found>> {
        Ok(None)
    }

    async fn create(&self, _: &Aws, _: &Known, _: Progress<'_>) -> Result<()> {
        self.work("create").await
    }

    /// It knows how to change `a` only.
    async fn update(&self, _: &Aws, _: &Known, changes: &mut Changes<'_>, _: Progress<'_>) -> Result<()> {
        match changes.take("a") {
            true => self.work("update a of").await,
            false => Ok(()),
        }
    }

    async fn delete(&self, _: &Aws, _: Progress<'_>) -> Result<()> {
        self.work("delete").await
    }
}

const EDGES: [(&str, &[&str]); 4] =
    [("role", &[]), ("bucket", &[]), ("stream", &["role", "bucket"]), ("app", &["stream"])];

async fn run(failing: &str, there: Option<Value>, destroy: bool, stop: bool) -> (Vec<String>, Outcome) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let things = EDGES.map(|(name, needs)| {
        let thing = Thing { name, needs, fails: name == failing, log: Arc::clone(&log) };
        let found = there.clone().map(|attributes| Found { owner: Owner::Ours, attributes, physical: None });
        (Arc::new(thing) as Arc<dyn Resource>, found)
    });
    let place = Place { partition: "aws".into(), account: "1".into(), region: "r".into(), plain_http: false };
    let plan = match destroy {
        true => Plan::to_destroy("s", &place, things.into(), false),
        false => Plan::to_deploy("s", &place, things.into(), Vec::new(), true),
    };
    let token = CancellationToken::new();
    if stop {
        token.cancel();
    }
    let outcome = apply(&Aws::for_tests(), &plan, &token, &|_| {}).await;
    let log = log.lock().unwrap().clone();
    (log, outcome)
}

#[tokio::test]
async fn each_comes_after_what_it_depends_on() {
    let (log, outcome) = run("", None, false, false).await;
    assert_eq!(log, ["create role", "create bucket", "create stream", "create app"]);
    assert!(outcome.is_complete());
    let (log, _) = run("", Some(json!({"a": 1})), true, false).await;
    assert_eq!(log, ["delete app", "delete stream", "delete bucket", "delete role"]);
    let (log, outcome) = run("", Some(json!({"a": 2, "new": 2})), false, false).await;
    assert_eq!(log[0], "update a of role");
    assert!(outcome.is_complete());
}

#[tokio::test]
async fn an_attribute_that_no_update_changes_is_an_error() {
    let (_, outcome) = run("", Some(json!({"a": 1})), false, false).await;
    let errors: Vec<String> = outcome.failed.iter().map(|(_, error)| error.to_string()).collect();
    assert!(errors.iter().all(|error| error.contains("`new`")) && !errors.is_empty(), "{errors:?}");
}

#[tokio::test]
async fn a_failure_stops_what_depends_on_it_and_nothing_else() {
    let (log, outcome) = run("role", None, false, false).await;
    assert_eq!(log, ["create role", "create bucket"]);
    let names = |ids: &[Id]| ids.iter().map(|id| id.name.clone()).collect::<Vec<_>>();
    assert_eq!(
        (names(&outcome.done), names(&outcome.skipped)),
        (vec!["bucket".into()], vec!["stream".into(), "app".into()])
    );
    assert_eq!(outcome.failed[0].0.name, "role");
}

#[tokio::test]
async fn nothing_is_begun_after_a_stop() {
    let (log, outcome) = run("", None, false, true).await;
    assert!(log.is_empty());
    assert_eq!(outcome.skipped.len(), EDGES.len());
}
