use super::*;
use crate::release::Behaviour;

rule!("FLK070", "wasm-leak", Info, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    if !context.version.shows(Behaviour::WasmNeverFrees) {
        return;
    }
    for (_, filter) in context.filters("wasm") {
        let message = format!("Fluent Bit {} never frees what it puts into the module", context.version);
        let finding = RULE.at(name_place(filter), message).label("a module without an allocator of its own fills up");
        found.push(finding.help("this kit's module is not concerned; for others take Fluent Bit 4.1.2 or newer"));
    }
}
