use super::*;
use crate::Image;

rule!("FLK042", "no-wasm-filter", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    if context.version.has_wasm_filter() {
        return;
    }
    for (_, filter) in context.filters("wasm") {
        let message = format!("Fluent Bit {} has no WASM filter", context.version);
        let finding = RULE.at(name_place(filter), message).label("Fluent Bit does not start");
        found.push(finding.help(format!("the first image of AWS that has it is {}", Image::FIRST_WITH_WASM)));
    }
}
