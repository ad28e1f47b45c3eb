//! A stack's plan: what is wanted, what is there, and what is left over, read side by side.
use super::{Plan, Problem, Verb, hide, ids, read, read_remains};
use crate::{
    Aws, Id, Kind, Resource, Result, Stack, lock, model, others,
    resource::{Removal, image::Image, log_group::LogGroup, task_definition::router::Signs},
    stack::Target,
};
use std::{collections::HashSet, sync::Arc};

/// What a plan takes into account besides the stack.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The router's image, if there is to be one.
    pub image: Option<Image>,
    /// What holds the user's logs goes, too, when it is no longer wanted.
    pub delete_data: bool,
}

impl Plan {
    /// What makes the stack as it shall be.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    pub async fn deploy(aws: &Aws, stack: &Stack, options: &Options) -> Result<Plan> {
        let wanted = wanted(aws, stack, options);
        let names = ids(&wanted);
        let left = async { read_remains(aws, others::remains(aws, stack, &names).await?, &names).await };
        let (wanted, (left, unread), others, missing) =
            futures::try_join!(read(aws, wanted), left, other_stacks(aws, stack), missing_groups(aws, stack))?;
        let mut plan = Plan::to_deploy(&stack.name, aws.place(), wanted, left, !options.delete_data);
        plan.leave(unread);
        plan.other_stacks = others;
        let current = options.image.as_ref().map(|image| image.content.digest());
        plan.keep_what_is_in_use(aws, &Signs::of(stack), current).await?;
        plan.problems.extend(missing);
        Ok(plan)
    }

    /// What takes the stack away, be it as it was deployed or not: `stack` adds what carries no tag, which is our part in
    /// resources of others.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    pub async fn destroy(aws: &Aws, stack: &Stack, delete_data: bool) -> Result<Plan> {
        let mut there = others::remains(aws, stack, &HashSet::new()).await?;
        let known = ids(&there);
        let modelled = model::resources(stack, aws.place());
        let model = ids(&modelled);
        there.extend(modelled.into_iter().filter(|resource| !known.contains(&resource.id())));
        let ((there, unread), others) = futures::try_join!(read_remains(aws, there, &model), other_stacks(aws, stack))?;
        let mut plan = Plan::to_destroy(&stack.name, aws.place(), there, !delete_data);
        plan.leave(unread);
        plan.other_stacks = others;
        plan.say_how_it_is_given_back(aws).await?;
        plan.refuse_what_is_in_use(aws, &Signs::of(stack)).await?;
        Ok(plan)
    }

    /// Of what is the user's and has been ours in part: from what to what it goes.
    async fn say_how_it_is_given_back(&mut self, aws: &Aws) -> Result<()> {
        for action in self.actions.iter_mut().filter(|action| action.action == Verb::GiveBack) {
            let Removal { mut changes, note, problem } = action.resource.removal(aws).await?;
            hide(&*action.resource, &mut changes);
            (action.changes, action.note) = (changes, note);
            let id = action.id.clone();
            self.problems.extend(problem.map(|(message, help)| Problem { id, message, help }));
        }
        Ok(())
    }
}

/// The model's resources, the image, and the log group of the deploys.
fn wanted(aws: &Aws, stack: &Stack, options: &Options) -> Vec<Arc<dyn Resource>> {
    let mut wanted = model::resources(stack, aws.place());
    wanted.insert(0, lock::group(stack));
    if let Some(image) = &options.image {
        let repository = Id::new(Kind::Repository, &image.repository);
        let at = wanted.iter().position(|resource| resource.id() == repository).map_or(1, |at| at + 1);
        wanted.insert(at, Arc::new(image.clone()));
    }
    wanted
}

/// Log groups that are to be there already, and are not: the router would lose what it sends to them.
async fn missing_groups(aws: &Aws, stack: &Stack) -> Result<Vec<Problem>> {
    let mut missing = Vec::new();
    for destination in stack.destinations.iter().filter(|destination| destination.existing) {
        let Target::LogGroup(group) = &destination.target else { continue };
        // A name with a variable is known to the router only.
        if group.name.contains('$') || LogGroup::exists(aws, &group.name).await? {
            continue;
        }
        let message =
            format!("does not exist in {}, and `{}` has `existing = true`", aws.place().region, destination.name);
        let help = "create it first, or remove `existing = true`: then it is created with the stack".to_string();
        missing.push(Problem { id: Id::new(Kind::LogGroup, &group.name), message, help });
    }
    Ok(missing)
}

async fn other_stacks(aws: &Aws, stack: &Stack) -> Result<Vec<String>> {
    Ok(others::stacks(aws).await?.into_iter().filter(|name| *name != stack.name).collect())
}
