//! A program as bytes, and back.
//!
//! Everything is written in the order of its fields: numbers in little endian, variants as their number, lists and texts
//! behind their length (seven bits a byte, the lowest first). Who reads is the module of the same build, so that there is
//! nothing to say about versions. Whatever the bytes are, no list that is read has more items than they are bytes.
//!
//! Functions that would become part of many others are kept apart, since the module has to be small.
use super::{
    Action, CompiledFormat, Condition, Container, Dfa, Emit, Form, HiddenPath, Kind, Literal, Look, Mask, Object, Op,
    Outline, Output, Pattern, Privacy, Program, Refine, Route, Subject, TimePart,
};
use alloc::{boxed::Box, string::String, vec::Vec};

/// What a program is made of.
pub(super) trait Code {
    fn write(&self, out: &mut Vec<u8>);
    /// Reads what [`Code::write`] has written; anything when the bytes are something else, and the reader knows.
    fn read(input: &mut Reader) -> Self;
}

/// What is left to be read.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    failed: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes, failed: false }
    }

    /// All bytes were read, and meant something.
    pub(super) fn is_done(&self) -> bool {
        self.rest.is_empty() && !self.failed
    }

    /// Notes that the bytes mean nothing, and leaves none of them.
    pub(super) fn fail<T>(&mut self, instead: T) -> T {
        self.rest = &[];
        self.failed = true;
        instead
    }

    #[inline(never)]
    fn take(&mut self, len: usize) -> &'a [u8] {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                taken
            }
            None => self.fail(&[]),
        }
    }

    fn array<const LEN: usize>(&mut self) -> [u8; LEN] {
        self.take(LEN).try_into().unwrap_or([0; LEN])
    }

    #[inline(never)]
    pub(super) fn byte(&mut self) -> u8 {
        u8::from_le_bytes(self.array())
    }

    /// The length of a list whose items take a byte or more.
    #[inline(never)]
    fn len(&mut self) -> usize {
        let mut len = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte();
            len |= (byte as usize & 0x7f) << shift;
            if byte < 0x80 {
                return if len <= self.rest.len() { len } else { self.fail(0) };
            }
        }
        self.fail(0)
    }
}

fn write_len(mut len: usize, out: &mut Vec<u8>) {
    while len >= 0x80 {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
}

macro_rules! numbers {
    ($($type:ident)*) => {$(
        impl Code for $type {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            #[inline(never)]
            fn read(input: &mut Reader) -> $type {
                $type::from_le_bytes(input.array())
            }
        }
    )*};
}

numbers! { u16 u32 i32 i64 }

impl Code for u8 {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn read(input: &mut Reader) -> u8 {
        input.byte()
    }
}

impl Code for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self as u8);
    }

    fn read(input: &mut Reader) -> bool {
        input.byte() != 0
    }
}

impl Code for Look {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    fn read(input: &mut Reader) -> Look {
        Look(u8::read(input))
    }
}

impl Code for [String; 2] {
    fn write(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|text| text.write(out));
    }

    fn read(input: &mut Reader) -> [String; 2] {
        [String::read(input), String::read(input)]
    }
}

impl Code for [u8; 16] {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn read(input: &mut Reader) -> [u8; 16] {
        input.array()
    }
}

impl Code for String {
    fn write(&self, out: &mut Vec<u8>) {
        write_len(self.len(), out);
        out.extend_from_slice(self.as_bytes());
    }

    #[inline(never)]
    fn read(input: &mut Reader) -> String {
        let len = input.len();
        let bytes = input.take(len);
        let mut at = 0;
        while at < bytes.len() {
            match crate::json::valid_utf8(bytes, at) {
                Some(length) => at += length,
                None => return input.fail(String::new()),
            }
        }
        // SAFETY: all of it was looked at.
        unsafe { String::from_utf8_unchecked(bytes.to_vec()) }
    }
}

impl Code for Literal {
    fn write(&self, out: &mut Vec<u8>) {
        write_len(self.len as usize, out);
        let word = self.word.to_le_bytes();
        out.extend_from_slice(if self.len > 8 { &self.long } else { &word[..self.len as usize] });
    }

    #[inline(never)]
    fn read(input: &mut Reader) -> Literal {
        let len = input.len();
        Literal::of_json(input.take(len))
    }
}

impl<T: Code> Code for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        write_len(self.len(), out);
        self.iter().for_each(|item| item.write(out));
    }

    #[inline(never)]
    fn read(input: &mut Reader) -> Vec<T> {
        let len = input.len();
        let mut list = Vec::new();
        list.extend((0..len).map(|_| T::read(input)));
        list
    }
}

impl<T: Code> Code for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        self.iter().for_each(|item| item.write(out));
    }

    fn read(input: &mut Reader) -> Option<T> {
        bool::read(input).then(|| T::read(input))
    }
}

