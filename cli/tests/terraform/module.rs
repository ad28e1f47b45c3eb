//! A module with all its expressions evaluated, as Terraform would in a given place: a block as soon as what it refers to is
//! known.
use super::provider;
use firelens_infra::Place;
use hcl::{
    Block, Body,
    eval::{Context, Evaluate as _, FuncArgs, FuncDef, ParamType},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A block without its labels.
#[derive(Debug, Clone, Default)]
pub struct Evaluated {
    pub attributes: Map<String, Value>,
    blocks: Vec<(String, Evaluated)>,
}

/// Blocks by their address: `aws_iam_role.task`, `data.aws_vpc.default`, and import ids by the address of what they are for.
pub struct Module {
    blocks: BTreeMap<String, Evaluated>,
    pub imports: BTreeMap<String, String>,
}

impl Evaluated {
    pub fn blocks(&self, name: &str) -> impl Iterator<Item = &Evaluated> {
        self.blocks.iter().filter(move |(known, _)| known == name).map(|(_, block)| block)
    }

    /// The only one.
    pub fn block(&self, name: &str) -> &Evaluated {
        let mut blocks = self.blocks(name);
        let block = blocks.next().unwrap_or_else(|| panic!("no block {name}"));
        assert!(blocks.next().is_none(), "{name} stands there twice");
        block
    }

    /// The value of an argument; `null` without it.
    pub fn get(&self, argument: &str) -> Value {
        self.attributes.get(argument).cloned().unwrap_or_default()
    }
}

impl Module {
    pub fn of(files: &[(String, String)], place: &Place, image: &str) -> Module {
        let bodies: Vec<Body> = files.iter().map(|(_, text)| hcl::parse(text).unwrap()).collect();
        let blocks = || bodies.iter().flat_map(Body::blocks);
        let mut known = Known { place, roots: BTreeMap::new() };
        known.put(&["var", "router_image"], json!(image));
        known.put(&["var", "delete_data"], json!(false));
        let mut module = Module { blocks: BTreeMap::new(), imports: BTreeMap::new() };
        let mut waiting: Vec<&Block> = blocks().filter(|block| is_evaluated(block)).collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|block| !module.take(block, &mut known));
            let left: Vec<String> = waiting.iter().map(|block| address(block)).collect();
            assert!(waiting.len() < before, "these refer to each other, or to nothing that there is: {left:?}");
        }
        module
    }

    pub fn get(&self, address: &str) -> &Evaluated {
        self.blocks.get(address).unwrap_or_else(|| panic!("no {address} among {:?}", self.blocks.keys()))
    }

    /// The local names of a type's resources, by the value of an argument.
    pub fn find(&self, kind: &str, argument: &str, value: &str) -> Option<&str> {
        let mut of_kind = self.blocks.iter().filter_map(|(address, block)| {
            Some((address.strip_prefix(kind)?.strip_prefix('.')?, block)).filter(|(_, one)| one.get(argument) == value)
        });
        of_kind.next().map(|(name, _)| name)
    }

    /// The addresses of all resources.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.blocks.keys().map(String::as_str).filter(|address| !address.starts_with("data."))
    }

    /// Evaluates a block, if all is known that it refers to or waits for.
    fn take(&mut self, block: &Block, known: &mut Known) -> bool {
        if !depends_on(block.body()).iter().all(|address| self.blocks.contains_key(address)) {
            return false;
        }
        let Some(evaluated) = evaluate(block.body(), &known.context()) else { return false };
        match block.identifier() {
            "locals" => {
                evaluated.attributes.iter().for_each(|(name, value)| known.put(&["local", name], value.clone()));
            }
            "import" => {
                let to = block.body().attributes().find(|one| one.key() == "to").unwrap().expr().to_string();
                self.imports.insert(to.trim().to_string(), evaluated.get("id").as_str().unwrap().to_string());
            }
            "data" => {
                let (kind, name) = (block.labels()[0].as_str(), block.labels()[1].as_str());
                known.put(&["data", kind, name], provider::answer(known.place, kind, &evaluated));
                self.blocks.insert(address(block), evaluated);
            }
            _ => {
                let (kind, name) = (block.labels()[0].as_str(), block.labels()[1].as_str());
                let mut all = evaluated.attributes.clone();
                let computed = provider::computed(known.place, kind, &all);
                all.extend(computed.as_object().unwrap().clone());
                known.put(&[kind, name], Value::Object(all));
                self.blocks.insert(address(block), evaluated);
            }
        }
        true
    }
}

/// Addresses.
fn depends_on(body: &Body) -> Vec<String> {
    let argument = body.attributes().find(|argument| argument.key() == "depends_on");
    match argument.map(|argument| argument.expr()) {
        Some(hcl::Expression::Array(all)) => all.iter().map(|one| one.to_string().trim().to_string()).collect(),
        _ => Vec::new(),
    }
}

fn is_evaluated(block: &Block) -> bool {
    ["resource", "data", "locals", "import"].contains(&block.identifier())
}

fn address(block: &Block) -> String {
    let labels: Vec<&str> = block.labels().iter().map(|label| label.as_str()).collect();
    match block.identifier() {
        "resource" => labels.join("."),
        other => [&[other], labels.as_slice()].concat().join("."),
    }
}

/// `None` when something that it refers to is not known yet.
pub fn evaluate(body: &Body, context: &Context) -> Option<Evaluated> {
    let mut evaluated = Evaluated::default();
    for argument in body.attributes().filter(|one| !["depends_on", "to"].contains(&one.key())) {
        let value = argument.expr().evaluate(context).ok()?;
        evaluated.attributes.insert(argument.key().to_string(), serde_json::to_value(value).unwrap());
    }
    for block in body.blocks().filter(|block| block.identifier() != "lifecycle") {
        evaluated.blocks.push((block.identifier().to_string(), evaluate(block.body(), context)?));
    }
    Some(evaluated)
}

/// What expressions can refer to.
struct Known<'a> {
    place: &'a Place,
    roots: BTreeMap<String, Value>,
}

impl Known<'_> {
    fn put(&mut self, path: &[&str], value: Value) {
        let root = self.roots.entry(path[0].to_string()).or_insert_with(|| json!({}));
        let place = path[1..].iter().fold(root, |place, name| &mut place[*name]);
        *place = value;
    }

    fn context(&self) -> Context<'static> {
        context(self.roots.iter().map(|(name, value)| (name.as_str(), value)))
    }
}

/// What is known by its name, and Terraform's functions.
pub fn context<'a>(known: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Context<'static> {
    let mut context = Context::new();
    for (name, value) in known {
        context.declare_var(name, hcl::to_value(value).unwrap());
    }
    context.declare_func("jsonencode", FuncDef::builder().param(ParamType::Any).build(jsonencode));
    context
}

fn jsonencode(arguments: FuncArgs) -> Result<hcl::Value, String> {
    serde_json::to_string(&arguments[0]).map(hcl::Value::from).map_err(|error| error.to_string())
}
