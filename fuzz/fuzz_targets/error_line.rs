//! Any bytes as an error line, for httpd's own layouts and for an ErrorLogFormat.
#![no_main]
use firelens_filter::Filter;
use firelens_filter::spec::Format;
use firelens_fuzz::{access, error_log, everything, filter, httpd, record, run};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

/// The manual's example for threaded servers.
const MANUAL: &str = "[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\\ %a] %M% ,\\ referer\\ %{Referer}i";

thread_local! {
    static FILTERS: RefCell<[(Filter, bool); 3]> = RefCell::new([
        (filter(&httpd(vec![error_log()])), true),
        (filter(&httpd(vec![Format::HttpdError { format: Some(MANUAL.into()), zone: Vec::new() }])), true),
        (filter(&everything(vec![access("combined"), error_log()])), false),
    ]);
}

fuzz_target!(|line: &[u8]| {
    let record = record::firelens("stderr", line);
    FILTERS.with_borrow_mut(|filters| {
        for (filter, foreign) in filters {
            run(filter, &record, *foreign);
        }
    });
});
