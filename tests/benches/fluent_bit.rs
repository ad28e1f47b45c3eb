//! The filter inside the real Fluent Bit, beside the chains that do the same work without it.
//!
//! `FLUENT_BIT=/path/to/fluent-bit cargo bench -p e2e --bench fluent_bit`, with these variables:
//! - `FIRELENS_WASM`: the module to measure; otherwise `$FIRELENS_KIT compile` makes one from `benches/bench.toml`
//! - `WAMRC`: the ahead-of-time compiler of the same WebAssembly runtime; its result is measured, too
//!
//! Then ordinary lines of each kind, without masking and with it (`KINDS`: only these, `access,error`); the command line
//! makes the modules.
//! - `LINES` (400000), `ROUNDS` (5), and `CHAINS`: only these (`native,ours`)
use e2e::cost::{self, Cost};
use e2e::fluent_bit::{self, file_output, reading, section, wasm_filter};
use e2e::load::{self, Counts};
use e2e::typical;
use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const TAG: &str = "httpd-firelens-0123456789abcdef";

/// Ordinary access lines as Fluent Bit's own `apache2` reads them, with the protocol. `status` stays text, since
/// `rewrite_tag` looks at text only.
const PARSERS: &str = r#"[PARSER]
    Name apache2
    Format regex
    Regex ^(?<host>[^ ]*) [^ ]* (?<user>[^ ]*) \[(?<time>[^\]]*)\] "(?<method>\S+)(?: +(?<path>[^ ]*) +\S*)?" (?<code>[^ ]*) (?<size>[^ ]*)(?: "(?<referer>[^\"]*)" "(?<agent>.*)")?$
    Time_Key time
    Time_Format %d/%b/%Y:%H:%M:%S %z
[PARSER]
    Name typed
    Format regex
    Regex ^(?<client>[^ ]*) [^ ]* (?<user>[^ ]*) \[(?<time>[^\]]*)\] "(?<method>\S+)(?: +(?<path>[^ ]*) +(?<protocol>\S*))?" (?<status>[^ ]*) (?<bytes>[^ ]*)(?: "(?<referer>[^\"]*)" "(?<user_agent>.*)")?$
    Time_Key time
    Time_Format %d/%b/%Y:%H:%M:%S %z
    Types bytes:integer
"#;

const LUA: &str = r#"
local pattern = '^(%S+) %S+ (%S+) %[([^%]]+)%] "(%S+) (%S+) (%S+)" (%d+) (%S+) "([^"]*)" "(.*)"$'
function parse(tag, timestamp, record)
    local client, user, time, method, path, protocol, status, bytes, referer, agent = string.match(record.log, pattern)
    if not client then return 0, timestamp, record end
    if string.sub(agent, 1, 17) == "ELB-HealthChecker" then return -1, timestamp, record end
    return 1, timestamp, {client = client, user = user, time = time, method = method, path = path,
        protocol = protocol, status = status, bytes = tonumber(bytes), referer = referer, user_agent = agent}
end
"#;

fn main() -> Result<()> {
    let Some(program) = fluent_bit::find() else {
        println!("Fluent Bit: skipped, no fluent-bit in $FLUENT_BIT or on the PATH");
        return Ok(());
    };
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-fluent-bit");
    fs::create_dir_all(&dir)?;
    fs::write(dir.join("parsers.conf"), PARSERS)?;
    fs::write(dir.join("parse.lua"), LUA)?;
    let lines = number("LINES", 400_000);
    let input = dir.join("access.log");
    let counts = write_lines(&input, lines)?;
    let version = Command::new(&program).arg("--version").output()?;
    println!("{}", String::from_utf8_lossy(&version.stdout).lines().next().unwrap_or("Fluent Bit"));
    println!(
        "{lines} lines of combined, {} bytes on average, {} health checks, {} with 5xx",
        counts.bytes / lines,
        counts.health_checks,
        counts.failures
    );
    let chains = chains(&dir)?;
    for chain in &chains {
        chain.check(&program, &dir)?;
    }
    report(&measure(&program, &dir, &input, &chains)?, lines);
    masking(&program, &dir, lines)
}

