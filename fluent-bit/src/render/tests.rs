//! Who gets what, by the tags that the rendered configuration matches.
use super::tags::{self, Tags};
use crate::{
    Pipeline, Version,
    destination::{Destination, Type},
    pipeline::{Route, Router, Shape},
};
use fancy_regex::Regex;

const TASK: &str = "httpd-firelens-0123456789abcdef0123456789abcdef";

/// Routes as `name: destinations`, the last one last.
fn pipeline(version: &str, routes: &[(&str, &str)]) -> Pipeline {
    let words = |text: &str| text.split_whitespace().map(str::to_string).collect::<Vec<_>>();
    let routes: Vec<Route> = routes.iter().map(|(name, to)| Route { name: name.to_string(), to: words(to) }).collect();
    let destination = |name: &str| Destination {
        name: name.to_string(),
        kind: Type::Custom("stdout".to_string()),
        settings: vec![],
        secrets: vec![],
        load: None,
    };
    let destinations = ["a", "b", "c", "d"].map(destination).to_vec();
    let (version, containers) = (version.parse().unwrap(), vec!["web".to_string(), "httpd".to_string()]);
    Pipeline { version, containers, joined: Vec::new(), routes, destinations, router: Router::default() }
}

/// The destinations whose output takes this tag, as Fluent Bit matches: from the beginning, one character at least.
fn takers(pipeline: &Pipeline, tag: &str) -> String {
    let takes = |name: &str| {
        let regex = Regex::new(&tags::of_destination(pipeline, name)).unwrap();
        regex.find(tag).unwrap().is_some_and(|found| found.start() == 0 && !found.as_str().is_empty())
    };
    let names: Vec<&str> = pipeline.used().map(|to| to.name.as_str()).filter(|name| takes(name)).collect();
    names.join(" ")
}

/// The tag of a route's records where the outputs see them.
fn tag_of(pipeline: &Pipeline, route: &str) -> String {
    match pipeline.moved().iter().find(|moved| moved.routes.contains(&route)) {
        Some(moved) => format!("{}.{}.{TASK}", tags::MOVED, moved.name),
        None => TASK.to_string(),
    }
}

const CASES: [&[(&str, &str)]; 8] = [
    &[("rest", "a")],
    &[("failures", "b a"), ("rest", "a")],
    &[("one", "a b"), ("two", "b a"), ("three", "c"), ("rest", "a")],
    &[("one", "a"), ("ones", "b"), ("o", "c"), ("rest", "d")],
    &[("same", "a b"), ("rest", "b a")],
    &[("noise", ""), ("rest", "a b c d")],
    &[("one", "a"), ("rest", "")],
    &[("all", "a b c"), ("some", "a b"), ("rest", "a")],
];

#[test]
fn every_record_reaches_the_destinations_of_its_route_and_no_other() {
    for version in ["5.0.9", "5.1.1"] {
        for routes in CASES {
            let pipeline = pipeline(version, routes);
            for route in pipeline.routes.iter().filter(|route| !route.to.is_empty()) {
                let mut to = route.to.clone();
                to.sort();
                assert_eq!(
                    takers(&pipeline, &tag_of(&pipeline, &route.name)),
                    to.join(" "),
                    "{routes:?}: {}",
                    route.name
                );
            }
        }
    }
}

#[test]
fn what_the_module_never_saw_goes_where_the_last_route_goes() {
    for routes in CASES {
        let pipeline = pipeline("5.0.9", routes);
        let usual = pipeline.default_destinations().join(" ");
        for tag in [TASK, "httpd-firelens-0123.in", "app.log", "x", "firelens-healthcheck-2", "firelens-kitchen.one.x"]
        {
            assert_eq!(takers(&pipeline, tag), usual, "{routes:?}: {tag}");
        }
    }
}

#[test]
fn no_destination_gets_the_health_check() {
    for routes in CASES {
        assert_eq!(takers(&pipeline("5.0.9", routes), "firelens-healthcheck"), "");
    }
}

#[test]
fn without_routes_records_go_everywhere() {
    let pipeline = pipeline("5.0.9", &[]);
    assert_eq!(takers(&pipeline, TASK), "a b c d");
    assert!(pipeline.moved().is_empty());
}

#[test]
fn as_few_records_as_possible_are_moved() {
    let moved = |routes: &[(&str, &str)]| {
        let pipeline = pipeline("5.0.9", routes);
        pipeline.moved().iter().map(|moved| moved.routes.join("+")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(CASES.map(moved).join(", "), ", failures, one+two three, one ones o, , , one, all some");
}

/// Which filters take a tag: those of FireLens's tags, and those behind the emitter in front of the module.
fn filters(pipeline: &Pipeline, tag: &str) -> (bool, bool) {
    let Tags { firelens, module, .. } = Tags::of(pipeline);
    let takes = |tags: &str| Regex::new(tags).unwrap().is_match(tag).unwrap();
    (takes(&firelens), takes(&module))
}

#[test]
fn the_module_runs_once_on_each_record() {
    let behind = |tag: &str| format!("{tag}.{}", tags::IN);
    let (straight, emitter) = (pipeline("5.0.9", CASES[0]), pipeline("5.1.1", CASES[0]));
    let unnamed = Pipeline { containers: Vec::new(), ..straight.clone() };
    assert_eq!((straight.version.shape(), emitter.version.shape()), (Shape::Straight, Shape::Emitter));
    for container in ["httpd", "web", "web-1", "another", "my-firelens-app"] {
        let tag = format!("{container}-firelens-0123456789abcdef0123456789abcdef");
        let moved = format!("{}.failures.{tag}", tags::MOVED);
        assert_eq!(filters(&straight, &tag), (true, true));
        assert_eq!(filters(&unnamed, &tag), (true, true));
        assert_eq!(filters(&emitter, &tag), (true, false));
        assert_eq!(filters(&emitter, &behind(&tag)), (false, true));
        for pipeline in [&straight, &unnamed, &emitter] {
            assert_eq!(filters(pipeline, &moved), (false, false));
            assert_eq!(filters(pipeline, &behind(&moved)), (false, false), "a moved record of the emitter's shape");
        }
    }
    for pipeline in [&straight, &unnamed, &emitter] {
        assert_eq!(filters(pipeline, "firelens-healthcheck"), (false, false));
        assert_eq!(filters(pipeline, "app.log"), (false, false));
    }
}

#[test]
fn releases_get_the_shape_that_loses_the_least() {
    let front = |version: &str| super::render(&pipeline(version, CASES[0])).contains("firelens_kit_in");
    assert_eq!(
        ["2.0.0", "4.0.3", "4.0.4", "5.0.9", "5.1.0", "6.0.0"].map(front),
        [true, true, false, false, true, true]
    );
    let text = super::render(&pipeline("4.0.3", CASES[0]));
    assert!(!text.contains("storage.inherit") && text.contains("storage.path"), "{text}");
    assert!(super::render(&pipeline("5.0.9", CASES[0])).contains("storage.inherit"));
    assert!(pipeline("5.0.9", CASES[1]).warnings().is_empty());
    assert!(pipeline("5.1.1", CASES[0]).warnings()[0].contains("is lost when"));
    assert!(Version::DEFAULT.risk().is_none());
}
