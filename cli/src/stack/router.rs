//! The router, put into a task definition of the stack.
use crate::{
    Error,
    config::{Config, problem, stack::Run},
};
use firelens_infra::{Place, Stack, resource::LATER};
use firelens_pipeline::{
    Pipeline,
    task_definition::{
        self,
        inject::{self, Apps, OwnLog, Request},
    },
};
use serde_json::{Map, Value};

/// All that the router's container follows from.
pub(super) struct Router<'a> {
    pub config: &'a Config,
    pub pipeline: &'a Pipeline,
    /// Without what runs it.
    pub stack: &'a Stack,
    pub place: &'a Place,
    /// `None`: it is not known yet.
    pub image: Option<&'a str>,
}

const ROLES: [&str; 2] = ["taskRoleArn", "executionRoleArn"];

/// What may be replaced in a task definition.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Replace {
    pub log_driver: bool,
    pub router: bool,
}

/// The flags of `inject` in the help of its problems, and what is written in `firelens.toml` instead.
const WORDS: [(&str, &str); 3] = [
    ("--replace-log-driver", "replace_log_driver = true in [stack.existing]"),
    ("--replace-router", "replace_router = true in [stack.existing]"),
    ("the next size that Fargate offers is", "say in [stack] what it shall have; the next size that Fargate offers is"),
];

impl Router<'_> {
    /// The container and its volume are added, and the app's containers send their lines to it. Roles that it does not name
    /// are the stack's, and are filled in when it is made.
    ///
    /// # Errors
    /// What contradicts it in the task definition, which is called `title`.
    pub(super) fn put_into(&self, title: &str, task_definition: &Value, replace: Replace) -> Result<WithRouter, Error> {
        let ours: Vec<&str> = ROLES.into_iter().filter(|key| task_definition[*key].is_null()).collect();
        let mut whole = task_definition.clone();
        ours.iter().for_each(|key| whole[*key] = LATER.into());
        let source = format!("{whole:#}\n");
        let injected = inject::inject(&source, &self.request(&source, replace));
        let injected = injected.map_err(|problems| {
            let problems: Vec<_> = problems.into_iter().map(|found| problem::Problem::from(in_toml(found))).collect();
            Error::Rendered(problem::render(title, &source, &problems, false))
        })?;
        let broken = |error| Error::new(format!("{title}: {error}"));
        let mut with_router: Map<String, Value> = serde_json::from_str(&injected.text).map_err(broken)?;
        ours.iter().for_each(|key| _ = with_router.shift_remove(*key));
        let notes = injected.notes.iter().filter_map(|note| of_containers(note)).collect();
        Ok(WithRouter { definition: with_router.into(), notes })
    }

    fn request(&self, source: &str, replace: Replace) -> Request {
        let there = task_definition::read(source).0;
        let router = there.as_ref().and_then(|task| task.routers().next());
        // A router that logs elsewhere already goes on to.
        let logs = router.is_some_and(|router| router.log_configuration.is_some());
        let group = (!logs).then(|| self.stack.router_log_group());
        let names = self.containers();
        // In a task definition of ours every container of the app is ours; in another only those that the file names.
        let all = matches!(self.config.stack.run, Run::Own(_)) || names.is_empty();
        Request {
            limit_driver_buffer: true,
            apps: Apps { names, unconfigured: all },
            replace_log_driver: replace.log_driver,
            replace_router: replace.router,
            register: true,
            router: inject::Router {
                image: self.image.or(router.is_none().then_some(LATER)).map(str::to_string),
                log: OwnLog { group, region: Some(self.place.region.clone()) },
                environment: self.environment(),
                ..inject::Router::of(self.pipeline)
            },
        }
    }

    fn containers(&self) -> Vec<String> {
        self.config.spec.containers.iter().map(|container| container.name.clone()).collect()
    }

    /// The names of buckets that follow from the account.
    fn environment(&self) -> Vec<(String, Option<String>)> {
        let variables = self.pipeline.variables().into_iter();
        variables.map(|(name, to)| (name, Some(self.place.bucket(&self.stack.name, &to.name)))).collect()
    }
}

/// A task definition with the router in it.
#[derive(Debug)]
pub(super) struct WithRouter {
    pub definition: Value,
    /// Which containers go on logging elsewhere.
    pub notes: Vec<String>,
}

/// What `inject` notes about a container, in the words of `firelens.toml`. Its other notes are about what a deploy makes itself.
fn of_containers(note: &str) -> Option<String> {
    let of_container = note.starts_with("container `");
    of_container.then(|| {
        note.replace("--all sends its lines to the router", "name it in firelens.toml to send its lines to the router")
    })
}

fn in_toml(mut problem: task_definition::Problem) -> task_definition::Problem {
    for (flag, words) in WORDS {
        problem.help = problem.help.map(|help| help.replace(flag, words));
    }
    problem
}
