//! Any number of lines through the module, in order, with what is printed for each.
use super::{
    explain::Explainer,
    host::Judge,
    input::Source,
    join::Join,
    pool::{self, Piece, Start, Work},
    progress::Progress,
    summary::{Counts, Summary},
    view::View,
};
use crate::Error;
use std::{io::Write, sync::Arc};

/// What all workers share.
pub struct Plan {
    /// Makes a worker's judge.
    pub judge: Box<dyn Fn() -> Result<Judge, String> + Send + Sync>,
    /// Makes a worker's explainer, when explanations are wanted.
    pub explainer: Option<Box<dyn Fn() -> Explainer + Send + Sync>>,
    pub view: View,
    /// How lines become records, where they are joined.
    pub join: Option<Join>,
}

struct Printed {
    source: usize,
    bytes: Vec<u8>,
    counts: Counts,
}

/// Runs all lines of all sources.
///
/// # Errors
/// When a source cannot be read (what stands before that place is written), or the output not be written.
pub fn run(plan: Plan, sources: &[Source], out: &mut dyn Write, progress: &mut Progress) -> Result<Summary, Error> {
    let join = plan.join.clone();
    let plan = Arc::new(plan);
    let shared = Arc::clone(&plan);
    let work = move || {
        let plan = Arc::clone(&shared);
        let mut worker = Worker { judge: (plan.judge)()?, explainer: plan.explainer.as_ref().map(|make| make()) };
        Ok(Box::new(move |piece: &Piece| worker.print(&plan.view, piece)) as Work<Printed>)
    };
    let mut summary = Summary::default();
    let mut printer = plan.view.start();
    pool::run(Arc::new(work), sources, Start::default(), join, progress.position(), |printed: Printed| {
        summary.add(&sources[printed.source].name(), &printed.counts);
        progress.update(summary.lines());
        Ok(printer.print(&printed.bytes, out)?)
    })?;
    printer.finish(out)?;
    out.flush()?;
    Ok(summary)
}

struct Worker {
    judge: Judge,
    explainer: Option<Explainer>,
}

impl Worker {
    fn print(&mut self, view: &View, piece: &Piece) -> Result<Printed, String> {
        let mut bytes = Vec::with_capacity(3 * piece.bytes.len());
        let mut counts = Counts::default();
        for (number, line) in piece.lines() {
            let verdict = self.judge.judge(line)?;
            counts.add(number, &verdict);
            if view.wants(&verdict) {
                view.write(number, &verdict, self.explainer.as_mut(), &mut bytes);
            }
        }
        Ok(Printed { source: piece.source, bytes, counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::{
        fields::Names,
        host::Host,
        record::{Framer, Input},
        stand_in,
        view::{Format, Only, Screen},
    };
    use firelens_filter::Program;
    use std::{io, path::PathBuf};
    use tempfile::NamedTempFile;

    fn plan(filter: &str, format: Format, only: Vec<Only>) -> Plan {
        let names = Arc::new(Names::new(&Program::default()));
        let screen = Screen { width: 80, colour: false };
        let view = View::new(format, only, Arc::clone(&names), &[], screen);
        let host = Arc::new(Host::new(&stand_in::module(filter)).unwrap());
        let judge = move || {
            let framer = Framer::new(Input::Auto, None, None);
            Judge::new(Arc::clone(&host), &Program::default(), Arc::clone(&names), framer, "tag")
        };
        Plan { judge: Box::new(judge), explainer: None, view, join: None }
    }

    fn file(text: &[u8]) -> (NamedTempFile, Source) {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        let source = Source::File(file.path().to_owned());
        (file, source)
    }

    fn run_plan(plan: Plan, sources: &[Source]) -> (Result<Summary, Error>, String) {
        let mut out = Vec::new();
        let mut progress = Progress::new(sources, &crate::Ui::plain(), true);
        let result = run(plan, sources, &mut out, &mut progress);
        (result, String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_line_has_its_object_in_its_place() {
        let text: String = (0..50_000).map(|number| format!("{number}{}\n", "x".repeat(number % 50))).collect();
        let (_file, source) = file(text.as_bytes());
        let (_other, second) = file(b"last");
        let plan = plan(stand_in::DROP_LONG, Format::Ndjson, Vec::new());
        let (summary, out) = run_plan(plan, &[source, second]);
        assert_eq!(summary.unwrap().lines(), 50_001);
        let objects: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let lines = text.lines().chain(["last"]);
        assert_eq!(objects.len(), lines.clone().count());
        for (object, line) in objects.iter().zip(lines) {
            // `{"log":"…"}` has ten bytes beside the line.
            let dropped = line.len() + 10 > 40;
            assert_eq!(object["dropped"], dropped, "{line}");
            assert_eq!(object["record"]["log"].as_str(), Some(line).filter(|_| !dropped));
        }
    }

    #[test]
    fn an_array_is_one_document() {
        for (text, count) in [("", 0), ("a", 1), ("a\n\nb\n", 3)] {
            let (_file, source) = file(text.as_bytes());
            let (_, out) = run_plan(plan(stand_in::ECHO, Format::Json, Vec::new()), &[source]);
            let array: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
            assert_eq!(array.len(), count, "{out}");
        }
    }

    #[test]
    fn only_some_lines_are_printed_and_all_are_counted() {
        let (_file, source) = file(format!("short\n{}\n", "x".repeat(50)).as_bytes());
        let (summary, out) = run_plan(plan(stand_in::DROP_LONG, Format::Ndjson, vec![Only::Dropped]), &[source]);
        assert_eq!(summary.unwrap().lines(), 2);
        assert_eq!(out, "{\"record\":null,\"route\":null,\"to\":[],\"dropped\":true}\n");
    }

    #[test]
    fn lost_records_do_not_end_the_run() {
        let (_file, source) = file(b"a\nb\n");
        let (summary, out) = run_plan(plan("unreachable", Format::Ndjson, Vec::new()), &[source]);
        assert_eq!(summary.unwrap().lost(), 2);
        assert_eq!(out.matches("\"lost\":\"the module trapped").count(), 2, "{out}");
    }

    #[test]
    fn a_file_that_fails_comes_after_the_lines_before_it() {
        let (_file, source) = file(b"a\nb\n");
        let missing = Source::File(PathBuf::from("/nowhere/x.log"));
        let (summary, out) = run_plan(plan(stand_in::ECHO, Format::Ndjson, Vec::new()), &[source, missing]);
        assert!(summary.err().unwrap().to_string().contains("/nowhere/x.log"));
        assert_eq!(out.lines().count(), 2);
    }

    #[test]
    fn the_reader_of_the_output_may_go_away() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (_file, source) = file("x\n".repeat(1_000_000).as_bytes());
        let mut progress = Progress::new(&[], &crate::Ui::plain(), true);
        let result = run(plan(stand_in::ECHO, Format::Ndjson, Vec::new()), &[source], &mut Closed, &mut progress);
        assert!(matches!(result, Err(Error::BrokenPipe)));
    }
}
