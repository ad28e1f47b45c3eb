//! Writes what the page imports: `bind ENGINE.wasm FOLDER` makes `engine.js`, `engine.d.ts` and `engine_bg.wasm`.
use std::{env, process::ExitCode};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [engine, folder] = &arguments[..] else {
        eprintln!("usage: bind ENGINE.wasm FOLDER");
        return ExitCode::from(2);
    };
    match bind(engine, folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("bind: {message}");
            ExitCode::FAILURE
        }
    }
}

fn bind(engine: &str, folder: &str) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    bindgen.remove_name_section(true).remove_producers_section(true);
    let web = bindgen.input_path(engine).out_name("engine").typescript(true).omit_default_module_path(true).web(true);
    web.and_then(|bindgen| bindgen.generate(folder)).map_err(|error| format!("{error:#}"))
}
