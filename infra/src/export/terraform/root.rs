//! versions.tf, variables.tf and main.tf: what the module needs, takes, and finds out.
use super::{Module, hcl};
use hcl_edit::{
    expr::Expression,
    structure::{Block, Structure},
};

/// `import` blocks whose ids are looked up came with this version.
const TERRAFORM: &str = ">= 1.6";
const PROVIDER: &str = ">= 6.0, < 7.0";

/// A digest, or a tag. What could be the port of a registry is none: a `/` follows it.
const IMAGE: &str = r#"can(regex("^[^@]+(@sha256:[0-9a-f]{64}|:[0-9A-Za-z_][0-9A-Za-z_.-]*)$", var.router_image)) && !endswith(var.router_image, ":latest")"#;

pub(super) fn versions() -> Vec<Block> {
    let aws = hcl::object([("source", Expression::from("hashicorp/aws")), ("version", Expression::from(PROVIDER))]);
    let body = [
        hcl::attribute("required_version", TERRAFORM),
        hcl::nested("required_providers", [hcl::attribute("aws", aws)]),
    ];
    vec![hcl::block("terraform", &[], body)]
}

/// Only those that are used. `whole`: the text of the other files.
pub(super) fn variables(whole: &str) -> Vec<Block> {
    let (runs, deletes) = (whole.contains("var.router_image"), whole.contains("var.delete_data"));
    let image = runs.then(|| {
        let validation = [
            hcl::attribute("condition", hcl::fixed(IMAGE)),
            hcl::attribute("error_message", "The image needs a digest, or a tag other than latest."),
        ];
        let body = [
            hcl::attribute(
                "description",
                "The router's image, as firelens-kit push printed it: REPOSITORY@sha256:… or REPOSITORY:TAG.",
            ),
            hcl::attribute("type", hcl::path("string")),
            hcl::attribute("nullable", false),
            hcl::nested("validation", validation),
        ];
        hcl::block("variable", &["router_image"], body)
    });
    let delete = deletes.then(|| {
        let body = [
            hcl::attribute("description", "Whether destroying deletes the logs, too. Without it, log groups stay, and so do buckets that are not empty."),
            hcl::attribute("type", hcl::path("bool")),
            hcl::attribute("default", false),
            hcl::attribute("nullable", false),
        ];
        hcl::block("variable", &["delete_data"], body)
    });
    image.into_iter().chain(delete).collect()
}

/// Account, region and partition, the locals that name them, and the tags. `whole`: the text of the other files.
pub(super) fn main(module: &Module, whole: &str) -> Vec<Block> {
    let place = module.place;
    let looked_up = [
        ("account_id", "aws_caller_identity", "account_id", place.account.as_str()),
        ("region", "aws_region", "region", place.region.as_str()),
        ("partition", "aws_partition", "partition", place.partition.as_str()),
        ("dns_suffix", "aws_partition", "dns_suffix", place.partition.as_str()),
    ];
    let (mut sources, mut locals) = (Vec::new(), Vec::new());
    for (local, source, attribute, known) in looked_up {
        let is_symbolic = crate::export::symbol::is_in(known);
        let is_used = whole.contains(&format!("local.{local}"));
        let is_checked = !is_symbolic && source != "aws_partition";
        if (is_symbolic && is_used || is_checked) && !sources.iter().any(|(name, _)| *name == source) {
            let body = is_checked.then(|| hcl::nested("lifecycle", [right(attribute, known)]));
            sources.push((source, hcl::data_source(source, "current", body)));
        }
        if is_symbolic && is_used {
            locals.push(hcl::attribute(local, hcl::path(&format!("data.{source}.current.{attribute}"))));
        }
    }
    let tags = module.stack.all_tags();
    let tags = hcl::object(tags.iter().map(|(key, value)| (key.as_str(), hcl::text(value))));
    locals.push(hcl::attribute("tags", tags));
    let sources = sources.into_iter().map(|(_, block)| block);
    sources.chain([hcl::block("locals", &[], locals)]).collect()
}

/// Names and ARNs have this place in them.
fn right(attribute: &str, known: &str) -> Structure {
    let condition = hcl::fixed(&format!("self.{attribute} == {}", Expression::from(known)));
    let message = format!("The module was exported for {known}.");
    let body = [hcl::attribute("condition", condition), hcl::attribute("error_message", message)];
    hcl::nested("postcondition", body)
}
