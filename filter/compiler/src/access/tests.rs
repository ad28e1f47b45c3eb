use super::*;
use firelens_filter::program::{Literal, Op, TimePart};

fn literal(text: &str) -> Literal {
    Literal::new(text.as_bytes())
}

fn fault(format: &str) -> Fault {
    compile_alone(format).unwrap_err().remove(0)
}

#[test]
fn combined_has_nine_ops() {
    let (patterns, names) = compile_alone("combined").unwrap();
    let id = |name: &str| names.iter().position(|known| known == name).unwrap() as u8;
    assert_eq!(
        patterns[0].ops,
        [
            Op::Token { field: id("client"), then: literal(" - ") },
            Op::Text { field: id("user"), then: literal(" [") },
            Op::Time { part: TimePart::Clf, set: 0, then: literal("] \"") },
            Op::Quoted { field: id("request"), then: literal("\" ") },
            Op::Number { field: id("status"), then: literal(" ") },
            Op::Number { field: id("bytes"), then: literal(" \"") },
            Op::Quoted { field: id("referer"), then: literal("\" \"") },
            Op::Quoted { field: id("user_agent"), then: literal("\"") },
            Op::End,
        ]
    );
    assert_eq!(patterns[0].labels, ["%h", "%u", "%t", "%r", "%>s", "%b", "%{Referer}i", "%{User-Agent}i", ""]);
    let keys: Vec<&str> = patterns[0].outputs.iter().map(|output| output.key.trim_matches([',', ':', '"'])).collect();
    assert_eq!(keys.join(" "), "time client user request method path query protocol status bytes referer user_agent");
    assert_eq!(patterns.len(), 2, "the second one reads identd's answers");
    assert_eq!(patterns[1].ops.len(), 10);
}

#[test]
fn values_that_share_quotes() {
    let (patterns, names) = compile_alone(r#""%m %U%q %H" %>s"#).unwrap();
    let id = |name: &str| names.iter().position(|known| known == name).unwrap() as u8;
    let pattern = &patterns[0];
    assert_eq!(
        pattern.ops[1..4],
        [
            Op::Text { field: id("method"), then: literal(" ") },
            Op::Text { field: id("path"), then: literal(" ") },
            Op::Token { field: id("protocol"), then: literal("\" ") },
        ]
    );
    assert_eq!(pattern.refine, [Refine::Path { from: id("path"), query: id("query") }]);
}

#[test]
fn json_is_text_like_any_other() {
    let (patterns, _) = compile_alone(r#"{"status":"%>s","agent":"%{User-Agent}i","us":%D}"#).unwrap();
    assert!(
        matches!(&patterns[0].ops[..], [Op::Lit(_), Op::Number { then, .. }, Op::Quoted { .. }, Op::Number { .. }, Op::End]
        if *then == literal("\",\"agent\":\""))
    );
}

#[test]
fn an_empty_user_between_quotes_is_read_second() {
    let (patterns, _) = compile_alone(r#"%h "%u" %l"#).unwrap();
    let kinds = patterns.iter().map(|pattern| match &pattern.ops[1] {
        Op::Quoted { .. } => "quoted",
        Op::Text { .. } => "text",
        _ => "?",
    });
    assert_eq!(kinds.collect::<Vec<_>>(), ["quoted", "text", "quoted", "text"]);
    assert_eq!(compile_alone("%h %u %t").unwrap().0.len(), 1);
}

#[test]
fn formats_as_httpd_configurations_write_them() {
    let escaped = r#"%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""#;
    assert_eq!(compile_alone(escaped), compile_alone("combined"));
    assert_eq!(compile_alone(" combined "), compile_alone("combined"));
}

#[test]
fn usual_formats_compile() {
    for format in [
        r#"%v %h %l %u %t "%r" %>s %b"#,
        r#"%h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#,
        r#"%{X-Forwarded-For}i %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %D"#,
        r#"%{%Y-%m-%dT%H:%M:%S%z}t %a %u "%m %U%q %H" %>s %B %{ms}T %T "%{Host}i" %k %X"#,
        r#"%t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x "%r" %b"#,
        r#"%v:%p %h %l %u %t "%r" %>s %b %I %O %D "%{Referer}i" "%{User-Agent}i" "%{session}C" "%{X}i""#,
        concat!(
            r#"{"time":"%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t","client":"%a","host":"%V","method":"%m","#,
            r#""request":"%U","query":"%q","protocol":"%H","status":"%>s","bytes":"%B","user":"%u","#,
            r#""referer":"%{Referer}i","user_agent":"%{User-Agent}i","us":%D}"#
        ),
        r#"%t [%L] %{c}a:%{remote}p %a "%r" %>s/%s %b %{us}T %X %k %P "%{Host}i" "%{X-Forwarded-For}i""#,
    ] {
        assert!(compile_alone(format).is_ok(), "{format}");
    }
    for (nickname, _) in NICKNAMES {
        assert!(compile_alone(nickname).is_ok(), "{nickname}");
    }
}

#[test]
fn values_without_a_separator_are_named() {
    let fault = fault("%h %a%>s %D");
    assert_eq!(fault.span, Some(3..8));
    assert!(fault.message.contains("`%a` and `%>s`"), "{}", fault.message);
    assert_eq!(self::fault("%>s0 %h").span, Some(0..3));
    assert_eq!(self::fault("%q%U").span, Some(0..4));
    assert!(compile_alone("%X%{%Y-%m-%d}t%U%q").is_ok());
}

#[test]
fn what_is_no_format() {
    for (format, span, message, help) in [
        ("", None, "is empty", "`combined`"),
        ("combind", Some(0..7), "nor a nickname", "`combined`"),
        ("nginx", Some(0..5), "nor a nickname", "vhost_combined"),
        ("100%%", None, "no value", "`%h`"),
        ("LogFormat \"%h\" x", Some(0..9), "directive", "quotes"),
        ("%h %J", Some(3..5), "`%J`", "`%%`"),
    ] {
        let fault = fault(format);
        assert_eq!(fault.span, span, "{format}");
        assert!(fault.message.contains(message), "{format}: {}", fault.message);
        assert!(fault.help.as_ref().unwrap().contains(help), "{format}: {:?}", fault.help);
    }
    assert_eq!(compile_alone("%J %h %W").unwrap_err().len(), 2);
}
