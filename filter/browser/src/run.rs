//! A configuration, and lines through its module.
use crate::{
    details, problems,
    results::{Filter, Found, Results},
};
use firelens_config::Config;
use firelens_filter::filter::MAX_RECORD;
use firelens_lines::{
    explain::Explainer,
    fields::Names,
    harmless,
    host::Host,
    join::{Choice, Join, Joining, Joins, Texts},
    judge::{Judge, tag_for},
    lines,
    objects::Objects,
    record::{Framer, Input},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{path::Path, sync::Arc};

/// What the file is called in messages.
const PATH: &str = "firelens.toml";

/// Reads a configuration, and says what is wrong with it. There is one if nothing is an error.
pub fn read(source: &str) -> (Option<Config>, Value) {
    let (config, found) = firelens_config::parse(Path::new(PATH), source);
    (config, problems::to_json(source, &found))
}

/// The plain names of all fields, with what each says: what conditions are about.
pub fn fields() -> Value {
    let named = firelens_compiler::fields().iter().filter(|field| field.name != "*");
    named.map(|field| json!({ "name": field.name, "description": field.description })).collect()
}

/// Where lines come from, as the options of `firelens-kit test` say it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Origin {
    pub container: Option<String>,
    pub stream: Option<String>,
    pub input: Kind,
}

/// What the lines are.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Auto,
    Lines,
    Records,
}

/// Lines on their way through the module, and what became of those before.
pub struct Run<H: Host> {
    judge: Judge<H>,
    explainer: Explainer,
    objects: Objects,
    names: Arc<Names>,
    framer: Framer,
    join: Option<Join>,
    joining: Joining,
    /// It depends on the container or the stream whether lines are joined, and nobody named them.
    pub unclear: bool,
    /// The beginning of a line whose end has not come yet.
    rest: Vec<u8>,
    lines: u64,
    /// The first line whose record is too long to be parsed, with the length of the record.
    too_long: Option<(u64, usize)>,
    results: Results,
    shown: Found,
}

impl<H: Host> Run<H> {
    /// For a configuration, and a host that has its module.
    ///
    /// # Errors
    /// When the module cannot be started, or a pattern of `multiline` not be used.
    pub fn new(config: &Config, host: H, from: &Origin) -> Result<Run<H>, String> {
        let names = Arc::new(Names::new(&config.program));
        let input = match from.input {
            Kind::Auto => Input::Auto,
            Kind::Lines => Input::Lines,
            Kind::Records => Input::Records,
        };
        let framer = Framer::new(input, from.container.as_deref(), from.stream.as_deref());
        let tag = tag_for(from.container.as_deref());
        let containers = config.spec.containers.iter().map(|container| container.name.clone()).collect();
        let joins = Joins::new(&config.joined, containers)?;
        let choice = joins.of_stream(from.container.as_deref(), from.stream.as_deref());
        let judge = Judge::new(Arc::new(host), &config.program, Arc::clone(&names), framer.clone(), &tag)?;
        Ok(Run {
            judge,
            explainer: Explainer::new(&config.program, Arc::new(config.spec.clone()), Arc::clone(&names), &tag),
            objects: Objects::new(&config.routes),
            names,
            join: match &choice {
                Choice::Rules(joiner) => Some(Join::new(Arc::clone(joiner), framer.clone())),
                Choice::Alone | Choice::Unclear => None,
            },
            unclear: matches!(choice, Choice::Unclear),
            framer,
            joining: Joining::default(),
            rest: Vec::new(),
            lines: 0,
            too_long: None,
            results: Results::new(config.routes.clone()),
            shown: Found::default(),
        })
    }

