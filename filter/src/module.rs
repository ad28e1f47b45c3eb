//! The module's border: what Fluent Bit's `wasm` filter calls.
//!
//! The host asks `malloc` for room, copies tag and record in, calls `firelens_filter`, and copies the text at the returned
//! pointer out before it calls again. Some releases never call `free`. So memory is an arena that starts over with each
//! call's end: nothing can leak, and nothing is ever freed.
//!
//! Packaging puts code that is made for the program's formats in the place of `firelens_filter`. It takes the straight
//! path, and calls [`firelens_general`] for all that cannot; for this it knows [`FRAMES`], the start of [`State`], and the
//! exported functions here.
use crate::filter::View;
use crate::mask::{self, Look};
use crate::program::{Format, Mask};
use crate::route;
use crate::straight::{EDGE_ROOM, Frames, MASK_ROOM};
use crate::{Filter, Outcome, Program};
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32;
use core::cell::UnsafeCell;

const PAGE: usize = 65_536;
/// Alignment of all that is handed out, and the number of bytes that may be read behind it.
const ALIGN: usize = 16;
/// Bytes between the limit and memory's end: the straight path reads as far from a record's start as the text in front of
/// another line reaches, and up to 40 bytes from a record's end on.
const MARGIN: usize = EDGE_ROOM + 64;

/// Where the program is: its address and length. Zero until packaging fills it in.
#[unsafe(no_mangle)]
pub static firelens_program: [u32; 2] = [0; 2];

unsafe extern "C" {
    static __heap_base: u8;
}

/// Everything that lives longer than a call. The module has one thread and is never entered twice.
#[repr(C)]
pub struct State {
    /// Next free address; 0 before the first allocation.
    next: usize,
    /// Where memory ends, less what may be read behind an allocation.
    limit: usize,
    /// Where the arena starts over.
    base: usize,
    filter: Option<Filter>,
}

#[repr(transparent)]
pub struct Global<T>(UnsafeCell<T>);

// SAFETY: there is one thread.
unsafe impl<T> Sync for Global<T> {}

#[unsafe(export_name = "firelens_state")]
pub static STATE: Global<State> = Global(UnsafeCell::new(State { next: 0, limit: 0, base: 0, filter: None }));

/// What surrounds lines, for the straight path.
#[unsafe(export_name = "firelens_frames")]
pub static FRAMES: Global<Frames> = Global(UnsafeCell::new(Frames::NONE));

/// [`Frames::remember`].
pub fn remember(facts: &View, tag: &[u8], format: &Format) {
    // SAFETY: one thread, and no other reference to the frames.
    unsafe { (*FRAMES.0.get()).remember(facts, tag, format) };
}

struct Arena;

#[global_allocator]
static ARENA: Arena = Arena;

/// Room of at least `size` bytes; null when there is no more memory.
#[inline(always)]
fn allocate(size: usize) -> *mut u8 {
    // SAFETY: one thread, and no reference into the state outlives a statement.
    let state = STATE.0.get();
    let (start, limit) = unsafe { ((*state).next, (*state).limit) };
    let end = start.wrapping_add(size);
    if end >= limit || end < start {
        return grow(size);
    }
    unsafe { (*state).next = round_up(end + ALIGN) };
    start as *mut u8
}

/// [`allocate`] when the memory has to grow first.
#[inline(never)]
fn grow(size: usize) -> *mut u8 {
    let state = STATE.0.get();
    let mut start = unsafe { (*state).next };
    if start == 0 {
        let [program, length] = unsafe { core::ptr::read_volatile(&raw const firelens_program) };
        let heap = (&raw const __heap_base) as usize;
        start = round_up(heap.max((program + length) as usize));
    }
    let Some(end) = size.checked_add(start + 2 * MARGIN).filter(|end| *end <= u32::MAX as usize - PAGE) else {
        return core::ptr::null_mut();
    };
    let have = wasm32::memory_size::<0>() * PAGE;
    if end > have && wasm32::memory_grow::<0>((end - have).div_ceil(PAGE)) == usize::MAX {
        return core::ptr::null_mut();
    }
    unsafe {
        (*state).limit = wasm32::memory_size::<0>() * PAGE - MARGIN;
        (*state).next = round_up(start + size + ALIGN);
    }
    start as *mut u8
}

fn round_up(address: usize) -> usize {
    (address + ALIGN - 1) & !(ALIGN - 1)
}

// SAFETY: `allocate` hands out each address once until the arena starts over, which happens only between calls, when
// nothing that was allocated in a call is in use any more.
unsafe impl GlobalAlloc for Arena {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGN { core::ptr::null_mut() } else { allocate(layout.size()) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // The youngest allocation grows where it is.
        let next = unsafe { &raw mut (*STATE.0.get()).next };
        if round_up(old as usize + layout.size() + ALIGN) == unsafe { *next } {
            unsafe { *next = old as usize };
            let grown = allocate(size);
            if grown.is_null() {
                unsafe { *next = round_up(old as usize + layout.size() + ALIGN) };
            }
            return grown;
        }
        let new = allocate(size);
        if !new.is_null() {
            unsafe { core::ptr::copy_nonoverlapping(old, new, layout.size().min(size)) };
        }
        new
    }
}

/// Room for the host: [`allocate`], but for the first time.
#[unsafe(no_mangle)]
pub extern "C" fn malloc(size: usize) -> *mut u8 {
    let state = STATE.0.get();
    // SAFETY: as there.
    let (start, limit) = unsafe { ((*state).next, (*state).limit) };
    let end = start.wrapping_add(size);
    if end >= limit || end < start {
        return make_room(size);
    }
    unsafe { (*state).next = round_up(end + ALIGN) };
    start as *mut u8
}

