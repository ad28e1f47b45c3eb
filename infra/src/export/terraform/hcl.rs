//! Pieces of HCL. How they are laid out is said in [`super::layout`].
use crate::export::symbol::{self, Part};
use hcl_edit::{
    Decorate as _, Decorated, Ident,
    expr::{
        Array, Expression, FuncArgs, FuncCall, Object, ObjectKey, ObjectValue, Traversal, TraversalOperator, UnaryOp,
        UnaryOperator,
    },
    structure::{Attribute, Block, Structure},
    template::{Element, Interpolation, StringTemplate},
};
use serde_json::Value;

/// A block with its labels: `resource "TYPE" "NAME"`.
pub(crate) fn block(keyword: &str, labels: &[&str], body: impl IntoIterator<Item = Structure>) -> Block {
    let labels = labels.iter().copied();
    Block::builder(Ident::new(keyword)).labels(labels).structures(body).build()
}

/// `resource "aws_…" "NAME"`
pub(crate) fn resource(kind: &str, name: &str, body: impl IntoIterator<Item = Structure>) -> Block {
    block("resource", &[kind, name], body)
}

/// `data "aws_…" "NAME"`
pub(crate) fn data_source(kind: &str, name: &str, body: impl IntoIterator<Item = Structure>) -> Block {
    block("data", &[kind, name], body)
}

/// `import { to = …  id = … }`
pub(crate) fn import(to: String, id: Expression) -> Block {
    block("import", &[], [attribute("to", path(&to)), attribute("id", id)])
}

/// A block within another.
pub(crate) fn nested(keyword: &str, body: impl IntoIterator<Item = Structure>) -> Structure {
    block(keyword, &[], body).into()
}

pub(crate) fn attribute(name: &str, value: impl Into<Expression>) -> Structure {
    Attribute::new(Ident::new(name), value).into()
}

/// The stack's tags, which are in `local.tags`.
pub(crate) fn tags() -> Structure {
    attribute("tags", path("local.tags"))
}

/// What has to be there first, though nothing in the block names it.
pub(crate) fn depends_on(addresses: &[String]) -> Option<Structure> {
    let addresses = addresses.iter().map(|address| path(address));
    (addresses.len() > 0).then(|| attribute("depends_on", list(addresses)))
}

pub(crate) fn not(value: Expression) -> Expression {
    UnaryOp::new(UnaryOperator::Not, value).into()
}

/// An expression that is always the same.
pub(crate) fn fixed(text: &str) -> Expression {
    text.parse().expect("the expressions of the module are right")
}

/// With a comment in front: lines without their `#`.
pub(crate) fn commented(mut block: Block, comment: &str) -> Block {
    let lines: String = comment.lines().map(|line| format!("# {line}\n")).collect();
    block.decor_mut().set_prefix(lines);
    block
}

/// A text, with the module's own expressions where it has marks.
pub(crate) fn text(text: &str) -> Expression {
    template(symbol::parts(text).into_iter().map(symbol_of))
}

/// `"${a}b"`: texts as they are, and expressions.
pub(crate) fn template(parts: impl IntoIterator<Item = Expression>) -> Expression {
    let mut pieces: Vec<Expression> = Vec::new();
    for part in parts {
        match part {
            Expression::String(text) => pieces.extend(literals(text.value())),
            other => pieces.push(other),
        }
    }
    match pieces.len() {
        0 => Expression::from(""),
        1 => pieces.remove(0),
        _ => StringTemplate::from(elements(pieces)).into(),
    }
}

fn elements(pieces: Vec<Expression>) -> Vec<Element> {
    let followed: Vec<bool> = pieces.iter().skip(1).map(|next| !next.is_str()).chain([false]).collect();
    let mut elements: Vec<Element> = Vec::new();
    for (piece, is_followed) in pieces.into_iter().zip(followed) {
        match piece {
            // `$` in front of `${`: the two would be one escaped `$`.
            Expression::String(text) if is_sign(text.value()) || is_followed && text.value().ends_with(SIGNS) => {
                let (text, sign) = text.value().split_at(text.value().len() - 1);
                elements.extend((!text.is_empty()).then(|| text.into()));
                elements.push(interpolation(Expression::from(sign)));
            }
            Expression::String(text) => elements.push(text.value().clone().into()),
            Expression::StringTemplate(template) => elements.extend(template),
            other => elements.push(interpolation(other)),
        }
    }
    elements
}

