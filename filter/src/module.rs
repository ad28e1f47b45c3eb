//! The module inside Fluent Bit: what its `wasm` filter calls.
//!
//! The host asks `malloc` for room, copies tag and record in, calls `firelens_filter`, and copies the text at the returned
//! pointer out before it calls again. Some releases never call `free`. So memory is an arena that starts over with each
//! call's end: nothing can leak, and nothing is ever freed.
//!
//! Packaging puts the program into the module's data, makes `firelens_start` the module's start function, and puts code
//! that is made for the program's formats in the place of `firelens_filter`. That code calls `firelens_general` for all
//! that is out of the ordinary. What both sides rely on is in [`crate::border`].
mod surroundings;

use crate::border::{ALIGN, Arena, MARGIN, MASK_ROOM, PAGE, Pointer};
use crate::mask;
use crate::observe::Observer;
use crate::parse::Parsed;
use crate::program::{Look, Mask};
use crate::route;
use crate::view::View;
use crate::{Filter, Outcome, Program};
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32;
use core::cell::UnsafeCell;
use surroundings::Frames;

#[unsafe(no_mangle)]
static firelens_program: Pointer = [0; 2];

unsafe extern "C" {
    static __heap_base: u8;
}

/// Everything that lives longer than a call. The module has one thread and is never entered twice.
#[repr(C)]
struct State {
    arena: Arena,
    filter: Option<Filter>,
}

const _: () = assert!(core::mem::offset_of!(State, arena) == 0);

#[repr(transparent)]
struct Global<T>(UnsafeCell<T>);

// SAFETY: there is one thread.
unsafe impl<T> Sync for Global<T> {}

#[unsafe(export_name = "firelens_state")]
static STATE: Global<State> =
    Global(UnsafeCell::new(State { arena: Arena { next: 0, limit: 0, base: 0 }, filter: None }));

/// What surrounds lines.
#[unsafe(export_name = "firelens_frames")]
static FRAMES: Global<Frames> = Global(UnsafeCell::new(Frames::NONE));

/// Remembers what surrounds lines.
struct Remember<'a> {
    tag: &'a [u8],
}

impl Observer for Remember<'_> {
    fn read(&mut self, view: &View) {
        if let Parsed::Read(format, _, None) = view.parsed {
            // SAFETY: one thread, and no other reference to the frames.
            unsafe { (*FRAMES.0.get()).remember(view, self.tag, format) };
        }
    }
}

struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

/// The arena's state.
fn arena() -> *mut Arena {
    // SAFETY: the pointer is that of a static.
    unsafe { &raw mut (*STATE.0.get()).arena }
}

/// Room of at least `size` bytes; null when there is no more memory.
#[inline(always)]
fn allocate(size: usize) -> *mut u8 {
    let arena = arena();
    // SAFETY: one thread, and no reference into the state outlives a statement.
    let (start, limit) = unsafe { ((*arena).next as usize, (*arena).limit as usize) };
    let end = start.wrapping_add(size);
    if end >= limit || end < start {
        return grow(size);
    }
    // SAFETY: as above.
    unsafe { (*arena).next = round_up(end + ALIGN as usize) as u32 };
    start as *mut u8
}

/// [`allocate`] when the memory has to grow first.
#[inline(never)]
fn grow(size: usize) -> *mut u8 {
    let arena = arena();
    // SAFETY: one thread, and no reference into the state outlives a statement.
    let mut start = unsafe { (*arena).next as usize };
    if start == 0 {
        let [program, length] = program();
        let heap = (&raw const __heap_base) as usize;
        start = round_up(heap.max((program + length) as usize));
    }
    let page = PAGE as usize;
    let Some(end) = size.checked_add(start + 2 * MARGIN).filter(|end| *end <= u32::MAX as usize - page) else {
        return core::ptr::null_mut();
    };
    let have = wasm32::memory_size::<0>() * page;
    if end > have && wasm32::memory_grow::<0>((end - have).div_ceil(page)) == usize::MAX {
        return core::ptr::null_mut();
    }
    // SAFETY: as above.
    unsafe {
        (*arena).limit = (wasm32::memory_size::<0>() * page - MARGIN) as u32;
        (*arena).next = round_up(start + size + ALIGN as usize) as u32;
    }
    start as *mut u8
}

/// Where the program is, as packaging has written it.
fn program() -> Pointer {
    // SAFETY: it is a static, whose value the compiler must not assume to know.
    unsafe { core::ptr::read_volatile(&raw const firelens_program) }
}

fn round_up(address: usize) -> usize {
    (address + ALIGN as usize - 1) & !(ALIGN as usize - 1)
}

// SAFETY: `allocate` hands out each address once until the arena starts over, which happens only between calls, when
// nothing that was allocated in a call is in use any more.
unsafe impl GlobalAlloc for Allocator {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGN as usize { core::ptr::null_mut() } else { allocate(layout.size()) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // The youngest allocation grows where it is.
        // SAFETY: the pointer is that of a static.
        let next = unsafe { &raw mut (*arena()).next };
        let end = round_up(old as usize + layout.size() + ALIGN as usize) as u32;
        // SAFETY: one thread.
        if end == unsafe { *next } {
            // SAFETY: one thread; nothing younger is given up.
            unsafe { *next = old as u32 };
            let grown = allocate(size);
            if grown.is_null() {
                // SAFETY: one thread.
                unsafe { *next = end };
            }
            return grown;
        }
        let new = allocate(size);
        if !new.is_null() {
            // SAFETY: both have room for the smaller of their sizes, and do not overlap.
            unsafe { core::ptr::copy_nonoverlapping(old, new, layout.size().min(size)) };
        }
        new
    }
}