    /// Takes some more bytes of the text.
    ///
    /// # Errors
    /// When the module trapped and cannot be started again.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), String> {
        let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            self.rest.extend_from_slice(bytes);
            return Ok(());
        };
        let mut whole = std::mem::take(&mut self.rest);
        whole.extend_from_slice(&bytes[..=end]);
        self.rest = bytes[end + 1..].to_vec();
        self.whole_lines(&whole)
    }

    /// Nothing comes any more.
    ///
    /// # Errors
    /// When the module trapped and cannot be started again.
    pub fn end(&mut self) -> Result<(), String> {
        let last = std::mem::take(&mut self.rest);
        self.whole_lines(&last)?;
        self.joining.end();
        self.joined()
    }

    fn whole_lines(&mut self, text: &[u8]) -> Result<(), String> {
        for line in lines(text) {
            self.lines += 1;
            match &self.join {
                Some(join) => self.joining.push(join, self.lines, line),
                None => self.judge(self.lines, line)?,
            }
        }
        self.joined()
    }

    fn joined(&mut self) -> Result<(), String> {
        let Texts { bytes, places } = self.joining.take();
        places.into_iter().try_for_each(|(number, place)| self.judge(number, &bytes[place]))
    }

    fn judge(&mut self, number: u64, line: &[u8]) -> Result<(), String> {
        let verdict = self.judge.judge(line)?;
        if verdict.input.len() > MAX_RECORD && self.too_long.is_none() {
            self.too_long = Some((number, verdict.input.len()));
        }
        self.results.add(number, &verdict);
        Ok(())
    }

    /// Chooses the rows that are shown, and gives their number and the counts beside the filter.
    pub fn show(&mut self, filter: &Filter) -> Value {
        self.shown = self.results.find(filter);
        json!({
            "lines": self.lines,
            "all": self.results.len(),
            "shown": self.shown.rows.len(),
            "counts": self.shown.counts,
            "unclear": self.unclear,
            "too_long": self.too_long.map(|(line, bytes)| json!({ "line": line, "bytes": bytes, "limit": MAX_RECORD })),
        })
    }

    /// Some of the rows that are shown, as a table has them.
    pub fn rows(&self, from: usize, count: usize) -> Value {
        let shown = self.shown.rows.iter().skip(from).take(count);
        shown.filter_map(|row| self.results.summary(*row as usize, &self.names)).collect()
    }

    /// One row, with its fields and why it became what it did.
    pub fn details(&mut self, row: usize) -> Option<Value> {
        let mut buffer = Vec::new();
        let input = self.framer.record(self.results.line(row), &mut buffer);
        let verdict = self.results.verdict(row, input)?;
        let mut details = details::fate(&verdict);
        details["row"] = json!(row);
        details["number"] = json!(self.results.number(row));
        details["line"] = json!(String::from_utf8_lossy(verdict.line));
        details["record"] = json!(String::from_utf8_lossy(verdict.record));
        details["fields"] = details::fields(&verdict, &self.names);
        details["route"] = json!(self.results.route(row).map(|route| &route.name));
        details["to"] = json!(self.results.route(row).map(|route| &route.to));
        details["explain"] = self.explainer.explain(&verdict).to_json();
        Some(details)
    }

    /// The rows that are shown, as `firelens-kit test --format ndjson` prints them.
    pub fn ndjson(&mut self, explain: bool) -> Vec<u8> {
        let (mut out, mut object, mut buffer) = (Vec::new(), Vec::new(), Vec::new());
        for row in &self.shown.rows {
            let row = *row as usize;
            let input = self.framer.record(self.results.line(row), &mut buffer);
            let Some(verdict) = self.results.verdict(row, input) else { continue };
            let explanation = explain.then(|| self.explainer.explain(&verdict).to_json());
            object.clear();
            self.objects.write(&verdict, explanation.as_ref(), &mut object);
            out.extend_from_slice(harmless::json(&String::from_utf8_lossy(&object)).as_bytes());
            out.push(b'\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firelens_lines::host::{Instance, Returned};
    use std::ops::Range;

    /// Returns each record as it is.
    struct Echo(Vec<u8>);

    struct Echoes;

    impl Host for Echoes {
        type Instance = Echo;

        fn instantiate(&self) -> Result<Echo, String> {
            Ok(Echo(Vec::new()))
        }
    }

    impl Instance for Echo {
        fn call(&mut self, _: &[u8], record: &[u8]) -> Returned {
            self.0 = record.to_vec();
            Returned::Record { place: 0..record.len(), unchanged: true }
        }

        fn text(&self, place: Range<usize>) -> &[u8] {
            &self.0[place]
        }
    }

    const CONFIG: &str = "[[container]]\nname = \"web\"\nstdout = \"combined\"\n[[route]]\nname = \"all\"\nto = [\"a\"]\n\
                          [destination.a]\ntype = \"firehose\"\n";

    fn run(chunks: &[&str]) -> Run<Echoes> {
        let (config, problems) = read(CONFIG);
        let mut run = Run::new(&config.unwrap_or_else(|| panic!("{problems}")), Echoes, &Origin::default()).unwrap();
        chunks.iter().for_each(|chunk| run.push(chunk.as_bytes()).unwrap());
        run.end().unwrap();
        run
    }

    #[test]
    fn lines_are_whole_wherever_the_text_is_cut() {
        let text = "first\r\nsecond\n\nlast";
        for cut in 0..=text.len() {
            let mut run = run(&[&text[..cut], &text[cut..]]);
            assert_eq!(run.show(&Filter::default())["lines"], 4);
            let rows = run.rows(0, 10);
            let shown: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["line"].as_str().unwrap()).collect();
            assert_eq!(shown, ["first", "second", "", "last"]);
        }
    }

    #[test]
    fn the_first_line_that_is_too_long_is_named() {
        let mut run = run(&["short\n", &"x".repeat(MAX_RECORD), "\n"]);
        let shown = run.show(&Filter::default());
        assert_eq!(shown["too_long"], json!({ "line": 2, "bytes": MAX_RECORD + 10, "limit": MAX_RECORD }));
    }

    #[test]
    fn a_row_has_its_details() {
        let mut run = run(&["x\n"]);
        let details = run.details(0).unwrap();
        assert_eq!((&details["fate"], &details["record"]), (&json!("kept"), &json!(r#"{"log":"x"}"#)));
        assert_eq!(details["explain"]["route"], "all");
        assert!(run.details(1).is_none());
    }
}