fn interpolation(value: Expression) -> Element {
    Interpolation::new(value.decorated(("", ""))).into()
}

/// What begins `${` and `%{`. HCL has no way to write one in front of another but `${"$"}`.
const SIGNS: [char; 2] = ['$', '%'];

fn is_sign(text: &str) -> bool {
    SIGNS.iter().any(|sign| text.chars().eq([*sign]))
}

/// The text with each `$` that a literal `${` follows on its own.
fn literals(text: &str) -> Vec<Expression> {
    let doubled = |at: &usize| {
        let rest = &text[*at..];
        SIGNS.iter().any(|sign| rest.starts_with(&format!("{sign}{sign}{{")))
    };
    let mut pieces = Vec::new();
    let mut from = 0;
    for at in text.match_indices(SIGNS).map(|(at, _)| at).filter(doubled) {
        pieces.extend([&text[from..at], &text[at..at + 1]]);
        from = at + 1;
    }
    pieces.push(&text[from..]);
    pieces.into_iter().filter(|piece| !piece.is_empty()).map(Expression::from).collect()
}

fn symbol_of(part: Part) -> Expression {
    match part {
        Part::Text(text) => Expression::from(text),
        Part::Account => path("local.account_id"),
        Part::Region => path("local.region"),
        Part::Partition => path("local.partition"),
        Part::DnsSuffix => path("local.dns_suffix"),
        Part::Image => path("var.router_image"),
    }
}

/// `aws_iam_role.task.arn`: names with dots between them.
pub(crate) fn path(path: &str) -> Expression {
    let mut names = path.split('.').map(Ident::new);
    let first = Expression::Variable(Decorated::new(names.next().expect("a split has a first part")));
    let rest: Vec<_> = names.map(|name| Decorated::new(TraversalOperator::GetAttr(Decorated::new(name)))).collect();
    if rest.is_empty() { first } else { Traversal::new(first, rest).into() }
}

pub(crate) fn call(function: &str, arguments: impl IntoIterator<Item = Expression>) -> Expression {
    let arguments: FuncArgs = arguments.into_iter().collect::<Vec<_>>().into();
    FuncCall::new(Ident::new(function), arguments).into()
}

pub(crate) fn list(items: impl IntoIterator<Item = Expression>) -> Expression {
    items.into_iter().collect::<Array>().into()
}

pub(crate) fn texts<'a>(items: impl IntoIterator<Item = &'a String>) -> Expression {
    list(items.into_iter().map(|item| text(item)))
}

pub(crate) fn object<'a>(members: impl IntoIterator<Item = (&'a str, Expression)>) -> Expression {
    let members = members.into_iter().map(|(name, value)| (key(name), ObjectValue::new(value)));
    members.collect::<Object>().into()
}

/// A name without quotes, where it can stand so.
fn key(name: &str) -> ObjectKey {
    match Ident::try_new(name) {
        Ok(name) => ObjectKey::from(name),
        Err(_) => ObjectKey::from(Expression::from(name)),
    }
}

/// Plain data. `each` says an expression for a value that is another in the module, by its path in the data.
pub(crate) fn json(value: &Value, each: &dyn Fn(&[&str], &Value) -> Option<Expression>) -> Expression {
    data_at(value, &mut Vec::new(), each)
}

fn data_at<'a>(
    value: &'a Value,
    path: &mut Vec<&'a str>,
    each: &dyn Fn(&[&str], &Value) -> Option<Expression>,
) -> Expression {
    if let Some(other) = each(path, value) {
        return other;
    }
    match value {
        Value::Null => Expression::null(),
        Value::Bool(value) => Expression::from(*value),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Expression::from(whole),
            (None, float) => Expression::from(float.unwrap_or_default()),
        },
        Value::String(value) => text(value),
        Value::Array(items) => list(items.iter().map(|item| data_at(item, path, each))),
        Value::Object(members) => object(members.iter().map(|(name, value)| {
            path.push(name);
            let value = data_at(value, path, each);
            path.pop();
            (name.as_str(), value)
        })),
    }
}
