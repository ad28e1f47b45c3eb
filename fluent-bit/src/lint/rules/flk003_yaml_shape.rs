use super::*;
use crate::conf::Sort;

rule!("FLK003", "yaml-shape", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    flk002_syntax::faults(context, Sort::Shape, &RULE, found);
}
