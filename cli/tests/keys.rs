//! The one table of keys: the reader takes each of them, the schema knows each, and the docs' tables are made of it.
mod support;

use firelens_config::{
    keys::{self, Key, REQUIRED, Shape, Table, destination},
    parse,
    problem::Code,
    resource,
    schema::schema,
};
use serde_json::{Value, json};
use std::{fmt::Write as _, fs, path::Path};
use support::{Folder, Run};

/// A file with one key in the table where it belongs: what stands around it, and the table's header.
struct Place {
    table: &'static Table,
    header: &'static str,
}

const ROUTED: &str = "[[route]]\nname = \"rest\"\nto = \"x\"\n[destination.x]\ntype = \"s3\"\n";

const PLACES: [Place; 20] = [
    Place { table: &keys::TOP, header: "" },
    Place { table: &keys::CONTAINER, header: "[[container]]\n" },
    Place { table: &keys::JSON, header: "[json]\n" },
    Place { table: &keys::ADDED_FIELD, header: "[add_fields]\nx" },
    Place { table: &keys::MULTILINE_STREAMS, header: "[[container]]\nname = \"a\"\nmultiline" },
    Place { table: &keys::MULTILINE, header: "[multiline.a]\n" },
    Place { table: &keys::FORMAT, header: "[[container]]\nname = \"a\"\nstdout" },
    Place { table: &keys::ROUTE, header: "[[route]]\n" },
    Place { table: &keys::MATCH, header: "[[route]]\nname = \"a\"\ndrop = true\n[route.match]\n" },
    Place { table: &keys::TEST, header: "[[route]]\nname = \"a\"\ndrop = true\n[route.match.user_agent]\n" },
    Place { table: &keys::PRIVACY, header: "[privacy]\n" },
    Place { table: &keys::MASK_CLIENTS, header: "[privacy.mask_clients]\n" },
    Place { table: &keys::PATTERN, header: "[privacy]\npatterns" },
    Place { table: &keys::ROUTER, header: "[router]\n" },
    Place { table: &keys::LINT, header: "[lint]\n" },
    Place { table: &keys::STACK, header: "[stack.app]\nimage = \"a\"\n[stack]\n" },
    Place { table: &keys::APP, header: "[stack.app]\n" },
    Place { table: &keys::EXISTING, header: "[stack.existing]\n" },
    Place { table: &destination::DELIVERY_STREAM, header: "[destination.y]\ntype = \"firehose\"\n" },
    Place { table: &destination::LIFECYCLE, header: "[destination.y]\ntype = \"s3\"\n[destination.y.lifecycle]\n" },
];

impl Place {
    fn file(&self, key: &Key) -> String {
        let line = match self.header.ends_with('\n') || self.header.is_empty() {
            true => format!("{} = {}\n", key.name, key.example),
            false if key.name == "format" || key.name == "timezone" => {
                format!(" = {{ type = \"httpd_error\", {} = {} }}\n", key.name, key.example)
            }
            false => format!(".{} = {}\n", key.name, key.example),
        };
        let beside = |other: &&Key| {
            let needed = other.default == REQUIRED || other.name == "name";
            needed && other.name != key.name && !other.example.is_empty() && self.header.ends_with('\n')
        };
        let beside = self.table.keys.iter().filter(beside).map(|other| format!("{} = {}\n", other.name, other.example));
        format!("{}{}{line}", self.header, beside.collect::<String>())
    }
}

/// The problems of a file that are about which keys there are, and about their types.
fn about_keys(source: &str) -> Vec<String> {
    let (_, problems) = parse(Path::new("firelens.toml"), source);
    let about = |code: Code| [Code::UnknownKey, Code::WrongType, Code::Syntax].contains(&code);
    problems.into_iter().filter(|problem| about(problem.code)).map(|problem| problem.message).collect()
}

#[test]
fn the_reader_takes_each_key_of_the_table() {
    for place in &PLACES {
        for key in place.table.keys.iter().filter(|key| !key.example.is_empty()) {
            let file = place.file(key);
            assert_eq!(about_keys(&file), [""; 0], "{} {}:\n{file}", place.table.title, key.name);
        }
    }
}

#[test]
fn what_the_table_bounds_the_reader_bounds() {
    for place in &PLACES {
        for key in place.table.keys {
            let Shape::Integer(low, high) = key.shape else { continue };
            for wrong in [low - 1, high.saturating_add(1)].into_iter().filter(|wrong| !(low..=high).contains(wrong)) {
                let example = wrong.to_string();
                let key = Key { example: Box::leak(example.into_boxed_str()), ..*key };
                let file = place.file(&key);
                let (_, problems) = parse(Path::new("firelens.toml"), &file);
                let refused = problems.iter().any(|problem| [Code::WrongValue, Code::Memory].contains(&problem.code));
                assert!(refused, "{file}\n{problems:?}");
            }
        }
    }
}

