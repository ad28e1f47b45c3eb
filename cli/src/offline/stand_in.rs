//! A small module that stands in for the filter in unit tests of the host and of what is around it.

/// The body of a filter that returns its record.
pub(super) const ECHO: &str = "local.get 4";

/// The body of a filter that drops records longer than 40 bytes, and returns the others.
pub(super) const DROP_LONG: &str = "i32.const 8 local.get 4 local.get 5 i32.const 40 i32.gt_u select";

/// A module with an arena of its own, and this body in its filter function. At address 8 stands an empty string.
pub(super) fn module(filter: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (memory (export "memory") 1)
            (global $end (mut i32) (i32.const 1024))
            (func (export "malloc") (param $size i32) (result i32)
                (local $at i32)
                (local.set $at (global.get $end))
                (global.set $end (i32.add (global.get $end) (local.get $size)))
                (block $fits
                    (br_if $fits (i32.ge_u (i32.shl (memory.size) (i32.const 16)) (global.get $end)))
                    (drop (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1)))))
                (local.get $at))
            (func (export "free") (param i32)
                (global.set $end (i32.const 1024)))
            (func (export "firelens_filter") (param i32 i32 i32 i32 i32 i32) (result i32)
                {filter}))"#
    );
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}
