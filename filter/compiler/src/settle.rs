//! What follows from the settings once all formats and routes are compiled.
use firelens_filter::program::{CompiledFormat, Emit, FieldId, Look, Mask, Op, Output, Pattern, Privacy, Refine};

/// Gives outputs whose names are hidden their masks, and puts each pattern's outputs in the order in which the line has
/// them.
pub(crate) fn outputs(format: &mut CompiledFormat, privacy: &Privacy) {
    for pattern in &mut format.patterns {
        for output in &mut pattern.outputs {
            match privacy.hides(output.name().as_bytes()) {
                Some(true) => output.mask = Mask::Replaced,
                Some(false) => output.mask = Mask::Removed,
                None => {}
            }
        }
        order_outputs(pattern);
    }
}

/// The settings, with what follows from them: what is looked for in texts, and the first letters of parameters.
pub(crate) fn privacy(settings: Privacy) -> Privacy {
    let first = |name: &String| name.as_bytes().first().map_or(0, |first| 1 << (first & 31));
    let initials = settings.parameters.iter().map(first).fold(0, |all, one| all | one);
    Privacy { look: look(&settings), initials, ..settings }
}

/// What the settings look for in any text.
fn look(privacy: &Privacy) -> Look {
    let names = !(privacy.parameters.is_empty() && privacy.remove.is_empty() && privacy.replace.is_empty());
    let flag = |flag: u8, is_set: bool| if is_set { flag } else { 0 };
    Look(
        flag(Look::ADDRESSES, privacy.v4_bits.is_some() || privacy.v6_bits.is_some())
            | flag(Look::PARAMETERS, names)
            | flag(Look::PATTERNS, privacy.has_patterns()),
    )
}

fn order_outputs(pattern: &mut Pattern) {
    let mut ordered = Vec::with_capacity(pattern.outputs.len());
    for at in 0..=pattern.ops.len() {
        let place = |output: &Output| place(pattern, output) == at;
        ordered.extend(pattern.outputs.iter().filter(|output| place(output)).cloned());
    }
    pattern.outputs = ordered;
    let special = |mask: Mask| matches!(mask, Mask::User | Mask::Query | Mask::Removed | Mask::Replaced);
    let special = pattern.outputs.iter().filter(|output| special(output.mask));
    pattern.private.extend(special.map(|output| (output.field, output.mask)));
    let mut private = std::mem::take(&mut pattern.private);
    private.sort_by_key(|(field, _)| place_of(pattern, *field));
    pattern.private = private;
}

/// The op that an output comes from.
fn place(pattern: &Pattern, output: &Output) -> usize {
    let Emit::Time(wanted) = output.emit else { return place_of(pattern, output.field) };
    let from = |op: &Op| matches!(op, Op::Time { set, .. } if *set == wanted);
    pattern.ops.iter().position(from).unwrap_or(pattern.ops.len())
}

/// The op that captures a field, or what the field is made of.
fn place_of(pattern: &Pattern, field: FieldId) -> usize {
    let source = pattern.refine.iter().find_map(|step| source_of(step, field)).unwrap_or(field);
    let from = |op: &Op| match op {
        Op::Token { field, .. } | Op::Text { field, .. } | Op::Quoted { field, .. } => *field == source,
        Op::Number { field, .. } | Op::Decimal { field, .. } | Op::Byte { field, .. } => *field == source,
        Op::OneOf { field, .. } | Op::Code { field, .. } => *field == source,
        Op::Tags { tags, request_id, .. } => *tags == source || *request_id == source,
        _ => false,
    };
    pattern.ops.iter().position(from).unwrap_or(pattern.ops.len())
}

/// The captured field that this one is made of.
fn source_of(step: &Refine, field: FieldId) -> Option<FieldId> {
    match *step {
        Refine::Request { from, method, path, query, protocol } => {
            [method, path, query, protocol].contains(&field).then_some(from)
        }
        Refine::Path { from, query } => (query == field).then_some(from),
        Refine::Query { .. } | Refine::Join { .. } => None,
        Refine::Address { from, port } => (port == field).then_some(from),
        Refine::Code { from, code } => (code == field).then_some(from),
    }
}
