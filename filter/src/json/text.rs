//! Text in strings: written in canonical form, and read back.
use super::{control, is_control, is_special, unicode_escape, valid_utf8};
use crate::swar;
use alloc::vec::Vec;

/// Writes one character of a string, in canonical form: escaped only where it has to be, the shortest way.
pub fn push_char(out: &mut Vec<u8>, c: char) {
    match c {
        '\0'..='\x7f' => push_ascii(out, c as u8),
        _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// [`push_char`] for an ASCII byte.
pub fn push_ascii(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        8 => b'b',
        12 => b'f',
        0..=0x1f => return out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte)]),
        _ => return out.push(byte),
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn hex(digit: u8) -> u8 {
    b"0123456789abcdef"[(digit & 15) as usize]
}

/// Writes a byte that is not UTF-8 as the text that httpd writes for it, `\xhh`, inside of a string.
pub fn push_byte_as_text(out: &mut Vec<u8>, byte: u8) {
    out.extend_from_slice(&[b'\\', b'\\', b'x', hex(byte >> 4), hex(byte)]);
}

/// Writes any bytes into a string. Says whether all of them were UTF-8; others become `\xhh` text.
pub fn push_text(out: &mut Vec<u8>, bytes: &[u8]) -> bool {
    let (mut at, mut clean) = (0, true);
    while let Some(byte) = bytes.get(at) {
        if !is_special(*byte) {
            at = swar::copy_plain(out, bytes, at);
        }
        match bytes.get(at) {
            None => break,
            Some(&byte @ 0..=0x7f) => {
                push_ascii(out, byte);
                at += 1;
            }
            Some(&byte) => match valid_utf8(bytes, at) {
                Some(length) => {
                    out.extend_from_slice(&bytes[at..at + length]);
                    at += length;
                }
                None => {
                    push_byte_as_text(out, byte);
                    clean = false;
                    at += 1;
                }
            },
        }
    }
    clean
}

/// The text that a strict JSON string's inside stands for.
pub fn decode(json: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < json.len() {
        at = swar::copy_unquoted(out, json, at);
        let Some(&kind) = json.get(at + 1) else {
            out.extend_from_slice(&json[at..]);
            return;
        };
        let plain = match kind {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            b'u' if is_control(json, at) => {
                out.push(control(json, at));
                at += 6;
                continue;
            }
            b'u' => {
                match unicode_escape(json, at) {
                    Some((c, length)) => {
                        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                        at += length;
                    }
                    None => {
                        out.push(b'\\');
                        at += 1;
                    }
                }
                continue;
            }
            other => other,
        };
        out.push(plain);
        at += 2;
    }
}
