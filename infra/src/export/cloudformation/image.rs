//! The router's image. It is pushed to the stack's repository, so the stack is there before it: without an image a stack has
//! no task definition and no service, and gets them when it is updated with one.
use super::{
    Draft,
    expression::reference,
    parameter::{Parameter, Subject},
};
use crate::stack::{Registry, Run};
use serde_json::{Value, json};

pub(crate) const PARAMETER: &str = "RouterImage";

/// An image is given.
const CONDITION: &str = "HasRouterImage";

/// An image by its digest, as `firelens-kit push` says it.
const PATTERN: &str = r"\S+/\S+@sha256:[0-9a-f]{64}";

/// Adds the parameter, before any other that could have its name.
pub(crate) fn declare(draft: &mut Draft<'_>) {
    if !matches!(draft.stack.run, Run::Own(_)) {
        return;
    }
    let (default, pattern, without) = match draft.stack.registry {
        Registry::Ecr { .. } => (
            Some("".into()),
            format!("^({PATTERN})?$"),
            " Without it no task runs; push it to the repository, and say it then.",
        ),
        Registry::Other(_) => (None, format!("^{PATTERN}$"), ""),
    };
    let description =
        format!("The log router's image, as firelens-kit push prints it (HOST/NAME@sha256:...).{without}");
    let constraints =
        vec![("AllowedPattern", pattern.into()), ("ConstraintDescription", "HOST/NAME@sha256:...".into())];
    let subject = Subject::Images;
    draft.parameters.add(PARAMETER, Parameter { subject, kind: "String", description, default, constraints });
}

/// What is made with an image only.
pub(crate) fn needed(draft: &Draft<'_>) -> Option<&'static str> {
    matches!((&draft.stack.registry, &draft.stack.run), (Registry::Ecr { .. }, Run::Own(_))).then_some(CONDITION)
}

/// The section of the template.
pub(crate) fn section(draft: &Draft<'_>) -> Option<Value> {
    let given = json!({ "Fn::Not": [{ "Fn::Equals": [reference(PARAMETER), ""] }] });
    needed(draft).map(|condition| json!({ condition: given }))
}
