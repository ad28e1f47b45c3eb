use super::*;
use crate::lint::context::Content;

rule!("FLK046", "task-definition", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (number, file) in context.files.iter().enumerate() {
        let Content::TaskDefinition(problems) = &file.content else { continue };
        for problem in problems {
            let finding = RULE.at(Place::new(number, &problem.span), problem.message.as_str());
            found.push(Finding { help: problem.help.clone(), ..finding });
        }
    }
}
