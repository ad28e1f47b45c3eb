use super::*;
use crate::conf::Sort;

rule!("FLK002", "syntax", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    faults(context, Sort::Syntax, &RULE, found);
}

/// The faults of a sort that the reader met.
pub(super) fn faults(context: &Context, sort: Sort, rule: &'static Rule, found: &mut Vec<Finding>) {
    for (file, document) in context.documents() {
        for fault in document.faults.iter().filter(|fault| fault.sort == sort) {
            let finding = rule.at(Place::new(file, &fault.span), &fault.message);
            found.push(Finding { help: fault.help.clone(), ..finding });
        }
    }
}
