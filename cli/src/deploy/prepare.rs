//! From `firelens.toml` to the stack that is wanted, with the router's image.
use super::image::Built;
use crate::{
    Error, Ui,
    aws::AwsArgs,
    check, config,
    image::{self, Request},
    stack,
};
use firelens_infra::{
    Aws, Plan, Stack,
    plan::Options,
    resource::{image::Image, service},
};
use std::{path::Path, sync::Arc};

/// All that a plan is made of.
pub struct Prepared {
    pub aws: Aws,
    pub stack: Stack,
    options: Options,
}

impl Prepared {
    /// Reads the configuration, finds the way to AWS, and builds the image, in this order: what is wrong is said at once, and
    /// nothing is fetched before. The image's digest is known before anything of it is moved.
    ///
    /// # Errors
    /// A wrong configuration, no way to AWS, or a base image that cannot be had.
    pub async fn deploy(request: &Request, args: &AwsArgs, delete_data: bool, ui: &Ui) -> Result<Prepared, Error> {
        let (aws, built) = match request.offline(ui)? {
            Some(config) => {
                stack::named(&config)?;
                let aws = args.connect_to(&config, ui).await?;
                (aws, image::on_base(request, args, ui).await?)
            }
            None => {
                let built = image::on_base(request, args, ui).await?;
                stack::named(&built.config)?;
                (args.connect_to(&built.config, ui).await?, built)
            }
        };
        let config = built.config;
        let content = Arc::new(Built::new(built.image, args));
        let image = Image::of(stack::named(&config)?, stack::registry(&config), content);
        let reference = image.reference(aws.place());
        let adopted = stack::adopted(&config, &aws).await?;
        let stack = stack::of(&config, aws.place(), Some(&reference), adopted.as_ref())?;
        Ok(Prepared { aws, stack, options: Options { image: Some(image), delete_data } })
    }

    /// A stack that is to go, by its configuration.
    ///
    /// # Errors
    /// A wrong configuration, or no way to AWS.
    pub async fn destroy(path: &Path, args: &AwsArgs, delete_data: bool, ui: &Ui) -> Result<Prepared, Error> {
        if !path.exists() {
            let text = format!("there is no {}", path.display());
            return Err(Error::new(format!("{text}\n  without one, a stack is named: --stack NAME")));
        }
        let config = config::load(path, ui)?;
        check::checked(&config, ui)?;
        let aws = args.connect_to(&config, ui).await?;
        let stack = stack::remaining(&config, &aws).await?;
        Ok(Prepared { aws, stack, options: Options { image: None, delete_data } })
    }

    /// A stack that is to go, of which only the name is known.
    ///
    /// # Errors
    /// Without a way to AWS, and when the stack has the router in a service of the user's: which one, its configuration knows.
    /// The service would run on, without its image.
    pub async fn named(name: &str, args: &AwsArgs, delete_data: bool) -> Result<Prepared, Error> {
        let aws = args.connect().await?;
        let stack = Stack::named(name);
        if let Some(revision) = service::revision_among_theirs(&aws, &stack).await? {
            return Err(not_given_back(name, &revision));
        }
        Ok(Prepared { aws, stack, options: Options { image: None, delete_data } })
    }

    /// What a deploy would do.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    pub async fn plan(&self) -> Result<Plan, Error> {
        Ok(Plan::deploy(&self.aws, &self.stack, &self.options).await?)
    }

    /// What takes it away, once AWS shows what a deploy of a moment ago made.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    pub async fn plan_of_removal_after_deploy(&self, ui: &Ui) -> Result<Plan, Error> {
        let waits = |text: &str| ui.note(text);
        let (plan, unseen) =
            Plan::destroy_after_deploy(&self.aws, &self.stack, self.options.delete_data, &waits).await?;
        if !unseen.is_empty() {
            let what = unseen.join(", ");
            ui.warning(&format!("AWS does not show {what}: should the last deploy have made it, destroy again later"));
        }
        Ok(plan)
    }

    /// What takes it away.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    pub async fn plan_of_removal(&self) -> Result<Plan, Error> {
        Ok(Plan::destroy(&self.aws, &self.stack, self.options.delete_data).await?)
    }
}

fn not_given_back(stack: &str, revision: &str) -> Error {
    Error::new(format!(
        "the stack {stack} has its router in {revision}, which a service that is not the stack's may run\n  \
         help: destroy it by its configuration, whose [stack.existing] names the service: it is given back then; \
         where the service has gone, deregister {revision} first"
    ))
}