/// [`malloc`] for the first time, and when the memory has to grow.
#[inline(never)]
fn make_room(size: usize) -> *mut u8 {
    start();
    allocate(size)
}

/// Nothing is freed one by one.
#[unsafe(no_mangle)]
pub extern "C" fn free(_: *mut u8) {}

/// The module's version, as a C string.
#[unsafe(no_mangle)]
pub extern "C" fn firelens_version() -> *const u8 {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr()
}

/// Reads the program before anything else is allocated, so that it stays.
#[inline(always)]
fn start() {
    if unsafe { (*STATE.0.get()).base } == 0 {
        read_program();
    }
}

#[inline(never)]
fn read_program() {
    let state = STATE.0.get();
    let [address, length] = unsafe { core::ptr::read_volatile(&raw const firelens_program) };
    let bytes: &[u8] = match address {
        0 => &[],
        // SAFETY: packaging puts the program there.
        _ => unsafe { core::slice::from_raw_parts(address as *const u8, length as usize) },
    };
    let filter = Filter::new(Program::from_bytes(bytes).unwrap_or_default());
    unsafe {
        (*state).filter = Some(filter);
        (*state).base = (*state).next;
    }
}

/// Filters one record. Returns the record's own address when it passes unchanged, an empty string to drop it, and else
/// the address of the new record's text.
#[unsafe(no_mangle)]
pub extern "C" fn firelens_filter(
    tag: *const u8,
    tag_len: usize,
    _sec: u32,
    _nsec: u32,
    record: *const u8,
    record_len: usize,
) -> *const u8 {
    firelens_general(tag, tag_len, record, record_len)
}

/// [`firelens_filter`] by the general way.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn firelens_general(tag: *const u8, tag_len: usize, record: *const u8, record_len: usize) -> *const u8 {
    start();
    if record.is_null() {
        return record;
    }
    // SAFETY: the host gives addresses of room that `malloc` gave, with the lengths of what it put there.
    let (tag, text) = unsafe {
        let tag = if tag.is_null() { &[] } else { core::slice::from_raw_parts(tag, tag_len) };
        (tag, core::slice::from_raw_parts(record, record_len))
    };
    let Some(filter) = filter() else { return record };
    let mut out = Vec::new();
    let outcome = filter.filter(tag, text, &mut out);
    let result = match outcome {
        Outcome::Unchanged => record,
        Outcome::Dropped => c"".as_ptr().cast(),
        Outcome::Changed => {
            out.push(0);
            out.leak().as_ptr()
        }
    };
    let state = STATE.0.get();
    unsafe { (*state).next = (*state).base };
    result
}

fn filter() -> Option<&'static mut Filter> {
    // SAFETY: one thread, and only the allocator touches the state meanwhile, and not this part of it.
    unsafe { (*STATE.0.get()).filter.as_mut() }
}

/// The `%t` at an address in RFC 3339, or null when there is none.
///
/// # Safety
/// There is a zero in the text, and 16 bytes can be read behind it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn firelens_clock(clf: *const u8) -> *const u8 {
    let time = filter().and_then(|filter| unsafe { filter.time_at(clf) });
    time.map_or(core::ptr::null(), |time| time.as_ptr())
}

/// Whether a value (null: there is none) passes one of the tests of a condition, of which `index` is the number among
/// those of all routes.
///
/// # Safety
/// The value is in memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn firelens_check(index: usize, value: *const u8, len: usize) -> u32 {
    let Some(filter) = filter() else { return 0 };
    let conditions = filter.program().routes.iter().flat_map(|route| &route.any_of).flatten();
    let (Some(condition), false) = (conditions.into_iter().nth(index), value.is_null()) else { return 0 };
    let value = unsafe { core::slice::from_raw_parts(value, len) };
    condition.any.iter().any(|test| route::passes(test, value)) as u32
}

/// Writes a value without backslashes that `mask` (the number of a [`Mask`]) applies to, and returns where it ends: null
/// if it becomes much longer than it was.
///
/// # Safety
/// The value is in memory, with eight bytes behind it that can be read, and behind `to` is room for it and [`MASK_ROOM`] more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn firelens_mask(mask: u32, value: *const u8, len: usize, to: *mut u8) -> *mut u8 {
    let mask = match mask {
        1 => Mask::Address,
        3 => Mask::Url,
        4 => Mask::Query,
        _ => Mask::FreeText,
    };
    let Some(filter) = filter() else { return core::ptr::null_mut() };
    // SAFETY: the value is in memory, and so is the room. What is handed to the allocator as if it came from there is never
    // freed, and is left in its place when it grows out of the room.
    let (value, mut out) =
        unsafe { (core::slice::from_raw_parts(value, len + 8), Vec::from_raw_parts(to, 0, len + MASK_ROOM)) };
    mask::push(&mut out, value, (0, len), &filter.program().privacy, Look::of(mask, false));
    let fits = core::ptr::eq(out.as_ptr(), to);
    let end = unsafe { to.add(out.len()) };
    core::mem::forget(out);
    if fits { end } else { core::ptr::null_mut() }
}

/// The number that decides about a sample of lines.
///
/// # Safety
/// The line is in memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn firelens_hash(line: *const u8, len: usize) -> u32 {
    route::hash(unsafe { core::slice::from_raw_parts(line, len) })
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    wasm32::unreachable()
}
