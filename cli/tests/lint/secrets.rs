//! Nothing is shown or changed that was not named, and no secret.
use super::*;

const FORMATS: [&str; 4] = ["text", "json", "sarif", "github"];

#[test]
fn files_outside_of_the_named_folders_are_not_shown() {
    let folder = Folder::new()
        .with("conf/main.conf", "[SERVICE]\n    Flush 1\n@INCLUDE ../home/credentials\n@INCLUDE /proc/self/environ\n")
        .with("home/credentials", "aws_access_key = PRIVATE\n");
    for format in FORMATS {
        for fix in [false, true] {
            let mut command = folder.command();
            command.env("TOKEN", "PRIVATE").args(["lint", "--format", format, "conf/main.conf"]);
            let run = Run::new(if fix { command.arg("--fix") } else { &mut command }.output().unwrap());
            assert!(!run.stdout.contains("PRIVATE") && !run.stderr.contains("PRIVATE"), "{format}: {}", run.stdout);
            assert!(run.stdout.contains("outside the folders of the files"), "{format}: {}", run.stdout);
        }
    }
    let run = kit(&folder, &["conf/main.conf", "--include-dir", "home"]);
    assert!(run.stdout.contains("aws_access_key"), "{}", run.stdout);
}

#[test]
fn only_named_files_are_fixed() {
    let folder = Folder::new().with("main.conf", "@INCLUDE extra.conf\n").with("extra.conf", CONF);
    let run = kit(&folder, &["--fix", "main.conf"]);
    assert!(run.stdout.contains("extra.conf:9:10") && run.stderr.is_empty(), "{}{}", run.stdout, run.stderr);
    assert_eq!(folder.read("extra.conf"), CONF);
    kit(&folder, &["--fix", "main.conf", "extra.conf"]);
    assert_eq!(folder.read("extra.conf"), MENDED);
}

/// A secret in every format and every parser, and wherever something is wrong around it.
#[test]
fn secrets_are_printed_nowhere() {
    let output = "[OUTPUT]\n    Name http\n    Match *\n";
    let task = |options: &str| {
        format!("{{\"family\": \"x\", \"containerDefinitions\": [{{\"name\": \"a\", \"image\": \"b:1\", {options}}}]}}")
    };
    let toml = |more: &str| format!("{CONFIG}\n[destination.web]\ntype = \"custom\"\nname = \"http\"\n{more}\n");
    let files = [
        ("a.conf", format!("{output}    http_passwd=hunter2\n")),
        ("b.conf", format!("{output}    http_passwd:hunter2\n    apikey\thunter2\n")),
        ("c.conf", format!("{output}    http_passwd hunter2\n    http_passwd hunter2\n    tls hunter2\n")),
        ("d.conf", format!("{output}  http_passwd hunter2\n")),
        ("e.conf", format!("{output}    Header Authorization Bearer hunter2\n    @X http_passwd hunter2\n")),
        ("f.conf", "@SET http_passwd hunter2\n@SETX password=hunter2\n".to_string()),
        ("g.conf", format!("{output}    http_passwdd|hunter2\n")),
        (
            "a.yaml",
            "pipeline:\n  outputs:\n    - name: http\n      http_passwd: hunter2\n      tls: hunter2\n".to_string(),
        ),
        ("b.yaml", "pipeline:\n  outputs:\n    - name: http\n      http_passwd: hunter2\n     x: [\n".to_string()),
        (
            "c.yaml",
            "pipeline:\n  outputs:\n    - name: http\n      http_passwd: |\n        hunter2\n     x: [\n".to_string(),
        ),
        ("d.yaml", "pipeline:\n  outputs:\n    - {name: http, http_passwd: {a: hunter2}, x: [}\n".to_string()),
        ("e.yaml", "env:\n  password: hunter2\n  password: {hunter2: x}\nhttp_passwd: [hunter2]\n".to_string()),
        (
            "a.json",
            task(
                "\"logConfiguration\": {\"logDriver\": \"awsfirelens\", \"options\": {\"Name\": \"http\", \"http_passwd\": \"hunter2\"}}",
            ),
        ),
        ("b.json", task("\"environment\": [{\"name\": \"DB_PASSWORD\", \"value\": \"hunter2\"}], \"cpu\": {}")),
        ("c.json", "{\"http_passwd\": \"hunter2\n".to_string()),
        (
            "d.json",
            task("\"logConfiguration\": {\"logDriver\": \"awslogs\", \"options\": {\"http_passwd\": \"hunter2\"}}"),
        ),
        ("a.toml", toml("http_passwd = \"hunter2\"")),
        ("b.toml", toml("http_passwd = \"hunter2\" x")),
        ("c.toml", toml("http_passwd = hunter2")),
        ("d.toml", toml("http_passwdd = \"hunter2\"\nhttp_passwd = [\"hunter2\", 1]")),
        (
            "e.toml",
            "name = \"x\"\npassword = \"hunter2\"\n[app]\nenvironment = { DB_PASSWORD = \"hunter2\" }\n".to_string(),
        ),
    ];
    for (name, content) in &files {
        let folder = Folder::new().with(name, content);
        for format in FORMATS {
            let run = kit(&folder, &["--format", format, name]);
            assert!(!run.stdout.contains("hunter2"), "{name} as {format}:\n{}", run.stdout);
            assert!(!run.stderr.contains("hunter2"), "{name} as {format}:\n{}", run.stderr);
        }
    }
    for (name, content) in files.iter().filter(|(name, _)| name.ends_with(".toml") || name.ends_with(".json")) {
        let toml = name.ends_with(".toml");
        let folder = Folder::new().with(name, content);
        let args: &[&str] =
            if toml { &["render", "-c", name, "-o", "r"] } else { &["inject", name, "--image", "a/b:1", "--check"] };
        let folder = if toml { folder } else { folder.with("firelens.toml", CONFIG) };
        let run = Run::new(folder.command().args(args).output().unwrap());
        assert!(
            !run.stdout.contains("hunter2") && !run.stderr.contains("hunter2"),
            "{name}:\n{}{}",
            run.stdout,
            run.stderr
        );
    }
}