/// Whether a schema takes a value, as far as ours go: the words that are used in them.
fn takes(schema: &Value, value: &Value, root: &Value) -> bool {
    let Value::Object(schema) = schema else { return schema == &json!(true) };
    let all = |schemas: &Value| schemas.as_array().unwrap().iter().all(|one| takes(one, value, root));
    let any = |schemas: &Value| schemas.as_array().unwrap().iter().any(|one| takes(one, value, root));
    schema.iter().all(|(word, said)| match word.as_str() {
        "$ref" => takes(root.pointer(said.as_str().unwrap().trim_start_matches('#')).unwrap(), value, root),
        "allOf" => all(said),
        "anyOf" => any(said),
        "enum" => said.as_array().unwrap().contains(value),
        "minimum" => value.as_i64().is_none_or(|number| number >= said.as_i64().unwrap()),
        "maximum" => value.as_i64().is_none_or(|number| number <= said.as_i64().unwrap()),
        "items" => value.as_array().into_iter().flatten().all(|item| takes(said, item, root)),
        "required" => said.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
        "properties" => value.as_object().into_iter().flatten().all(|(key, value)| match said.get(key) {
            Some(schema) => takes(schema, value, root),
            None => true,
        }),
        "additionalProperties" => value.as_object().into_iter().flatten().all(|(key, value)| {
            schema.get("properties").is_some_and(|known| known.get(key).is_some()) || takes(said, value, root)
        }),
        "type" => match said.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64(),
            "number" => value.is_number(),
            other => panic!("type {other}"),
        },
        "$schema" | "title" | "description" | "examples" | "definitions" => true,
        other => panic!("`{other}` is not understood here"),
    })
}

fn as_json(source: &str) -> Option<Value> {
    let table: toml::Table = source.parse().ok()?;
    serde_json::to_value(table).ok()
}

/// Every configuration of the repository.
fn configurations(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        if path.is_dir() && name != "target" && !name.starts_with('.') && name != "corpus" {
            configurations(&path, found);
        } else if name.ends_with(".toml") && !name.ends_with(".test.toml") {
            found.push(path);
        }
    }
}

#[test]
fn the_schema_takes_what_the_reader_takes() {
    let schema = schema();
    let mut files = Vec::new();
    configurations(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut files);
    let mut taken = 0;
    for path in files {
        let source = fs::read_to_string(&path).unwrap();
        let (config, _) = parse(&path, &source);
        let Some(value) = as_json(&source).filter(|_| config.is_some()) else { continue };
        assert!(takes(&schema, &value, &schema), "{}", path.display());
        taken += 1;
    }
    assert!(taken > 30, "{taken} configurations");
}

#[test]
fn the_schema_refuses_unknown_keys_and_wrong_types() {
    let schema = schema();
    for wrong in [
        "nam = \"shop\"",
        "[router]\nmemory = 5",
        "[[container]]\nname = \"a\"\nstdin = \"combined\"",
        "[container]\nname = \"a\"",
        "[[route]]\nto = \"x\"",
        "[[route]]\nname = \"a\"\nmatch = { status = { atleast = 5 } }",
        "[privacy]\nmask_clients = \"yes\"",
        "[router]\nmemory_mib = 1",
        "[add_fields]\nx = { ecs = \"arn\" }",
        "[add_fields]\nx = [1]",
        "[destination.x]\ntype = \"fire\"",
        "[stack.app]\nimage = \"a\"\nports = 80",
        "keep_log = \"sometimes\"",
    ] {
        assert!(!takes(&schema, &as_json(wrong).unwrap(), &schema), "{wrong}");
        assert!(!parse(Path::new("firelens.toml"), wrong).1.is_empty(), "{wrong}");
    }
    assert!(takes(&schema, &as_json(ROUTED).unwrap(), &schema));
}

fn kit(folder: &Folder, args: &[&str]) -> Run {
    Run::new(folder.command().args(args).output().unwrap())
}

