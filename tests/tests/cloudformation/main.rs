//! `firelens-kit export cloudformation`: the templates of several stacks, what cfn-lint and moto say of them, and whether
//! they give the names and rights that a deploy gives.
mod evaluate;
mod golden;
mod needs_moto;
mod same;
mod stacks;
mod task_definition;
mod verb;
