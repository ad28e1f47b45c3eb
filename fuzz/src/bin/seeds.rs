//! Writes the corpus' lines as the first inputs of each fuzz target, and compiles the modules that `packaged` runs.
use firelens_compiler::compile;
use firelens_fuzz::{
    host, modules, packaged, programs, record,
    targets::{access, all_formats, everything, httpd, log_formats},
};
use std::path::{Path, PathBuf};
use std::{fs, thread};

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
    let access_lines: Vec<Vec<u8>> = logs("access").iter().flat_map(|path| lines(path, 7)).collect();
    let error: Vec<Vec<u8>> = logs("error").iter().flat_map(|path| lines(path, 5)).collect();
    let mixed = || access_lines.iter().step_by(5).chain(error.iter().step_by(3));
    write(root, "record", mixed().map(|line| record::firelens("stdout", line)));
    write(root, "record", HOSTILE.iter().map(|text| text.as_bytes().to_vec()));
    write(root, "access_line", access_lines.iter().cloned());
    write(root, "error_line", error.iter().cloned());
    let formats = log_formats().into_iter().chain(LOG_FORMATS.iter().map(|format| (*format).to_owned()));
    write(root, "log_format", formats.map(|format| [format.as_bytes(), b"\n", &access_lines[3]].concat()));
    let samples = programs::samples();
    let packaged = samples.iter().enumerate().flat_map(|(at, sample)| {
        let numbered = sample.lines.iter().step_by(41).enumerate();
        numbered.map(move |(number, line)| [&[at as u8, number as u8, number as u8], line.as_bytes()].concat())
    });
    write(root, "packaged", packaged);
    compile_modules();
    let specs = [httpd(all_formats()), everything(all_formats()), everything(vec![access("combined")])];
    write(root, "oci_layout", layouts());
    write(root, "registry_answer", answers());
    let lint = root.join("../fluent-bit/tests/lint");
    let classic = files(&lint, "conf").into_iter().map(|text| [&b"b"[..], &text[..]].concat());
    let yaml = files(&lint, "yaml").into_iter().map(|text| [&b"a"[..], &text[..]].concat());
    write(root, "fluent_bit", classic.chain(yaml));
    let tasks = [lint, root.join("../fluent-bit/tests"), root.join("../cli/tests")];
    write(root, "task_definition", tasks.iter().flat_map(|folder| files(folder, "json")));
    write(root, "program", specs.iter().map(|spec| compile(spec).expect("right").to_bytes()));
}

/// Compiles the modules of all programs, unless that was done before.
fn compile_modules() {
    let engine = host::engine();
    let samples = programs::samples();
    let each = |sample: &programs::Sample| {
        (0..packaged::EACH).map(|number| programs::program(&sample.format, number)).collect::<Vec<_>>()
    };
    let all: Vec<_> = samples.iter().flat_map(each).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for part in all.chunks(all.len().div_ceil(threads)) {
            let engine = &engine;
            scope.spawn(move || {
                for program in part {
                    let module = firelens_packager::package(firelens_packager::RAW, program).expect("a module");
                    let path = modules::path(&module);
                    if path.exists() {
                        continue;
                    }
                    let code = engine.precompile_module(&module).expect("a module");
                    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                    let temporary = path.with_extension(format!("{:?}", thread::current().id()));
                    fs::write(&temporary, code).expect("a file");
                    fs::rename(&temporary, &path).expect("a file");
                }
            });
        }
    });
    println!("packaged: {} modules are compiled", all.len());
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

