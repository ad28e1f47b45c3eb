//! Names and tags: all follow from the stack's name, so that nothing has to be remembered.
use crate::Stack;
use std::collections::BTreeMap;

/// The tag that says whose a resource is.
pub const STACK_TAG: &str = "firelens-kit:stack";

/// The tag of a revision of ours in a family of the user's: the ARN of the revision that ran before.
pub const BEFORE_TAG: &str = "firelens-kit:before";

/// The end of the names of repositories, after the stack's.
pub const REPOSITORY_SUFFIX: &str = "-log-router";

/// The first part of the names of log groups that are no destinations.
pub const LOG_GROUP_ROOT: &str = "/firelens-kit/";

/// The first part of the roles' path, which the tagging API does not list.
pub const PATH_ROOT: &str = "/firelens-kit/";

impl Stack {
    /// All tags of a resource.
    pub fn all_tags(&self) -> BTreeMap<String, String> {
        let mut tags = self.tags.clone();
        tags.insert(STACK_TAG.to_string(), self.name.clone());
        tags
    }

    /// The path of the roles.
    pub fn path(&self) -> String {
        format!("{PATH_ROOT}{}/", self.name)
    }

    /// The task's role: what the router may do.
    pub fn task_role(&self) -> String {
        format!("{}-task", self.name)
    }

    /// The task execution role: what the ECS agent may do.
    pub fn execution_role(&self) -> String {
        format!("{}-execution", self.name)
    }

    pub fn firehose_role(&self) -> String {
        format!("{}-firehose", self.name)
    }

    pub fn repository(&self) -> String {
        format!("{}{REPOSITORY_SUFFIX}", self.name)
    }

    /// What the names of the log groups begin with that are no destinations.
    pub fn own_log_groups(&self) -> String {
        format!("{LOG_GROUP_ROOT}{}/", self.name)
    }

    /// The log group of the router's own log.
    pub fn router_log_group(&self) -> String {
        self.own_log_groups() + "router"
    }

    /// The log group of Firehose's delivery errors.
    pub fn firehose_log_group(&self) -> String {
        self.own_log_groups() + "firehose"
    }

    /// The log group that tells who deployed what and when, and that holds the lock.
    pub fn deploys_log_group(&self) -> String {
        self.own_log_groups() + "deploys"
    }

    pub fn cluster(&self) -> String {
        self.name.clone()
    }

    pub fn service(&self) -> String {
        self.name.clone()
    }

    /// The task definition's family.
    pub fn family(&self) -> String {
        self.name.clone()
    }

    pub fn security_group(&self) -> String {
        format!("{}-app", self.name)
    }

    /// The name of our inline policy in a role that is not ours.
    pub fn statement(&self) -> String {
        format!("firelens-kit-{}", self.name)
    }
}
