//! How much operand stack the module needs at most, in the fast interpreter of Fluent Bit's WebAssembly runtime.
//!
//! There, a call's frame holds its parameters, locals, operands and constants in cells of four bytes, behind a header; a
//! frame is refused unless twice its size is free. With no recursion in the module, the longest chain of calls is what it
//! needs.
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{
    CompositeInnerType, ElementItems, FuncToValidate, FuncValidatorAllocations, FunctionBody, Operator, Parser,
    Payload, ValType, ValidPayload, Validator, ValidatorResources, WasmFeatures,
};

/// What the start function is called here.
pub const START: &str = "the start function";

/// Bytes of a frame before its cells.
const FRAME_HEADER: usize = 40;
const CELL: usize = 4;

/// One function.
#[derive(Default)]
struct Function {
    frame: usize,
    calls: BTreeSet<u32>,
    /// Types of the functions that it calls through the table.
    indirect: BTreeSet<u32>,
}

/// The module's functions, and what leads from one to another.
#[derive(Default)]
pub struct Stack {
    functions: Vec<Function>,
    types: Vec<u32>,
    in_table: BTreeSet<u32>,
    exports: BTreeMap<String, u32>,
}

impl Stack {
    pub fn new(module: &[u8]) -> Stack {
        let mut stack = Stack::default();
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        let mut signatures: Vec<usize> = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload.expect("a module");
            match &payload {
                Payload::TypeSection(section) => {
                    for group in section.clone() {
                        signatures.extend(group.expect("types").types().map(|t| match &t.composite_type.inner {
                            CompositeInnerType::Func(function) => cells(function.params()),
                            _ => 0,
                        }));
                    }
                }
                Payload::FunctionSection(section) => {
                    stack.types = section.clone().into_iter().map(|index| index.expect("an index")).collect();
                }
                Payload::ExportSection(section) => {
                    for export in section.clone() {
                        let export = export.expect("an export");
                        stack.exports.insert(export.name.to_owned(), export.index);
                    }
                }
                Payload::StartSection { func, .. } => {
                    stack.exports.insert(START.to_owned(), *func);
                }
                Payload::ElementSection(section) => {
                    for element in section.clone() {
                        if let ElementItems::Functions(functions) = element.expect("elements").items {
                            stack.in_table.extend(functions.into_iter().map(|index| index.expect("an index")));
                        }
                    }
                }
                _ => {}
            }
            if let ValidPayload::Func(function, body) = validator.payload(&payload).expect("a valid module") {
                let parameters = signatures[stack.types[stack.functions.len()] as usize];
                stack.functions.push(Function::new(function, &body, parameters));
            }
        }
        stack
    }

    /// The bytes that a call of this export needs, and the chain of functions that needs them.
    ///
    /// # Panics
    /// When a function can call itself.
    pub fn needed(&self, export: &str) -> (usize, Vec<u32>) {
        let mut known = BTreeMap::new();
        self.deepest(self.exports[export], &mut Vec::new(), &mut known)
    }

    fn deepest(&self, at: u32, path: &mut Vec<u32>, known: &mut BTreeMap<u32, (usize, Vec<u32>)>) -> (usize, Vec<u32>) {
        if let Some(found) = known.get(&at) {
            return found.clone();
        }
        assert!(!path.contains(&at), "function {at} can call itself: {path:?}");
        path.push(at);
        let function = &self.functions[at as usize];
        let through_table = self.in_table.iter().filter(|&&to| function.indirect.contains(&self.types[to as usize]));
        // The last frame of a chain has to fit twice.
        let mut most = (2 * function.frame, Vec::new());
        for &next in function.calls.iter().chain(through_table) {
            let (bytes, chain) = self.deepest(next, path, known);
            most = most.max((function.frame + bytes, chain));
        }
        path.pop();
        most.1.insert(0, at);
        known.insert(at, most.clone());
        most
    }
}

impl Function {
    fn new(function: FuncToValidate<ValidatorResources>, body: &FunctionBody, parameters: usize) -> Function {
        let mut found = Function::default();
        let mut validator = function.into_validator(FuncValidatorAllocations::default());
        let mut reader = body.get_binary_reader();
        validator.read_locals(&mut reader).expect("locals");
        let locals = body.get_locals_reader().expect("locals").into_iter().map(|local| local.expect("a local"));
        let locals: usize = locals.map(|(count, kind)| count as usize * cells(&[kind])).sum();
        let (mut height, mut narrow, mut wide) = (0, BTreeSet::new(), BTreeSet::new());
        let mut operators = body.get_operators_reader().expect("operators");
        while !operators.eof() {
            let (operator, at) = operators.read_with_offset().expect("an operator");
            match &operator {
                Operator::Call { function_index } => drop(found.calls.insert(*function_index)),
                Operator::CallIndirect { type_index, .. } => drop(found.indirect.insert(*type_index)),
                Operator::I32Const { value } => drop(narrow.insert(*value)),
                Operator::I64Const { value } => drop(wide.insert(*value)),
                _ => {}
            }
            validator.op(at, &operator).expect("a valid operator");
            height = height.max(validator.operand_stack_height() as usize);
        }
        // Two cells for each operand: the widest values there are.
        let cells = parameters + locals + 2 * height + narrow.len() + 2 * wide.len();
        found.frame = FRAME_HEADER + CELL * cells;
        found
    }
}

fn cells(types: &[ValType]) -> usize {
    types.iter().map(|kind| if matches!(kind, ValType::I64 | ValType::F64) { 2 } else { 1 }).sum()
}
