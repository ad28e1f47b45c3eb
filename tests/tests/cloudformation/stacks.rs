//! The stacks, each a configuration in `stacks/`.
use firelens_infra::{
    Place, Stack,
    export::{
        cloudformation::{self, Template},
        symbol,
    },
};
use firelens_kit::{
    config::{Config, parse, problem},
    export,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

pub struct Example {
    pub name: String,
    pub path: PathBuf,
    config: Config,
}

pub fn all() -> Vec<Example> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cloudformation/stacks");
    let paths = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    paths.sort();
    paths.into_iter().map(read).collect()
}

pub fn named(name: &str) -> Example {
    all().into_iter().find(|example| example.name == name).expect("there is such a stack")
}

fn read(path: PathBuf) -> Example {
    let source = fs::read_to_string(&path).unwrap();
    example(path, &source)
}

fn example(path: PathBuf, source: &str) -> Example {
    let (config, problems) = parse(&path, source);
    let config = config.unwrap_or_else(|| panic!("{}", problem::render("firelens.toml", source, &problems, false)));
    Example { name: path.file_stem().unwrap().to_str().unwrap().to_string(), config, path }
}

impl Example {
    /// With other texts in place of some in its configuration.
    pub fn with(&self, texts: &[(&str, &str)]) -> Example {
        let source = fs::read_to_string(&self.path).unwrap();
        example(self.path.clone(), &texts.iter().fold(source, |source, (text, other)| source.replace(text, other)))
    }

    /// As a deploy makes it there, with a mark for the router's image.
    pub fn stack(&self, place: &Place) -> Stack {
        export::stack(&self.config, place).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// For everywhere.
    pub fn template(&self) -> Template {
        self.template_for(&symbol::place(None, None))
    }

    pub fn template_for(&self, place: &Place) -> Template {
        let template = cloudformation::template(&self.stack(place), place);
        template.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}
