//! The module's border: what Fluent Bit's `wasm` filter calls.
//!
//! The host asks `malloc` for room, copies tag and record in, calls `firelens_filter`, and copies the text at the returned
//! pointer out before it calls again. Some releases never call `free`. So memory is an arena that starts over with the
//! first `malloc` after a call: nothing can leak, and nothing is ever freed.
use crate::matcher::Span;
use crate::straight::PADDING;
use crate::time::Clock;
use crate::{Filter, Outcome, Program};
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32;
use core::cell::UnsafeCell;

const PAGE: usize = 65_536;
/// Alignment of all that is handed out, and the number of bytes that may be read behind it.
const ALIGN: usize = 16;

/// Where the program is: its address and length. Zero until packaging fills it in.
#[unsafe(no_mangle)]
pub static firelens_program: [u32; 2] = [0; 2];

unsafe extern "C" {
    static __heap_base: u8;
}

type Straight = unsafe extern "C" fn(usize, *const u8, *const u8, *mut u8, *mut Span, *mut Clock) -> u64;

/// Takes the steps of the straight pattern `which` over the record at `text`, from the line's start at `from`; writes to
/// `to`. Returns where both ended (`from` low, `to` high), or 0. Packaging puts code that is made for the formats in the
/// place of this function; it is called through [`STRAIGHT`], so that the compiler knows nothing of what it does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn firelens_straight(
    _which: usize,
    _text: *const u8,
    _from: *const u8,
    _to: *mut u8,
    _spans: *mut Span,
    _clock: *mut Clock,
) -> u64 {
    0
}

static STRAIGHT: Straight = firelens_straight;

/// [`firelens_straight`], whatever it is by now.
///
/// # Safety
/// As for `straight::steps`.
#[inline(always)]
pub unsafe fn straight(
    which: usize,
    text: *const u8,
    from: *const u8,
    to: *mut u8,
    spans: *mut Span,
    clock: *mut Clock,
) -> u64 {
    unsafe { core::ptr::read_volatile(&raw const STRAIGHT)(which, text, from, to, spans, clock) }
}

/// Reads the `%t` at an address into the clock, and says whether there is one: for the code that is made for formats.
///
/// # Safety
/// As for `Clock::rendered_words`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn firelens_clock(clock: *mut Clock, clf: *const u8) -> u32 {
    unsafe { (*clock).read_anew(clf).is_some() as u32 }
}

/// Everything that lives longer than a call. The module has one thread and is never entered twice.
struct State {
    /// Next free address; 0 before the first allocation.
    next: usize,
    /// Where memory ends, less what may be read behind an allocation.
    limit: usize,
    /// Where the arena starts over.
    base: usize,
    /// A call has ended: the next `malloc` starts the arena over.
    ended: bool,
    filter: Option<Filter>,
}

struct Global(UnsafeCell<State>);

// SAFETY: there is one thread.
unsafe impl Sync for Global {}

static STATE: Global = Global(UnsafeCell::new(State { next: 0, limit: 0, base: 0, ended: false, filter: None }));

struct Arena;

#[global_allocator]
static ARENA: Arena = Arena;

/// Room of at least `size` bytes; null when there is no more memory.
#[inline(always)]
fn allocate(size: usize) -> *mut u8 {
    // SAFETY: one thread, and no reference into the state outlives a statement.
    let state = STATE.0.get();
    let (start, limit) = unsafe { ((*state).next, (*state).limit) };
    // There are at least `2 * ALIGN` bytes behind the limit.
    if size < limit.wrapping_sub(start) && start <= limit {
        unsafe { (*state).next = round_up(start + size + ALIGN) };
        return start as *mut u8;
    }
    grow(size)
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
    let Some(end) = size.checked_add(start + 4 * ALIGN).filter(|end| *end <= u32::MAX as usize - PAGE) else {
        return core::ptr::null_mut();
    };
    let have = wasm32::memory_size::<0>() * PAGE;
    if end > have && wasm32::memory_grow::<0>((end - have).div_ceil(PAGE)) == usize::MAX {
        return core::ptr::null_mut();
    }
    unsafe {
        (*state).limit = wasm32::memory_size::<0>() * PAGE - 2 * ALIGN;
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

/// Room for the host. Starts the arena over after a call.
#[unsafe(no_mangle)]
pub extern "C" fn malloc(size: usize) -> *mut u8 {
    start();
    let state = STATE.0.get();
    // SAFETY: one thread, and between calls nothing of the arena is in use.
    unsafe {
        if (*state).ended {
            (*state).ended = false;
            (*state).next = (*state).base;
        }
    }
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
    start();
    if record.is_null() {
        return record;
    }
    // SAFETY: the host gives addresses of room that `malloc` gave, with the lengths of what it put there, and each such
    // room is followed by bytes that are nobody's. (The host has written the zero itself, as far as is known.)
    let (tag, padded) = unsafe {
        let tag = if tag.is_null() { &[] } else { core::slice::from_raw_parts(tag, tag_len) };
        record.cast_mut().add(record_len).write(0);
        (tag, core::slice::from_raw_parts(record, record_len + PADDING))
    };
    let state = STATE.0.get();
    // SAFETY: only the allocator touches the state meanwhile, and not this part of it.
    let Some(filter) = (unsafe { (*state).filter.as_mut() }) else { return record };
    let mut out = Vec::new();
    let outcome = filter.filter_padded(tag, padded, record_len, &mut out);
    unsafe { (*state).ended = true };
    match outcome {
        Outcome::Unchanged => record,
        Outcome::Dropped => c"".as_ptr().cast(),
        Outcome::Changed => {
            out.push(0);
            out.leak().as_ptr()
        }
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    wasm32::unreachable()
}
