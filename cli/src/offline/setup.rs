//! What lines are run through: a program, the module that carries it, and where its routes lead.
use super::{host::Host, join::Joins};
use crate::{
    Error, Ui,
    config::{self, Config, Route},
    pipeline,
};
use firelens_compiler::spec::{Container, Format, Spec, Zone};
use firelens_filter::{Program, program};
use firelens_pipeline::Pipeline;
use std::path::Path;

/// The configuration that is used when none is named.
pub const DEFAULT_CONFIG: &str = "firelens.toml";

/// The name of httpd's own layouts of error lines.
const ERROR_LOG: &str = "httpd_error";

/// A filter that is ready to run.
pub struct Setup {
    pub spec: Spec,
    pub program: Program,
    pub host: Host,
    /// The destinations of each route; the same order as the program's routes.
    pub to: Vec<Vec<String>>,
    /// The pipeline around the filter, when there is a `firelens.toml`.
    pub pipeline: Option<Pipeline>,
    /// The rules for lines that belong together.
    pub joins: Joins,
}

impl Setup {
    /// The filter of a `firelens.toml`.
    ///
    /// # Errors
    /// When the file is wrong.
    pub fn from_config(config: &Config) -> Result<Setup, Error> {
        let to = config.routes.iter().map(|route| route.to.clone()).collect();
        let setup = Setup::new(config.spec.clone(), config.program.clone(), to)?;
        let pipeline = pipeline::pipeline(config);
        Ok(Setup {
            joins: Joins::new(&pipeline.joined, pipeline.containers.clone()).map_err(Error::new)?,
            pipeline: Some(pipeline),
            ..setup
        })
    }

    /// The filter of the `firelens.toml` at `path`.
    ///
    /// # Errors
    /// When the file cannot be read or is wrong.
    pub fn load(path: &Path, ui: &Ui) -> Result<Setup, Error> {
        Setup::from_config(&config::load(path, ui)?)
    }

    /// The filter as it is without a configuration.
    ///
    /// # Errors
    /// When the module cannot be set up.
    pub fn plain() -> Result<Setup, Error> {
        Setup::from_spec(Spec::default())
    }

    /// A filter for these formats of stdout and stderr; where none are given, httpd's own are taken.
    ///
    /// # Errors
    /// What is wrong with the formats.
    pub fn from_formats(container: &str, access: &[String], error: &[String]) -> Result<Setup, Error> {
        let zone = Zone::new;
        let or = |given: Vec<Format>, usual: Vec<Format>| if given.is_empty() { usual } else { given };
        let access_format = |format: &str| Format::Access { format: format.to_owned(), zone: zone() };
        let error_format =
            |format: Option<&str>| Format::HttpdError { format: format.map(str::to_owned), zone: zone() };
        let usual =
            firelens_compiler::BUILT_IN.into_iter().filter(|name| *name != ERROR_LOG).map(access_format).collect();
        let stdout = or(access.iter().map(|format| access_format(format)).collect(), usual);
        let named = |format: &String| error_format(Some(format.as_str()).filter(|format| *format != ERROR_LOG));
        let stderr = or(error.iter().map(named).collect(), vec![error_format(None)]);
        Setup::from_spec(Spec {
            containers: vec![Container { name: container.to_owned(), stdout, stderr }],
            ..Spec::default()
        })
    }

    /// The routes, with their destinations.
    pub fn routes(&self) -> Vec<Route> {
        let routes = self.program.routes.iter().enumerate();
        let route = |(index, route): (usize, &program::Route)| Route {
            name: route.name.clone(),
            to: self.to.get(index).cloned().unwrap_or_default(),
        };
        routes.map(route).collect()
    }

    fn from_spec(spec: Spec) -> Result<Setup, Error> {
        let program = firelens_compiler::compile(&spec).map_err(|errors| Error::Rendered(render(&spec, &errors)))?;
        Setup::new(spec, program, Vec::new())
    }

    fn new(spec: Spec, program: Program, to: Vec<Vec<String>>) -> Result<Setup, Error> {
        let wasm = firelens_packager::package(firelens_packager::RAW, &program)?;
        let host = Host::new(&wasm).map_err(Error::new)?;
        Ok(Setup { spec, program, host, to, pipeline: None, joins: Joins::default() })
    }
}

/// The errors in formats that were given on the command line.
fn render(spec: &Spec, errors: &[firelens_compiler::Error]) -> String {
    errors.iter().map(|error| render_one(spec, error)).collect()
}

fn render_one(spec: &Spec, error: &firelens_compiler::Error) -> String {
    use firelens_compiler::Part;
    let format = match error.place {
        Part::Stdout { container, format } => &spec.containers[container].stdout[format],
        Part::Stderr { container, format } => &spec.containers[container].stderr[format],
        _ => return format!("error: {}\n", error.message),
    };
    let (option, text) = match format {
        Format::Access { format, .. } => ("--log-format", format.as_str()),
        Format::HttpdError { format, .. } => ("--error-log-format", format.as_deref().unwrap_or(ERROR_LOG)),
        _ => ("format", ""),
    };
    let mut shown = format!("error: {option}: {}\n  {text}\n", error.message);
    if let Some(span) = &error.span {
        let before = text.get(..span.start).unwrap_or_default().chars().count();
        let marked = text.get(span.clone()).unwrap_or_default().chars().count().max(1);
        shown.push_str(&format!("  {}{}\n", " ".repeat(before), "^".repeat(marked)));
    }
    if let Some(help) = &error.help {
        shown.push_str(&format!("  help: {help}\n"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_a_format_points_at_its_place() {
        let format = Format::Access { format: "%h%l".into(), zone: Zone::new() };
        let container = Container { name: String::new(), stdout: vec![format], stderr: Vec::new() };
        let spec = Spec { containers: vec![container], ..Spec::default() };
        let error = firelens_compiler::Error {
            place: firelens_compiler::Part::Stdout { container: 0, format: 0 },
            span: Some(2..4),
            message: "nothing stands between %h and %l".into(),
            help: Some("put a blank between them".into()),
        };
        let expected = "error: --log-format: nothing stands between %h and %l\n  %h%l\n    ^^\n  \
                        help: put a blank between them\n";
        assert_eq!(render(&spec, &[error]), expected);
    }
}