/// A manifest, a configuration and a layer, the first of which is the part with this number.
fn image(first: usize) -> [String; 3] {
    let of = |kind: &str, part: usize| {
        format!(r#"{{"mediaType":"application/vnd.oci.image.{kind}","digest":"@{part}@","size":#{part}#}}"#)
    };
    let (config, layer) = (of("config.v1+json", first + 1), of("layer.v1.tar", first + 2));
    let labels = r#"{"com.aws-for-fluent-bit.fluent-bit.version":"5.0.9"}"#;
    let root = format!(r#"{{"type":"layers","diff_ids":["@{}@"]}}"#, first + 2);
    [
        format!(r#"{{"schemaVersion":2,"config":{config},"layers":[{layer}]}}"#),
        format!(r#"{{"os":"linux","architecture":"amd64","config":{{"Labels":{labels}}},"rootfs":{root}}}"#),
        "layer".to_owned(),
    ]
}

/// Indexes of layouts, before the parts of [`image`].
const INDEXES: [&str; 3] = [
    r#"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"@1@","size":#1#,"annotations":{"org.opencontainers.image.ref.name":"a/b:1"}}]}"#,
    r#"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"@1@","size":#1#,"platform":{"os":"linux","architecture":"amd64"}},{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"@1@","size":#1#,"platform":{"os":"linux","architecture":"arm64","variant":"v8"}}]}"#,
    r#"{"schemaVersion":2,"manifests":[{"mediaType":"x","digest":"@4@","size":1,"annotations":{"org.opencontainers.image.ref.name":"a"}},{"mediaType":"x","digest":"@1@","size":1}]}"#,
];

/// What registries answer before an image: to `/v2/`, and with a token; or in its place.
const ANSWERS: [&[&str]; 4] = [
    &["0\n\n"],
    &["4\nwww-authenticate: Basic realm=\"x\"\n\n"],
    &[
        "4\nwww-authenticate: Bearer realm=\"http://SELF/t\",service=\"s\"\n\n",
        "0\n\n{\"token\":\"t\",\"expires_in\":9}",
    ],
    &["0\n\n", "2\nlocation: /elsewhere\n\n"],
];

/// Answers in place of an image.
const REFUSALS: [&str; 2] = [
    "0\n\n%%3\n\n{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\"}]}",
    "0\n\n%%1\ncontent-range: bytes 0-4/5\ndocker-content-digest: sha256:x\n\nlayer",
];

fn answers() -> impl Iterator<Item = Vec<u8>> {
    let images = ANSWERS.iter().map(|before| {
        let image = image(before.len()).map(|part| format!("0\n\n{part}"));
        let parts: Vec<&str> = before.iter().copied().chain(image.iter().map(String::as_str)).collect();
        parts.join("%%").into_bytes()
    });
    images.chain(REFUSALS.iter().map(|refusal| refusal.as_bytes().to_vec()))
}

fn layouts() -> impl Iterator<Item = Vec<u8>> {
    let layouts = INDEXES.iter().map(|index| format!("{index}%%{}", image(1).join("%%")).into_bytes());
    layouts.chain([archive()])
}

/// What `docker save` writes: blocks of 512 bytes, a header before each file.
fn archive() -> Vec<u8> {
    let layer = "layer";
    let digest = firelens_oci::digest(layer.as_bytes());
    let config = format!(r#"{{"os":"linux","architecture":"amd64","rootfs":{{"diff_ids":["{digest}"]}}}}"#);
    let manifest = r#"[{"Config":"c.json","RepoTags":["a/b:1"],"Layers":["l.tar"]}]"#;
    let mut archive = b"T".to_vec();
    for (name, content) in [("l.tar", layer), ("c.json", &config), ("manifest.json", manifest)] {
        let mut header = [0u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[156] = b'0';
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend_from_slice(&header);
        archive.extend_from_slice(content.as_bytes());
        archive.resize(1 + (archive.len() - 1).next_multiple_of(512), 0);
    }
    archive.extend_from_slice(&[0; 1024]);
    archive
}

/// The contents of all small files under a folder with this ending.
fn files(folder: &Path, ending: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).map(|all| all.flatten().map(|entry| entry.path()).collect()).unwrap_or_default();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|own| own == ending) {
            found.extend(fs::read(&path).ok().filter(|text| text.len() < 20_000));
        }
    }
    found
}

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
