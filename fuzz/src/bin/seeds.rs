//! Writes the corpus' lines as the first inputs of each fuzz target.
use firelens_filter::compile::compile;
use firelens_fuzz::{
    record,
    targets::{access, all_formats, everything, httpd, log_formats},
};
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixtures = root.join("../tests/fixtures");
    let logs = |kind: &str| -> Vec<PathBuf> {
        let entries = fs::read_dir(fixtures.join(kind)).expect("the corpus");
        let paths = entries.map(|entry| entry.expect("a file of the corpus").path());
        let mut logs: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "log")).collect();
        logs.sort();
        logs
    };
    let lines = |path: &PathBuf, every: usize| -> Vec<Vec<u8>> {
        let text = fs::read(path).expect("a log");
        let lines = text.split(|&byte| byte == b'\n').step_by(every);
        lines.filter(|line| line.len() < 2000).map(<[u8]>::to_vec).collect()
    };
    let access: Vec<Vec<u8>> = logs("access").iter().flat_map(|path| lines(path, 7)).collect();
    let error: Vec<Vec<u8>> = logs("error").iter().flat_map(|path| lines(path, 5)).collect();
    let mixed = || access.iter().step_by(5).chain(error.iter().step_by(3));
    write(root, "record", mixed().map(|line| record::firelens("stdout", line)));
    write(root, "record", HOSTILE.iter().map(|text| text.as_bytes().to_vec()));
    write(root, "access_line", access.iter().cloned());
    write(root, "error_line", error.iter().cloned());
    let formats = log_formats().into_iter().chain(LOG_FORMATS.iter().map(|format| (*format).to_owned()));
    write(root, "log_format", formats.map(|format| [format.as_bytes(), b"\n", &access[3]].concat()));
    let samples = firelens_fuzz::programs::samples();
    let packaged = samples.iter().enumerate().flat_map(|(at, sample)| {
        let numbered = sample.lines.iter().step_by(41).enumerate();
        numbered.map(move |(number, line)| [&[at as u8, number as u8, number as u8], line.as_bytes()].concat())
    });
    write(root, "packaged", packaged);
    let specs = [httpd(all_formats()), everything(all_formats()), everything(vec![access("combined")])];
    write(root, "program", specs.iter().map(|spec| compile(spec).expect("right").to_bytes()));
}

/// Records that are not strict JSON, or nearly so.
const HOSTILE: [&str; 8] = [
    r#"{"a":nan,"b":-inf,7:[inf],"log":"x"}"#,
    r#"{"\u006bind":"error","route":{"a":1},"log":"{\"kind\":\"error\"}"}"#,
    r#"{"log":"\ud83d\ude00 \ud83d","ext":"\x01"}"#,
    r#"{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],"log":5}"#,
    r#"{"log":"a","log":"b","source":"stderr","source":1}"#,
    r#"{"log":"method=GET path=/x format=html status=200 duration=1.5 kind=error"}"#,
    r#"{"log":"I, [2026-11-22T07:38:32.729983 #7]  INFO -- : [a] Started GET \"/\" for 127.0.0.1 at 2026-11-22 07:38:32 +0000"}"#,
    "{}",
];

/// Directives that the corpus' formats do not have.
const LOG_FORMATS: [&str; 8] = [
    r#"%!200,304{Referer}i %<s %{%d/%b/%Y %T}t.%{msec_frac}t %{begin:sec}t %{end:usec}t"#,
    r#"%{c}h %{remote}p %{local}p %{canonical}p %{pid}P %{tid}P %{hextid}P %S %^FB %^ti"#,
    r#"%{%Y-%m-%dT%H:%M:%S}t %{UTC}t %{ms}T %{us}T %{s}T %R %L %f %q %U %m %H"#,
    r#"%{VARNAME}e %{Foobar}n %{X-Header}o %{SSL_PROTOCOL}x %{SSL_PROTOCOL}c %{trailer}^ti"#,
    r#"%h%l"#,
    r#"%%%% "%r" \t \n \\ \""#,
    r#"combined"#,
    r#"%{%A, %d %B %Y %I:%M:%S %p %Z %j %C %y %e %k %l}t"#,
];

fn write(root: &Path, target: &str, inputs: impl Iterator<Item = Vec<u8>>) {
    let dir = root.join("corpus").join(target);
    fs::create_dir_all(&dir).expect("a folder");
    let before = fs::read_dir(&dir).expect("a folder").count();
    let mut count = 0;
    for input in inputs {
        fs::write(dir.join(format!("seed-{}-{count:05}", input.len())), input).expect("a file");
        count += 1;
    }
    println!("{target}: {count} seeds, {before} inputs were there");
}
