//! `firelens-kit export cloudformation`: the templates of several stacks, what cfn-lint and moto say of them, and whether
//! they give the rights that a deploy gives.
mod golden;
mod lint;
mod stacks;
mod verb;
