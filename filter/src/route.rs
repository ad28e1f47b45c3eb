//! Decides the route of a record: the first whose conditions hold.
use crate::program::{Action, Condition, FieldId, Route, Subject};
use alloc::borrow::Cow;

/// What conditions can look at.
pub(crate) trait Facts {
    fn kind(&self) -> &'static str;
    fn container(&self) -> Option<&[u8]>;
    /// A field's value as the log meant it, all escapes undone.
    fn field(&self, id: FieldId) -> Option<Cow<'_, [u8]>>;
    /// The value at the end of the path that a field's name is.
    fn path(&self, id: FieldId) -> Option<Cow<'_, [u8]>>;
    /// A number decided by the line alone, evenly spread.
    fn hash(&self) -> u32;
}

/// The index of the first route that takes the record; `seen` hears each condition's result.
pub(crate) fn choose(
    routes: &[Route],
    facts: &impl Facts,
    mut seen: impl FnMut(usize, usize, usize, bool),
) -> Option<usize> {
    routes.iter().enumerate().position(|(r, route)| {
        route.any_of.is_empty()
            || route.any_of.iter().enumerate().any(|(a, all)| {
                all.iter().enumerate().all(|(c, condition)| {
                    let held = holds(condition, facts);
                    seen(r, a, c, held);
                    held
                })
            })
    })
}

/// Whether a record that took this route is kept.
pub(crate) fn keeps(action: Action, facts: &impl Facts) -> bool {
    match action {
        Action::Keep => true,
        Action::Drop => false,
        Action::Sample(share) => facts.hash() < share,
    }
}

/// Whether the condition holds.
pub(crate) fn holds(condition: &Condition, facts: &impl Facts) -> bool {
    let any = |value: Option<&[u8]>| value.is_some_and(|value| condition.any.iter().any(|test| test.passes(value)));
    let passed = match condition.subject {
        Subject::Kind => any(Some(facts.kind().as_bytes())),
        Subject::Container => any(facts.container()),
        Subject::Field(id) => any(facts.field(id).as_deref()),
        Subject::Path(id) => any(facts.path(id).as_deref()),
    };
    passed != condition.not
}

/// A hash that spreads similar lines evenly.
pub(crate) fn hash(text: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = text.len() as u64;
    for chunk in text.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = (state ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR).rotate_left(29);
    }
    state ^= state >> 32;
    (state.wrapping_mul(FACTOR) >> 32) as u32
}
