//! Files that the command line reads: Fluent Bit's configurations and task definitions.
use firelens_pipeline::{
    Pipeline, Version,
    lint::{self, Context, fix, report},
    pipeline,
    task_definition::inject::{Apps, OwnLog, Request, Router},
};
use std::{fs, path::PathBuf, process, sync::LazyLock};

/// A password that nothing else holds.
pub const SECRET: &str = "hunter2-hunter2-hunter2";

/// A folder of this process, in memory where there is such a place.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let base = PathBuf::from("/dev/shm");
    let base = if base.is_dir() { base } else { std::env::temp_dir() };
    let folder = base.join(format!("firelens-fuzz-{}", process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
});

/// Lints a file with this ending and content; what is printed, in each format.
pub fn lint(ending: &str, content: &[u8]) -> Vec<(&'static str, String)> {
    let path = FOLDER.join(format!("any.{ending}"));
    let read = |content: &[u8]| {
        fs::write(&path, content).expect("a file");
        Context::read(std::slice::from_ref(&path), None, Version::DEFAULT).expect("it is there")
    };
    let context = read(content);
    let (findings, sources) = (lint::lint(&context), context.sources());
    assert!(context.files.len() == 1, "another file was read");
    for (source, file) in sources.iter().zip(&context.files) {
        assert_eq!(source.text.len(), file.text.len(), "what is covered stays in its place");
    }
    let printed = vec![
        ("text", report::text(&sources, &findings, false)),
        ("json", report::json(&sources, &findings).to_string()),
        ("sarif", report::sarif(&sources, &findings, "0").to_string()),
        ("github", report::github(&sources, &findings)),
    ];
    for fixed in fix::apply(&context.texts(), &findings) {
        lint::lint(&read(fixed.text.as_bytes()));
    }
    printed
}

/// A router for all containers without a log configuration.
pub fn request(register: bool) -> Request {
    let pipeline = Pipeline {
        version: Version::DEFAULT,
        containers: Vec::new(),
        joined: Vec::new(),
        routes: Vec::new(),
        destinations: Vec::new(),
        router: pipeline::Router::default(),
    };
    Request {
        router: Router {
            image: Some("example/router:1.0.0".into()),
            memory: 256,
            log: OwnLog { group: None, region: Some("eu-west-1".into()) },
            ..Router::of(&pipeline)
        },
        apps: Apps { names: Vec::new(), unconfigured: true },
        replace_log_driver: true,
        replace_router: true,
        register,
        limit_driver_buffer: false,
    }
}
