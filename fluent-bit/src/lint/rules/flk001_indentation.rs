use super::*;
use crate::conf::Sort;

rule!("FLK001", "indentation", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    flk002_syntax::faults(context, Sort::Indentation, &RULE, found);
}
