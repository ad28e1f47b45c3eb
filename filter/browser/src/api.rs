//! What JavaScript calls, and what it brings: the packaged module, running.
use crate::run::{self, Origin};
use firelens_config::{Config, schema};
use firelens_lines::host::{Arguments, Host, Hosted, Machine};
use serde_json::json;
use std::ops::Range;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r"
/** A compiled module. */
export interface Module {
  /** Starts it. */
  start(): Instance;
}

/** A running module. What it throws is the reason of a trap. */
export interface Instance {
  malloc(size: number): number;
  free(pointer: number): void;
  filter(tag: number, tagLength: number, seconds: number, nanoseconds: number, record: number, length: number): number;
  /** Writes bytes and a NUL; false when they do not lie within the memory. */
  write(at: number, bytes: Uint8Array): boolean;
  /** The C string at a pointer; undefined when it leads out of the memory. */
  string(pointer: number): Uint8Array | undefined;
}
";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Module")]
    pub type Module;

    #[wasm_bindgen(method, catch)]
    fn start(this: &Module) -> Result<Instance, JsValue>;

    #[wasm_bindgen(typescript_type = "Instance")]
    pub type Instance;

    #[wasm_bindgen(method, catch)]
    fn malloc(this: &Instance, size: u32) -> Result<u32, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn free(this: &Instance, pointer: u32) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn filter(
        this: &Instance,
        tag: u32,
        tag_length: u32,
        seconds: i32,
        nanoseconds: i32,
        record: u32,
        length: u32,
    ) -> Result<u32, JsValue>;

    #[wasm_bindgen(method)]
    fn write(this: &Instance, at: u32, bytes: &[u8]) -> bool;

    #[wasm_bindgen(method)]
    fn string(this: &Instance, pointer: u32) -> Option<Vec<u8>>;
}

impl Host for Module {
    type Instance = Hosted<Running>;

    fn instantiate(&self) -> Result<Hosted<Running>, String> {
        let instance = self.start().map_err(|error| format!("cannot start the module: {}", reason(&error)))?;
        Ok(Hosted::new(Running { instance, text: Vec::new() }))
    }
}

/// A running module, and its last result.
pub struct Running {
    instance: Instance,
    text: Vec<u8>,
}

impl Machine for Running {
    fn malloc(&mut self, size: u32) -> Result<u32, String> {
        self.instance.malloc(size).map_err(|error| reason(&error))
    }

    fn free(&mut self, pointer: u32) -> Result<(), String> {
        self.instance.free(pointer).map_err(|error| reason(&error))
    }

    fn filter(&mut self, (tag, tag_length, seconds, nanoseconds, record, length): Arguments) -> Result<u32, String> {
        let called = self.instance.filter(tag, tag_length, seconds, nanoseconds, record, length);
        called.map_err(|error| reason(&error))
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> bool {
        self.instance.write(at, bytes)
    }

    fn string(&mut self, pointer: u32) -> Option<Range<usize>> {
        self.text = self.instance.string(pointer)?;
        Some(0..self.text.len())
    }

    fn bytes(&self, place: Range<usize>) -> &[u8] {
        &self.text[place]
    }
}

/// What was thrown, as text.
fn reason(error: &JsValue) -> String {
    let text = error.as_string().unwrap_or_else(|| format!("{error:?}"));
    text.lines().next().unwrap_or_default().to_string()
}

/// The JSON Schema of `firelens.toml`, as `firelens-kit schema` prints it.
#[wasm_bindgen]
pub fn schema_json() -> String {
    schema::schema().to_string()
}

/// The plain names of all fields, with what each is: JSON.
#[wasm_bindgen]
pub fn fields_json() -> String {
    run::fields().to_string()
}

/// A text that was read as a `firelens.toml`.
#[wasm_bindgen]
pub struct Reading {
    config: Option<Config>,
    problems: String,
}

#[wasm_bindgen]
impl Reading {
    /// Reads a text.
    #[wasm_bindgen(constructor)]
    pub fn new(source: &str) -> Reading {
        let (config, problems) = run::read(source);
        Reading { config, problems: problems.to_string() }
    }

    /// What is wrong with it: JSON.
    #[wasm_bindgen(getter)]
    pub fn problems(&self) -> String {
        self.problems.clone()
    }

    /// Nothing is an error.
    #[wasm_bindgen(getter)]
    pub fn good(&self) -> bool {
        self.config.is_some()
    }

    /// Containers, routes and destinations: JSON.
    #[wasm_bindgen(getter)]
    pub fn summary(&self) -> String {
        let Some(config) = &self.config else { return "null".into() };
        let containers: Vec<&str> = config.spec.containers.iter().map(|container| container.name.as_str()).collect();
        let routes: Vec<_> = config.routes.iter().map(|route| json!({ "name": route.name, "to": route.to })).collect();
        json!({ "name": config.name, "containers": containers, "routes": routes }).to_string()
    }

    /// The module that `firelens-kit compile` writes.
    ///
    /// # Errors
    /// When something is wrong with the text, or the program does not fit.
    pub fn module(&self) -> Result<Vec<u8>, JsError> {
        let config = self.config.as_ref().ok_or_else(|| JsError::new("something is wrong with firelens.toml"))?;
        firelens_packager::package(firelens_packager::RAW, &config.program)
            .map_err(|error| JsError::new(&error.to_string()))
    }
}

/// Lines on their way through a module.
#[wasm_bindgen]
pub struct Run {
    run: run::Run<Module>,
}

#[wasm_bindgen]
impl Run {
    /// Starts: `module` is what [`Reading::module`] gave, compiled; `from` is JSON with `container`, `stream` and `input`.
    ///
    /// # Errors
    /// When something is wrong with the text, or the module cannot be started.
    #[wasm_bindgen(constructor)]
    pub fn new(reading: &Reading, module: Module, from: &str) -> Result<Run, JsError> {
        let config = reading.config.as_ref().ok_or_else(|| JsError::new("something is wrong with firelens.toml"))?;
        let from: Origin = serde_json::from_str(from)?;
        let run = run::Run::new(config, module, &from).map_err(|error| JsError::new(&error))?;
        Ok(Run { run })
    }

    /// Takes some more bytes of the text.
    ///
    /// # Errors
    /// When the module trapped and cannot be started again.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), JsError> {
        self.run.push(bytes).map_err(|error| JsError::new(&error))
    }

    /// Nothing comes any more.
    ///
    /// # Errors
    /// When the module trapped and cannot be started again.
    pub fn end(&mut self) -> Result<(), JsError> {
        self.run.end().map_err(|error| JsError::new(&error))
    }

    /// Chooses the rows that are shown. Takes JSON with `kinds`, `routes`, `destinations` and `fields`, and gives JSON with
    /// counts.
    ///
    /// # Errors
    /// When the filter is none.
    pub fn show(&mut self, filter: &str) -> Result<String, JsError> {
        Ok(self.run.show(&serde_json::from_str(filter)?).to_string())
    }

    /// Some of the rows that are shown: JSON.
    pub fn rows(&self, from: usize, count: usize) -> String {
        self.run.rows(from, count).to_string()
    }

    /// One row, with all that there is to say about it: JSON.
    pub fn details(&mut self, row: usize) -> Option<String> {
        self.run.details(row).map(|details| details.to_string())
    }

    /// The rows that are shown, as `firelens-kit test --format ndjson` prints them.
    pub fn ndjson(&mut self, explain: bool) -> Vec<u8> {
        self.run.ndjson(explain)
    }
}
