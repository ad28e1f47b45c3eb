use super::*;

rule!("FLK045", "wasm-msgpack", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, filter) in context.filters("wasm") {
        let Some(entry) = filter.last("event_format") else { continue };
        if pipeline.value(entry).is_some_and(|value| value.eq_ignore_ascii_case("msgpack")) {
            let message = "what the module returns is cut at the first zero byte, which msgpack is full of";
            let finding = RULE.at(filter.place(entry.value.span()), message).label("records are lost");
            let fix = context.remove(filter, &[entry]).unwrap_or_default();
            found.push(
                finding
                    .help("take event_format away: the module reads and writes JSON then")
                    .fix("event_format taken away", fix),
            );
        }
    }
}