/// What masking adds to the filter's cost, for each kind of lines.
fn masking(program: &Path, dir: &Path, lines: u64) -> Result<()> {
    println!("{:<12} {:>14} {:>14} {:>8}", "kind", "µs above none", "with masking", "ratio");
    let wanted = env::var("KINDS").ok();
    for kind in typical::KINDS {
        if wanted.as_ref().is_some_and(|wanted| !wanted.split(',').any(|name| name == kind.name())) {
            continue;
        }
        let input = dir.join(format!("{}.log", kind.name()));
        let text: Vec<u8> = kind.lines(lines).into_iter().flat_map(|line| [line, b"\n".to_vec()].concat()).collect();
        fs::write(&input, text)?;
        let plain = masking_module(dir, kind, "")?;
        let masked = masking_module(
            dir,
            kind,
            "[privacy]\nmask_clients = true\nremove_users = true\nquery_parameters = [\"token\", \"q\"]\n",
        )?;
        let chain = |name, filters| Chain { name, filters, whole: false };
        let chains = [
            chain("none", vec![]),
            chain("plain", vec![wasm_filter(&plain, TAG)]),
            chain("masked", vec![wasm_filter(&masked, TAG)]),
        ];
        let costs = measure(program, dir, &input, &chains)?;
        let [none, plain, masked] = [0, 1, 2].map(|at| costs[at].1.cpu.as_secs_f64() * 1e6 / lines as f64);
        let (plain, masked) = (plain - none, masked - none);
        println!("{:<12} {plain:>14.2} {masked:>14.2} {:>8.2}", kind.name(), masked / plain);
    }
    Ok(())
}

/// A module for lines of this kind, made by the command line.
fn masking_module(dir: &Path, kind: typical::Kind, privacy: &str) -> Result<PathBuf> {
    let stream = if kind == typical::Kind::Error { "stderr" } else { "stdout" };
    let config = format!(
        "name = \"bench\"\n\n[[container]]\nname = \"httpd\"\n{stream} = '{}'\n\n{privacy}\n[destination.archive]\ntype = \"firehose\"\n",
        kind.format()
    );
    let name = format!("{}{}", kind.name(), if privacy.is_empty() { "" } else { "-masked" });
    let (file, module) = (dir.join(format!("{name}.toml")), dir.join(format!("{name}.wasm")));
    fs::write(&file, config)?;
    compile(&file, &module)?;
    Ok(module)
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn write_lines(path: &Path, lines: u64) -> Result<Counts> {
    let mut file = BufWriter::new(File::create(path)?);
    let counts = load::write_combined(lines, &mut file)?;
    file.flush()?;
    Ok(counts)
}

/// A way to get from lines to records.
struct Chain {
    name: &'static str,
    filters: Vec<String>,
    /// It drops the health checks and moves the 5xx to the tag `moved`.
    whole: bool,
}

fn chains(dir: &Path) -> Result<Vec<Chain>> {
    let identity = dir.join("identity.wasm");
    fs::write(&identity, identity_module()?)?;
    let ours = our_module(dir)?;
    println!("{}: {} bytes", ours.display(), fs::metadata(&ours)?.len());
    let script = dir.join("parse.lua").display().to_string();
    let lua = section("FILTER", &[("name", "lua"), ("match", TAG), ("script", &script), ("call", "parse")]);
    let mut chains = vec![
        Chain { name: "none", filters: vec![], whole: false },
        Chain { name: "identity", filters: vec![wasm_filter(&identity, TAG)], whole: false },
        Chain { name: "apache2", filters: vec![parser("apache2")], whole: false },
        Chain {
            name: "native",
            filters: vec![parser("typed"), drop_health_checks(), move_records("$status ^5")],
            whole: true,
        },
        Chain { name: "lua", filters: vec![lua, move_records("$status ^5")], whole: true },
        Chain { name: "ours", filters: vec![wasm_filter(&ours, TAG), move_records("$route ^failures$")], whole: true },
    ];
    if let Some(compiler) = env::var_os("WAMRC") {
        let compiled = dir.join("filter.aot");
        let status = Command::new(compiler).arg("-o").arg(&compiled).arg(&ours).status()?;
        if !status.success() {
            return Err("$WAMRC could not compile the module".into());
        }
        let filters = vec![wasm_filter(&compiled, TAG), move_records("$route ^failures$")];
        chains.push(Chain { name: "ours-aot", filters, whole: true });
    }
    if let Ok(wanted) = env::var("CHAINS") {
        chains.retain(|chain| chain.name == "none" || wanted.split(',').any(|name| name == chain.name));
    }
    Ok(chains)
}

fn parser(name: &str) -> String {
    section(
        "FILTER",
        &[("name", "parser"), ("match", TAG), ("key_name", "log"), ("parser", name), ("reserve_data", "on")],
    )
}

fn drop_health_checks() -> String {
    section("FILTER", &[("name", "grep"), ("match", TAG), ("exclude", "user_agent ^ELB-HealthChecker")])
}

fn move_records(rule: &str) -> String {
    let rule = format!("{rule} moved false");
    let entries = [("name", "rewrite_tag"), ("match", TAG), ("rule", &rule), ("emitter_mem_buf_limit", "256m")];
    section("FILTER", &entries)
}

/// A module that returns its input, with the memory that the filter has.
fn identity_module() -> Result<Vec<u8>> {
    let text = r#"(module
        (memory (export "memory") 4)
        (func (export "malloc") (param $size i32) (result i32)
            (if (result i32) (i32.gt_u (local.get $size) (i32.const 16)) (then (i32.const 65536)) (else (i32.const 1024))))
        (func (export "free") (param i32))
        (func (export "firelens_filter") (param i32 i32 i32 i32 i32 i32) (result i32) (local.get 4)))"#;
    Ok(wat::parse_str(text)?)
}

