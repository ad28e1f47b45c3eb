use super::super::Test;
use super::*;
use proptest::prelude::*;

/// A program with all that there is.
fn everything() -> Program {
    let then = Literal::new(b" - ");
    let long = Literal::new(b"as long as it takes");
    let ops = vec![
        Op::Lit(long.clone()),
        Op::Token { field: 1, then: then.clone() },
        Op::Text { field: 2, then: Literal::EMPTY },
        Op::Quoted { field: 3, then: Literal::new(b"12345678") },
        Op::Number { field: 4, then: then.clone() },
        Op::Decimal { field: 5, then: then.clone() },
        Op::Time { part: TimePart::Fraction(6), set: 1, then: then.clone() },
        Op::Time { part: TimePart::Ignored(2), set: 0, then: then.clone() },
        Op::Byte { field: 6, then: then.clone() },
        Op::Try { otherwise: 11, clear: vec![7, 8] },
        Op::Jump(12),
        Op::Tags { tags: 1, request_id: 2, wants_id: true },
        Op::OneOf { field: 3, words: vec!["é".into(), String::new()], then: then.clone() },
        Op::Code { field: 4, then: long },
        Op::End,
    ];
    let plain_parts = (0..23).filter(|number| ![14, 22].contains(number));
    let parts = plain_parts.map(|number| TimePart::read(&mut Reader::new(&[number])));
    let parts = parts.map(|part| Op::Time { part, set: 0, then: then.clone() }).chain([Op::End]);
    let refine = vec![
        Refine::Request { from: 0, method: 1, path: 2, query: 3, protocol: 4 },
        Refine::Path { from: 1, query: 2 },
        Refine::Query { from: 3 },
        Refine::Address { from: 4, port: 5 },
        Refine::Code { from: 6, code: 7 },
        Refine::Join { from: 7, last: 8 },
    ];
    let emits = [Emit::Value, Emit::Message, Emit::Lower, Emit::Number, Emit::Scaled(3), Emit::Time(1), Emit::Verbatim];
    let masks = [Mask::Replaced, Mask::Address, Mask::User, Mask::Url, Mask::Query, Mask::FreeText, Mask::Removed];
    let outputs =
        emits.into_iter().zip(masks).map(|(emit, mask)| Output { field: 8, key: ",\"a\":".into(), emit, mask });
    let patterns = vec![
        Pattern {
            ops,
            refine,
            outputs: outputs.collect(),
            object: None,
            private: vec![(3, Mask::User)],
            labels: Vec::new(),
        },
        Pattern {
            ops: parts.collect(),
            object: Some(Object { field: 6, form: Form::Lograge, prefix: true }),
            ..Pattern::default()
        },
    ];
    let kinds = [Kind::Access, Kind::Error, Kind::Rails, Kind::Json, Kind::Unparsed];
    let object = Pattern {
        object: Some(Object { field: 1, form: Form::Json, prefix: false }),
        ops: vec![Op::End],
        ..Pattern::default()
    };
    let patterns = [patterns, vec![object.clone(); 2], vec![object], vec![], vec![]];
    let format = |(kind, patterns)| CompiledFormat {
        kind,
        patterns,
        httpd_escapes: true,
        zone: vec![(i64::MIN, -3600), (1 << 40, 7200)],
    };
    Program {
        keep_log: true,
        names: (0..9).map(|number| format!("name{number}")).collect(),
        containers: vec![Container {
            name: "x".repeat(300),
            stdout: vec![0, 4],
            stderr: vec![1],
            added: vec!["\"a\":1".into()],
        }],
        formats: kinds.into_iter().zip(patterns).map(format).collect(),
        routes: routes(),
        privacy: Privacy {
            v4_bits: Some(24),
            v6_bits: None,
            remove_user: true,
            parameters: vec!["token".into()],
            remove: vec!["a".into()],
            replace: vec!["b".into(), "c".into()],
            patterns: vec![(dfa(), dfa())],
            cards: true,
            replacement: ["gone".into(), "away".into()],
            ..Privacy::default()
        },
        added: vec!["\"b\":\u{1}".into()],
        outlines: vec![Outline { format: 4, opening: b",\"a\":\"".to_vec(), decides: vec![1, 8] }],
    }
}

/// `^a`, or an empty text.
fn dfa() -> Dfa {
    let mut classes = vec![0; 256];
    classes[b'a' as usize] = 1;
    Dfa::new(classes, 2, 2, 2, vec![0, 0, 1, 1, 0, 1]).unwrap()
}

fn routes() -> Vec<Route> {
    let any = vec![
        Test::Equals("a".into()),
        Test::Prefix("b".into()),
        Test::Suffix("c".into()),
        Test::Contains("d".into()),
        Test::Regex(Box::new(dfa())),
        Test::Range(-1, i64::MAX),
        Test::Level(1, 4),
        Test::Network { v4: true, address: *b"0123456789abcdef", bits: 9 },
        Test::Present,
    ];
    let subjects = [Subject::Kind, Subject::Container, Subject::Field(8)];
    let conditions = subjects.into_iter().map(|subject| Condition { subject, not: true, any: any.clone() }).collect();
    let route = |action| Route { name: "r".into(), key: ",\"route\":\"r\"".into(), any_of: Vec::new(), action };
    vec![
        Route { any_of: vec![conditions, Vec::new()], ..route(Action::Drop) },
        route(Action::Sample(77)),
        route(Action::Keep),
    ]
}

#[test]
fn everything_is_read_as_it_was_written() {
    let program = everything();
    let bytes = program.to_bytes();
    assert_eq!(Program::from_bytes(&bytes), Some(program));
}

#[test]
fn all_of_the_bytes_are_the_program() {
    let bytes = everything().to_bytes();
    for len in 0..bytes.len() {
        assert_eq!(Program::from_bytes(&bytes[..len]), None, "{len}");
    }
    assert_eq!(Program::from_bytes(&[&bytes[..], &[0]].concat()), None);
}

#[test]
fn no_list_is_longer_than_its_bytes() {
    for len in [&[0xff, 0xff, 0xff, 0x7f][..], &[0x80, 0x80, 0x80, 0x80, 1], &[4, 0, 0, 0]] {
        let mut input = Reader::new(len);
        let list = Vec::<Op>::read(&mut input);
        assert_eq!((list.capacity(), input.is_done()), (0, false));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        Program::from_bytes(&bytes);
    }

    #[test]
    fn what_is_read_can_be_written(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4), plain: bool) {
        let program = if plain { Program::default() } else { everything() };
        let mut bytes = program.to_bytes();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Some(program) = Program::from_bytes(&bytes) {
            prop_assert_eq!(Program::from_bytes(&program.to_bytes()), Some(program));
        }
    }
}
