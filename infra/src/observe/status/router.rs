//! The log router in the revision that a service runs: whether it is there, whose it is, and whether it is the one of the last deploy.
use crate::{
    Aws, Result, Stack,
    resource::{
        Owner,
        task_definition::{
            revision::{self, Revision},
            router::Signs,
        },
    },
};
use serde::Serialize;
use serde_json::Value;

/// A service without the stack's current router delivers no lines, or not as the configuration says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Router {
    /// `web:7`, which the service runs.
    pub task_definition: String,
    pub state: State,
    /// The image of its router.
    pub image: Option<String>,
    /// The newest revision that a deploy of the stack made, and the image of its router.
    pub deployed: Option<Deployed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deployed {
    pub task_definition: String,
    pub image: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "stack")]
pub enum State {
    /// That of the last deploy.
    Current,
    /// That of an earlier one.
    Older,
    Missing,
    /// Of another stack.
    OfStack(String),
    /// Not made by the kit.
    Foreign,
}

impl Router {
    /// What is wrong with it, and what to do.
    pub fn problem(&self, service: &str) -> Option<String> {
        let runs = format!("the service {service} runs {}", self.task_definition);
        let image =
            |image: &Option<String>| image.as_deref().map_or_else(String::new, |image| digest(image).to_string());
        match &self.state {
            State::Current => None,
            State::Missing => Some(format!("{runs}, which has no log router; `firelens-kit deploy` puts it back")),
            State::OfStack(other) => {
                let way = "take the service out of the [stack.existing] of one of the two";
                Some(format!("{runs}, which has the log router of the stack `{other}`; {way}"))
            }
            State::Foreign => Some(format!(
                "{runs}, whose log router is not the stack's; `firelens-kit plan` shows what a deploy changes"
            )),
            State::Older => {
                let Deployed { task_definition, image: newest } = self.deployed.as_ref()?;
                Some(format!(
                    "{runs}, whose log router ({}) has an older configuration than {task_definition} of the last deploy ({}); \
                     `firelens-kit deploy` brings the current one",
                    image(&self.image),
                    digest(newest)
                ))
            }
        }
    }
}

/// `sha256:…`, or the whole reference where it has none.
fn digest(image: &str) -> &str {
    image.rsplit_once('@').map_or(image, |(_, digest)| digest)
}

/// That of the revision that a service runs.
pub(super) async fn read(stack: &Stack, aws: &Aws, runs: &str) -> Result<Option<Router>> {
    let signs = Signs::of(stack);
    let Some(runs) = Revision::read(aws, runs).await? else { return Ok(None) };
    let router = signs.router(&runs.definition, &runs.tags);
    let image = router.as_ref().and_then(|router| image(&runs.definition, router.container));
    let (state, deployed) = match router.map(|router| router.owner) {
        None => (State::Missing, None),
        Some(Owner::Nobody | Owner::Region(_)) => (State::Foreign, None),
        Some(Owner::Stack(other)) => (State::OfStack(other), None),
        Some(Owner::Ours) => {
            let family = runs.definition["family"].as_str().unwrap_or_default();
            let deployed = revision::newest_ours(aws, &signs, family).await?.and_then(|newest| {
                let router = signs.router(&newest.definition, &newest.tags)?;
                let image = self::image(&newest.definition, router.container)?;
                Some(Deployed { task_definition: short(&newest.arn), image })
            });
            let older = deployed.as_ref().is_some_and(|deployed| Some(&deployed.image) != image.as_ref());
            (if older { State::Older } else { State::Current }, deployed)
        }
    };
    Ok(Some(Router { task_definition: short(&runs.arn), state, image, deployed }))
}

fn image(definition: &Value, container: &str) -> Option<String> {
    let mut containers = definition["containerDefinitions"].as_array()?.iter();
    Some(containers.find(|one| one["name"] == container)?["image"].as_str()?.to_string())
}

fn short(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or_default().to_string()
}