#[test]
fn the_verb_prints_the_schema_and_writes_it() {
    let folder = Folder::new();
    let printed = kit(&folder, &["schema"]);
    assert_eq!(serde_json::from_str::<Value>(&printed.stdout).unwrap(), schema());
    let run = kit(&folder, &["schema", "-o", "firelens.schema.json"]);
    assert_eq!((run.stdout.as_str(), run.code), ("", 0));
    assert_eq!(fs::read_to_string(folder.path("firelens.schema.json")).unwrap(), printed.stdout);
    kit(&folder, &["schema", "-o", "no/where.json"]).fails_with(2, &["cannot write no/where.json: "]);
}

/// A key that has a section of its own in the docs.
fn has_section(key: &Key) -> bool {
    matches!(
        key.shape,
        Shape::Table(_)
            | Shape::Tables(_)
            | Shape::Map(Shape::Table(_))
            | Shape::Any([Shape::Table(_), Shape::Tables(_)])
    ) && key.default == "none"
}

fn rows(table: &Table) -> String {
    let mut text = "| key | default | what it says |\n|---|---|---|\n".to_string();
    for key in table.keys.iter().filter(|key| !has_section(key)) {
        let _ = writeln!(text, "| `{}` | {} | {} |", key.name, key.default, key.about);
    }
    if table.others.is_some() {
        text.push_str(
            "| any other | the output's, or [ours](destinations.md) | an option of the output, under its real name |\n",
        );
    }
    text
}

fn tests() -> String {
    let mut text = "| test | holds when the field |\n|---|---|\n".to_string();
    for key in keys::TEST.keys.iter().filter(|key| key.name != "not") {
        let _ = writeln!(text, "| `{}` | {} |", key.name, key.about);
    }
    text
}

/// The keys about AWS's resources, each once, with the types of destinations that have them.
fn resources() -> String {
    let mut text = "| key | of | default | what it says |\n|---|---|---|---|\n".to_string();
    let types = firelens_pipeline::destination::ALL;
    let tables: Vec<_> = types.iter().filter_map(|known| Some((known.word, resource::keys(known)?))).collect();
    let mut seen = Vec::new();
    for key in tables.iter().flat_map(|(_, table)| table.keys) {
        if seen.contains(&key.name) {
            continue;
        }
        seen.push(key.name);
        let of: Vec<String> = tables
            .iter()
            .filter(|(_, table)| table.key(key.name).is_some())
            .map(|(word, _)| format!("`{word}`"))
            .collect();
        let _ = writeln!(text, "| `{}` | {} | {} | {} |", key.name, of.join(", "), key.default, key.about);
    }
    text
}

/// The page with the first table after the heading replaced.
fn replaced(page: &str, heading: &str, table: &str) -> String {
    let at = page.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no heading {heading}"));
    let first = table.lines().next().unwrap().split('|').nth(1).unwrap();
    let start = at + page[at..].find(&format!("\n|{first}|")).unwrap_or_else(|| panic!("no table after {heading}")) + 1;
    let end = page[start..].split_inclusive('\n').take_while(|line| line.starts_with('|')).map(str::len).sum::<usize>();
    format!("{}{table}{}", &page[..start], &page[start + end..])
}

#[test]
fn the_docs_have_the_keys_of_the_table() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let tables = [
        ("## Top level", rows(&keys::TOP)),
        ("## `[[container]]`", rows(&keys::CONTAINER)),
        ("## `multiline`", rows(&keys::MULTILINE)),
        ("## `[[route]]`", rows(&keys::ROUTE)),
        ("### `match`", tests()),
        ("## `[json]`", rows(&keys::JSON)),
        ("## `[privacy]`", rows(&keys::PRIVACY)),
        ("## `[router]`", rows(&keys::ROUTER)),
        ("## `[destination.NAME]`", rows(&destination::DESTINATION)),
        ("## `[stack]`", rows(&keys::STACK)),
        ("### `[stack.app]`", rows(&keys::APP)),
        ("### `[stack.existing]`", rows(&keys::EXISTING)),
    ];
    let expectations = [("## Expectations", rows(&keys::expectations::TEST))];
    let pages = [
        ("firelens-toml.md", tables.to_vec()),
        ("destinations.md", vec![("## The resources", resources())]),
        ("testing.md", expectations.to_vec()),
    ];
    for (name, tables) in pages {
        let page = fs::read_to_string(docs.join(name)).unwrap();
        let expected = tables.iter().fold(page.clone(), |page, (heading, table)| replaced(&page, heading, table));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(docs.join(name), &expected).unwrap();
        } else {
            let differs = page.lines().zip(expected.lines()).find(|(page, expected)| page != expected);
            assert!(page == expected, "docs/{name}: run this test with UPDATE_EXPECTED=1\n{differs:?}");
        }
    }
}