impl<T: Code> Code for Box<T> {
    fn write(&self, out: &mut Vec<u8>) {
        T::write(self, out);
    }

    fn read(input: &mut Reader) -> Box<T> {
        Box::new(T::read(input))
    }
}

impl<A: Code, B: Code> Code for (A, B) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(input: &mut Reader) -> (A, B) {
        (A::read(input), B::read(input))
    }
}

/// A struct, as its fields; those behind `but` are left out.
macro_rules! fields {
    ($type:ident { $($field:ident),* } $(but $left:ident)?) => {
        impl Code for $type {
            fn write(&self, out: &mut Vec<u8>) {
                $(self.$field.write(out);)*
            }

            #[inline(never)]
            fn read(input: &mut Reader) -> $type {
                $type { $($field: Code::read(input),)* $($left: Default::default())? }
            }
        }
    };
}

/// An enum, as the number of its variant and what that holds; `else` is read where there is no such number.
macro_rules! variants {
    ($type:ident {
        $($number:literal $variant:ident $(($($item:ident),*))? $({ $($field:ident),* })?),*
    } else $other:expr) => {
        impl Code for $type {
            fn write(&self, out: &mut Vec<u8>) {
                match self {$(
                    $type::$variant $(($($item),*))? $({ $($field),* })? => {
                        out.push($number);
                        $($($item.write(out);)*)?
                        $($($field.write(out);)*)?
                    }
                )*}
            }

            #[inline(never)]
            fn read(input: &mut Reader) -> $type {
                match input.byte() {
                    $($number => {
                        $($(let $item = Code::read(input);)*)?
                        $($(let $field = Code::read(input);)*)?
                        $type::$variant $(($($item),*))? $({ $($field),* })?
                    })*
                    _ => input.fail($other),
                }
            }
        }
    };
}

pub(super) use variants;

fields! { Program { keep_log, names, containers, formats, routes, privacy, added, outlines } }
fields! { Outline { format, opening, decides } }
fields! { Container { name, stdout, stderr, added } }
fields! { CompiledFormat { kind, patterns, httpd_escapes, zone } }
fields! { Pattern { ops, refine, outputs, object, private } but labels }
fields! { Object { field, form, prefix } }
fields! { Output { field, key, emit, mask } }
fields! { Route { name, key, any_of, action } }
fields! { Condition { subject, not, any } }
fields! { Dfa { classes, stride, start, at_end, next } }
fields! { HiddenPath { path, replace } }
fields! { Privacy { v4_bits, v6_bits, remove_user, parameters, remove, replace, patterns, cards, replacement, look, initials, paths } }

variants! { Kind { 0 Access, 1 Error, 2 Rails, 3 Json, 4 Unparsed, 5 Exception } else Kind::Unparsed }
variants! { Form { 0 Json, 1 Lograge } else Form::Json }
variants! { Op {
    0 Lit(text), 1 Token { field, then }, 2 Text { field, then }, 3 Quoted { field, then }, 4 Number { field, then },
    5 Decimal { field, then }, 6 Time { part, set, then }, 7 Byte { field, then }, 8 Try { otherwise, clear }, 9 Jump(to),
    10 Tags { tags, request_id, wants_id }, 11 OneOf { field, words, then }, 12 Code { field, then }, 13 End
} else Op::End }
variants! { TimePart {
    0 Clf, 1 Year, 2 Year2, 3 Century, 4 Month, 5 MonthName, 6 MonthFull, 7 Day, 8 YearDay, 9 Hour, 10 Hour12, 11 AmPm,
    12 Minute, 13 Second, 14 Fraction(digits), 15 Zone, 16 ZoneName, 17 EpochSeconds, 18 EpochMillis, 19 EpochMicros,
    20 WeekdayName, 21 WeekdayFull, 22 Ignored(digits)
} else TimePart::Clf }
variants! { Refine {
    0 Request { from, method, path, query, protocol }, 1 Path { from, query }, 2 Query { from }, 3 Address { from, port },
    4 Code { from, code }, 5 Join { from, last }
} else Refine::Query { from: 0 } }
variants! { Emit {
    0 Value, 1 Message, 2 Lower, 3 Number, 4 Scaled(power), 5 Time(set), 6 Verbatim
} else Emit::Value }
variants! { Mask { 0 None, 1 Address, 2 User, 3 Url, 4 Query, 5 FreeText, 6 Removed, 7 Replaced } else Mask::None }
variants! { Action { 0 Keep, 1 Drop, 2 Sample(share) } else Action::Keep }
variants! { Subject { 0 Kind, 1 Container, 2 Field(id), 3 Path(id) } else Subject::Kind }

#[cfg(test)]
mod tests;