/// The module to measure, made by the command line unless it is given.
fn our_module(dir: &Path) -> Result<PathBuf> {
    if let Some(module) = env::var_os("FIRELENS_WASM") {
        return Ok(module.into());
    }
    let module = dir.join("filter.wasm");
    compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/bench.toml"), &module)?;
    Ok(module)
}

/// Makes the module of a configuration.
fn compile(config: &Path, module: &Path) -> Result<()> {
    let kit = env::var_os("FIRELENS_KIT").map(PathBuf::from);
    let kit = kit.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/firelens-kit"));
    let mut command = Command::new(kit);
    command.arg("compile").arg("-c").arg(config).arg("-o").arg(module);
    match command.status()?.success() {
        true => Ok(()),
        false => Err(format!("{command:?} failed").into()),
    }
}

impl Chain {
    fn write_config(&self, dir: &Path, input: &Path, stop: bool, output: &[String]) -> Result<PathBuf> {
        let parsers = section("SERVICE", &[("parsers_file", &dir.join("parsers.conf").display().to_string())]);
        let rest = [&[parsers], &self.filters[..], output].concat();
        let path = dir.join(format!("{}.conf", self.name.replace([',', ' '], "-")));
        fs::write(&path, reading(input, TAG, stop, &rest))?;
        Ok(path)
    }

    /// The chain does what it is measured for: nothing but health checks goes, and the failures are moved.
    fn check(&self, program: &Path, dir: &Path) -> Result<()> {
        let input = dir.join("check.log");
        let counts = write_lines(&input, 20_000)?;
        let files: Vec<PathBuf> = [TAG, "moved"].iter().map(|tag| dir.join(format!("{tag}.out"))).collect();
        let outputs: Vec<String> = files.iter().zip([TAG, "moved"]).map(|(file, tag)| file_output(file, tag)).collect();
        for file in &files {
            let _ = fs::remove_file(file);
        }
        let config = self.write_config(dir, &input, false, &outputs)?;
        let arrived = || files.iter().map(|file| count_lines(file)).collect::<Vec<u64>>();
        let moved = if self.whole { counts.failures } else { 0 };
        let dropped = if self.whole { counts.health_checks } else { 0 };
        let wanted = [counts.lines - dropped - moved, moved];
        let mut command = fluent_bit::command(program, &config);
        if !fluent_bit::run_until(&mut command, Duration::from_secs(20), || arrived() == wanted)? {
            let got = arrived();
            return Err(format!("{}: {got:?} records arrived instead of {wanted:?}", self.name).into());
        }
        Ok(())
    }
}

fn count_lines(file: &Path) -> u64 {
    let text = fs::read(file).unwrap_or_default();
    text.iter().filter(|&&byte| byte == b'\n').count() as u64
}

/// The least that each chain cost, over rounds in which the chains take turns.
fn measure(program: &Path, dir: &Path, input: &Path, chains: &[Chain]) -> Result<Vec<(&'static str, Cost)>> {
    let null = [section("OUTPUT", &[("name", "null"), ("match", "*")])];
    let mut least: Vec<Option<Cost>> = vec![None; chains.len()];
    for _ in 0..number("ROUNDS", 5) {
        for (chain, least) in chains.iter().zip(&mut least) {
            let config = chain.write_config(dir, input, true, &null)?;
            let cost = cost::run(&mut fluent_bit::command(program, &config))?;
            *least = Some(least.map_or(cost, |least| least.min(cost)));
        }
    }
    Ok(chains.iter().zip(least).filter_map(|(chain, least)| Some((chain.name, least?))).collect())
}

fn report(costs: &[(&'static str, Cost)], lines: u64) {
    let cpu = |name: &str| costs.iter().find(|(chain, _)| *chain == name).map(|(_, cost)| cost.cpu.as_secs_f64());
    let none = cpu("none").unwrap_or(0.0);
    let native = cpu("native").map(|native| native - none);
    println!("{:<12} {:>7} {:>16} {:>14} {:>10}", "chain", "CPU s", "µs above none", "of native", "peak MiB");
    for (name, cost) in costs {
        let above = cost.cpu.as_secs_f64() - none;
        let ratio = native.map_or("-".into(), |native| format!("{:.2}", above / native));
        let (cpu, each, mib) = (cost.cpu.as_secs_f64(), above * 1e6 / lines as f64, cost.peak_kib as f64 / 1024.0);
        println!("{name:<12} {cpu:>7.2} {each:>16.2} {ratio:>14} {mib:>10.1}");
    }
}