/// Room for the host.
#[unsafe(no_mangle)]
extern "C" fn malloc(size: usize) -> *mut u8 {
    allocate(size)
}

/// Nothing is freed one by one.
#[unsafe(no_mangle)]
extern "C" fn free(_: *mut u8) {}

/// The module's version, as a C string.
#[unsafe(no_mangle)]
extern "C" fn firelens_version() -> *const u8 {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr()
}

/// Reads the program before anything else is allocated, so that it stays. Packaging makes this the module's start
/// function: a module that cannot read its program traps here, so that its host does not start, and never runs without the
/// privacy settings in it.
#[unsafe(no_mangle)]
extern "C" fn firelens_start() {
    let [address, length] = program();
    // SAFETY: packaging puts the program there.
    let bytes = unsafe { core::slice::from_raw_parts(address as *const u8, length as usize) };
    let Some(program) = Program::from_bytes(bytes) else { wasm32::unreachable() };
    let state = STATE.0.get();
    // SAFETY: one thread, and no reference into the state outlives a statement.
    unsafe {
        (*state).filter = Some(Filter::new(program));
        (*state).arena.base = (*state).arena.next;
    }
}

/// Filters one record. Returns the record's own address when it passes unchanged, an empty string to drop it, and else
/// the address of the new record's text.
///
/// # Safety
/// The host gives addresses of room that `malloc` gave, with the lengths of what it put there.
#[unsafe(no_mangle)]
unsafe extern "C" fn firelens_filter(
    tag: *const u8,
    tag_len: usize,
    _sec: u32,
    _nsec: u32,
    record: *const u8,
    record_len: usize,
) -> *const u8 {
    // SAFETY: the caller's promise.
    unsafe { firelens_general(tag, tag_len, record, record_len) }
}

/// [`firelens_filter`] by the general way.
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
#[inline(never)]
unsafe extern "C" fn firelens_general(
    tag: *const u8,
    tag_len: usize,
    record: *const u8,
    record_len: usize,
) -> *const u8 {
    if record.is_null() {
        return record;
    }
    // SAFETY: the caller's promise.
    let (tag, text) = unsafe {
        let tag = if tag.is_null() { &[] } else { core::slice::from_raw_parts(tag, tag_len) };
        (tag, core::slice::from_raw_parts(record, record_len))
    };
    let Some(filter) = filter() else { return record };
    let mut out = Vec::new();
    let outcome = filter.run(tag, text, &mut out, &mut Remember { tag });
    let result = match outcome {
        Outcome::Unchanged => record,
        Outcome::Dropped => c"".as_ptr().cast(),
        Outcome::Changed => {
            out.push(0);
            out.leak().as_ptr()
        }
    };
    let arena = arena();
    // SAFETY: one thread; nothing that was allocated in this call is used by it any more.
    unsafe { (*arena).next = (*arena).base };
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
unsafe extern "C" fn firelens_clock(clf: *const u8) -> *const u8 {
    // SAFETY: the caller's promise.
    let time = filter().and_then(|filter| unsafe { filter.time_at(clf) });
    time.map_or(core::ptr::null(), |time| time.as_ptr())
}

/// Whether a value (null: there is none) passes one of the tests of a condition, of which `index` is the number among
/// those of all routes.
///
/// # Safety
/// The value is in memory.
#[unsafe(no_mangle)]
unsafe extern "C" fn firelens_check(index: usize, value: *const u8, len: usize) -> u32 {
    let Some(filter) = filter() else { return 0 };
    let conditions = filter.program().routes.iter().flat_map(|route| &route.any_of).flatten();
    let (Some(condition), false) = (conditions.into_iter().nth(index), value.is_null()) else { return 0 };
    // SAFETY: the caller's promise.
    let value = unsafe { core::slice::from_raw_parts(value, len) };
    condition.any.iter().any(|test| test.passes(value)) as u32
}

/// Writes a value without backslashes that `mask` (the number of a [`Mask`]) applies to, and returns where it ends: null
/// if it becomes much longer than it was.
///
/// # Safety
/// The value is in memory, with eight bytes behind it that can be read, and behind `to` is room for it and [`MASK_ROOM`] more.
#[unsafe(no_mangle)]
unsafe extern "C" fn firelens_mask(mask: u32, value: *const u8, len: usize, to: *mut u8) -> *mut u8 {
    const ADDRESS: u32 = Mask::Address as u32;
    const URL: u32 = Mask::Url as u32;
    const QUERY: u32 = Mask::Query as u32;
    let mask = match mask {
        ADDRESS => Mask::Address,
        URL => Mask::Url,
        QUERY => Mask::Query,
        _ => Mask::FreeText,
    };
    let Some(filter) = filter() else { return core::ptr::null_mut() };
    // SAFETY: the value is in memory, and so is the room. What is handed to the allocator as if it came from there is never
    // freed, and is left in its place when it grows out of the room.
    let (value, mut out) =
        unsafe { (core::slice::from_raw_parts(value, len + 8), Vec::from_raw_parts(to, 0, len + MASK_ROOM)) };
    mask::push(&mut out, value, (0, len), &filter.program().privacy, Look::of(mask, false));
    let fits = core::ptr::eq(out.as_ptr(), to);
    // SAFETY: if it fits, all of it is in the room.
    let end = unsafe { to.add(out.len()) };
    core::mem::forget(out);
    if fits { end } else { core::ptr::null_mut() }
}

/// The number that decides about a sample of lines.
///
/// # Safety
/// The line is in memory.
#[unsafe(no_mangle)]
unsafe extern "C" fn firelens_hash(line: *const u8, len: usize) -> u32 {
    // SAFETY: the caller's promise.
    route::hash(unsafe { core::slice::from_raw_parts(line, len) })
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    wasm32::unreachable()
}
