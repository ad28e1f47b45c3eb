use super::*;
use crate::lint::secrets;

rule!("FLK019", "secret-in-plain-text", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (_, section) in sections(context) {
        // FLK085 tells what is still the text of an example.
        for text in secrets::plain(section).into_iter().filter(|text| !is_placeholder(&text.text)) {
            let finding = RULE
                .at(section.place(&text.span), "a secret is written out")
                .label("anybody with the image can read it");
            let help = match context.files[section.file].is_task_definition() {
                true => "give it in `secretOptions`, by the ARN of the secret",
                false => "write ${NAME}, and give NAME in the router's `secrets`, by the ARN of the secret",
            };
            found.push(finding.help(help));
        }
    }
}
