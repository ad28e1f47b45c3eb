//! What the pages on Terraform show as the module (`hcl`) is in the module that their `firelens.toml` gives; what they show as
//! somebody's own (`tf`) is HCL.
use super::{export, files, support::Folder};
use std::{fs, path::Path};

const PAGES: [&str; 2] = ["export-terraform.md", "migrate-terraform.md"];

fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("\n```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_string() + "\n").collect()
}

#[test]
fn the_pages_show_what_is_written() {
    for page in PAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
        let text = fs::read_to_string(path).unwrap();
        let folder = Folder::new().with("firelens.toml", &blocks(&text, "toml")[0]);
        let run = export(&folder, &["--import"]);
        assert_eq!(run.code, 0, "{page}: {}", run.stderr);
        let module = files(&folder);
        let shown = blocks(&text, "hcl");
        assert!(shown.len() >= 2, "{page}");
        for block in shown {
            assert!(module.iter().any(|(_, text)| text.contains(&block)), "{page}: not in the module:\n{block}");
        }
        for block in blocks(&text, "tf") {
            hcl::parse(&block).unwrap_or_else(|error| panic!("{page}: {error}\n{block}"));
        }
    }
}
