use std::process::ExitCode;

fn main() -> ExitCode {
    firelens_kit::run()
}
