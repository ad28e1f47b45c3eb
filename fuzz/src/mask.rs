//! Private text between any bytes: none of it comes out, whatever stands around it, as long as it stands by itself. What is
//! private, and how it is spelled, is what the tests' oracle says, which knows nothing of the filter's code.
use crate::record;
use crate::spell::{self, Random};
use crate::targets::{access, filter, httpd, run};
use firelens_compiler::spec::{Format, Privacy, Spec};
use firelens_filter::Filter;
use std::cell::RefCell;

/// Kinds of lines in which any text can stand.
const AROUND: [(&str, &str); 4] = [
    ("", ""),
    ("I, [2026-11-22T07:38:32.123456 #7]  INFO -- : ", ""),
    ("[Sun Nov 22 07:38:33.301671 2026] [core:error] [pid 1:tid 2] [client 192.0.2.7:5] AH00127: ", ""),
    ("method=GET path=/ status=200 error='", "'"),
];

thread_local! {
    static FILTERS: RefCell<[Filter; 2]> = RefCell::new([false, true].map(|keep_log| {
        let error = Format::HttpdError { format: None, zone: Vec::new() };
        let formats =
            vec![access("combined"), error, Format::Rails { zone: Vec::new() }, Format::Lograge { zone: Vec::new() }, Format::Json { zone: Vec::new() }];
        let privacy = Privacy {
            v4_bits: Some(24),
            v6_bits: Some(48),
            remove_user: true,
            parameters: spell::PARAMETERS.map(String::from).to_vec(),
            ..Privacy::default()
        };
        filter(&Spec { keep_log, privacy, ..httpd(formats) })
    }));
}

/// Eight bytes that choose what is private, and text around it.
///
/// # Panics
/// When what is private comes out.
pub fn mask(bytes: &[u8]) {
    let Some((seed, text)) = bytes.split_first_chunk::<8>() else { return };
    let mut random = Random(u64::from_le_bytes(*seed));
    let secret = if random.one_in(2) { spell::address(&mut random) } else { spell::url(&mut random) };
    let (before, after) = text.split_at(random.below(text.len() + 1));
    let apart = random.pick(&[" ", "\t", "(", "\u{a0}", "\u{1}"]);
    let (start, end) = AROUND[random.below(AROUND.len())];
    let as_json = random.one_in(5);
    let record_with = |middle: &[u8]| {
        let inside = [before, apart.as_bytes(), middle, b" ", after].concat();
        let line = match as_json {
            true => {
                let mut json = b"{\"m\":[".to_vec();
                record::push_string(&mut json, &inside);
                [&json[..], b"]}"].concat()
            }
            false => [start.as_bytes(), &inside, end.as_bytes()].concat(),
        };
        record::firelens("stdout", &line)
    };
    let (record, without) = (record_with(secret.text.as_bytes()), record_with(b"-"));
    let has =
        |text: &[u8], part: &str| text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()));
    FILTERS.with_borrow_mut(|filters| {
        for filter in filters {
            run(filter, &record, false);
            let (mut out, mut around) = (Vec::new(), Vec::new());
            filter.filter(record::TAG, &record, &mut out);
            filter.filter(record::TAG, &without, &mut around);
            // What stands around can hold the same letters by chance.
            for part in secret.gone.iter().filter(|part| !has(&around, part)) {
                assert!(!has(&out, part), "{part} is still there: {}", String::from_utf8_lossy(&out));
            }
        }
    });
}
