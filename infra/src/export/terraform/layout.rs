//! HCL as `terraform fmt` lays it out: two spaces a level, blank lines between blocks, the `=` of neighbouring lines below each
//! other (HashiCorp's style guide for Terraform, "Code formatting").
use hcl_edit::{
    Decorate, Ident,
    expr::{Expression, Object, ObjectKey, ObjectValueTerminator},
    structure::{Body, Structure},
};

/// A list is on one line where that is no longer than this.
const LINE: usize = 100;

const INDENT: &str = "  ";

/// The text of a file's body.
pub(super) fn lay_out(mut body: Body) -> String {
    body_at(&mut body, 0);
    body.to_string()
}

fn indent(depth: usize) -> String {
    INDENT.repeat(depth)
}

fn body_at(body: &mut Body, depth: usize) {
    let structures: Vec<Structure> = std::mem::take(body).into_iter().collect();
    let laid_out: Vec<Structure> = structures.into_iter().map(|structure| contents(structure, depth)).collect();
    let keys: Vec<Option<usize>> = laid_out.iter().map(aligned).collect();
    let widths = widths(&keys);
    let mut before: Option<bool> = None;
    for (mut structure, width) in laid_out.into_iter().zip(widths) {
        let is_block = structure.is_block();
        let apart = before.is_some_and(|before| before || is_block);
        let comment = comment(&structure, depth);
        let blank = if apart { "\n" } else { "" };
        structure.decor_mut().set_prefix(format!("{blank}{comment}{}", indent(depth)));
        if let Structure::Attribute(attribute) = &mut structure {
            let space = width.map_or(1, |width| width + 1 - attribute.key.len());
            attribute.key.decor_mut().set_suffix(" ".repeat(space));
        }
        before = Some(is_block);
        body.push(structure);
    }
}

/// Everything within it.
fn contents(mut structure: Structure, depth: usize) -> Structure {
    match &mut structure {
        Structure::Attribute(attribute) => {
            let column = depth * INDENT.len() + attribute.key.len() + 3;
            expression(&mut attribute.value, depth, column);
        }
        Structure::Block(block) => {
            if block.body.is_empty() {
                block.body.set_prefer_oneline(true);
                return structure;
            }
            body_at(&mut block.body, depth + 1);
            block.body.decor_mut().set_suffix(indent(depth));
        }
    }
    structure
}

/// The comment that stands in front, at this depth.
fn comment(structure: &Structure, depth: usize) -> String {
    let prefix = structure.decor().prefix().map(|prefix| prefix.to_string()).unwrap_or_default();
    prefix
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| format!("{}{}\n", indent(depth), line.trim()))
        .collect()
}

/// The length of the key of an attribute on one line.
fn aligned(structure: &Structure) -> Option<usize> {
    let attribute = structure.as_attribute()?;
    (!attribute.value.to_string().contains('\n')).then_some(attribute.key.len())
}

/// The width of each key's column: that of the longest among its neighbours on one line.
fn widths(keys: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut widths = Vec::new();
    for run in keys.chunk_by(|one, other| one.is_some() == other.is_some()) {
        let widest = run.iter().flatten().max().copied();
        widths.extend(run.iter().map(|_| widest));
    }
    widths
}

/// `column`: where its first line begins.
fn expression(value: &mut Expression, depth: usize, column: usize) {
    match value {
        Expression::Array(_) => array(value, depth, column),
        Expression::Object(members) => object(members, depth),
        Expression::FuncCall(call) => {
            let column = column + call.name.name.len() + 1;
            call.args.iter_mut().for_each(|argument| expression(argument, depth, column));
        }
        _ => {}
    }
}

/// On one line, or an item a line; the brackets of a list with one object hug it.
fn array(value: &mut Expression, depth: usize, column: usize) {
    let Some(array) = value.as_array_mut() else { return };
    if array.len() == 1 && array.get(0).is_some_and(Expression::is_object) {
        array.iter_mut().for_each(|item| expression(item, depth, column));
        return;
    }
    array.iter_mut().for_each(|item| expression(item, depth + 1, (depth + 1) * INDENT.len()));
    let short = value.to_string();
    let Some(array) = value.as_array_mut() else { return };
    if array.is_empty() || !short.contains('\n') && column + short.trim().len() <= LINE {
        return;
    }
    let prefix = format!("\n{}", indent(depth + 1));
    array.iter_mut().for_each(|item| item.decor_mut().set_prefix(prefix.as_str()));
    array.set_trailing_comma(true);
    array.set_trailing(format!("\n{}", indent(depth)));
}

/// A member a line.
fn object(object: &mut Object, depth: usize) {
    let mut keys = Vec::new();
    for (key, value) in object.iter_mut() {
        let width = width_of(&key);
        expression(value.expr_mut(), depth + 1, (depth + 1) * INDENT.len() + width + 3);
        let text = value.expr().to_string();
        keys.push((!text.contains('\n')).then_some(width));
    }
    let widths = widths(&keys);
    for ((mut key, value), widest) in object.iter_mut().zip(widths) {
        let space = widest.map_or(1, |widest| widest + 1 - width_of(&key));
        key.decor_mut().set_prefix(indent(depth + 1));
        key.decor_mut().set_suffix(" ".repeat(space));
        value.set_terminator(ObjectValueTerminator::Newline);
    }
    if object.is_empty() {
        return;
    }
    object.set_trailing(indent(depth));
    if let Some((mut first, _)) = object.iter_mut().next() {
        first.decor_mut().set_prefix(format!("\n{}", indent(depth + 1)));
    }
}

fn width_of(key: &ObjectKey) -> usize {
    match key {
        ObjectKey::Ident(name) => Ident::as_str(name).len(),
        ObjectKey::Expression(text) => text.to_string().trim().len(),
    }
}
