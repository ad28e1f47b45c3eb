//! Any bytes as a record: one strict, shallow object comes out, and what the filter does not own is in it.
#![no_main]
use firelens_filter::Filter;
use firelens_filter::spec::Spec;
use firelens_fuzz::{all_formats, everything, filter, httpd, run};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

thread_local! {
    static FILTERS: RefCell<[(Filter, bool); 3]> = RefCell::new([
        (filter(&Spec::default()), true),
        (filter(&httpd(all_formats())), true),
        (filter(&everything(all_formats())), false),
    ]);
}

fuzz_target!(|record: &[u8]| {
    FILTERS.with_borrow_mut(|filters| {
        for (filter, foreign) in filters {
            run(filter, record, *foreign);
        }
    });
});
