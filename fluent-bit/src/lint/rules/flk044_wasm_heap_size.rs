use super::*;

rule!("FLK044", "wasm-heap-size", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (_, filter) in context.filters("wasm") {
        if let Some(entry) = filter.last("wasm_heap_size") {
            let message = "a record that does not fit into this heap reaches the module as NULL, and is lost";
            let finding =
                RULE.at(filter.place(&entry.key.span), message).label("only for modules without malloc and free");
            found.push(finding.help("a module that exports malloc and free needs no heap of the host: take this away"));
        }
    }
}
