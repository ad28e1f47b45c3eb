//! Any bytes as an access line, for every LogFormat of the corpus.
#![no_main]
use firelens_filter::Filter;
use firelens_fuzz::{access, everything, filter, httpd, log_formats, record, run};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

thread_local! {
    static FILTERS: RefCell<Vec<Filter>> = RefCell::new({
        let formats: Vec<_> = log_formats().iter().map(|format| access(format)).collect();
        formats.iter().map(|format| filter(&httpd(vec![format.clone()]))).collect()
    });
    static PRIVATE: RefCell<Filter> =
        RefCell::new(filter(&everything(log_formats().iter().map(|format| access(format)).collect())));
}

fuzz_target!(|line: &[u8]| {
    let record = record::firelens("stdout", line);
    FILTERS.with_borrow_mut(|filters| filters.iter_mut().for_each(|filter| run(filter, &record, true)));
    PRIVATE.with_borrow_mut(|filter| run(filter, &record, false));
});
