//! The rules, one a file. Each has a page in `docs/rules` and a folder of fixtures in `tests/lint`.
use super::{Check, Context, Finding, Place, Rule, Severity, allow, context::Configuration, finding::Edit};
use crate::conf::{Entry, Section, SectionKind, Text};

mod common;

use common::*;

/// A rule's description; its page is the file with its code.
macro_rules! rule {
    ($code:literal, $name:literal, $severity:ident, $check:expr) => {
        pub static RULE: Rule = Rule {
            code: $code,
            name: $name,
            severity: Severity::$severity,
            page: include_str!(concat!("../../../../docs/rules/", $code, ".md")),
            check: Check::Context($check),
        };
    };
}

macro_rules! rules {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        /// All rules that look at a [`Context`], by code.
        pub static ALL: &[&Rule] = &[$(&$module::RULE),*];
    };
}

rules! {
    flk001_indentation,
    flk002_syntax,
    flk003_yaml_shape,
    flk004_include,
    flk005_parser_section,
    flk006_second_service,
    flk007_variable_not_set,
    flk008_missing_name,
    flk009_unknown_plugin,
    flk010_unknown_property,
    flk011_other_release,
    flk012_duplicate_property,
    flk013_wrong_value,
    flk014_missing_property,
    flk015_missing_match,
    flk016_undefined_parser,
    flk017_old_go_plugin,
    flk018_go_plugin_workers,
    flk019_secret_in_plain_text,
    flk020_rewrite_tag_loop,
    flk021_tag_without_output,
    flk022_match_nothing,
    flk023_healthcheck_records,
    flk024_filter_twice,
    flk025_rewrite_leaves_records,
    flk026_container_without_output,
    flk027_retry_limit,
    flk028_memory_only_buffer,
    flk029_unlimited_disk_buffer,
    flk030_emitter_in_memory,
    flk031_short_grace,
    flk032_slow_flush,
    flk033_split_lines,
    flk034_log_key_removed,
    flk035_record_size,
    flk036_newlines_in_records,
    flk037_auto_create_group,
    flk038_shared_log_stream,
    flk039_log_group_template,
    flk040_missing_region,
    flk041_tls_off,
    flk042_no_wasm_filter,
    flk043_wasm_behind_forward,
    flk044_wasm_heap_size,
    flk045_wasm_msgpack,
    flk046_task_definition,
    flk047_floating_image,
    flk048_routers,
    flk049_firelens_options,
    flk050_config_from_s3,
    flk051_reserved_path,
    flk052_yaml_config,
    flk053_options_without_name,
    flk054_options_of_another_driver,
    flk055_log_driver_buffer,
    flk056_depends_on_router,
    flk057_no_health_check,
    flk058_health_check_tool,
    flk059_deep_health_check,
    flk060_health_check_without_server,
    flk061_router_memory,
    flk062_memory_sum,
    flk063_stop_timeout,
    flk064_essential,
    flk065_restart_policy,
    flk066_buffer_volume,
    flk067_router_log,
    flk068_comment_in_value,
}

/// The rules about comments that allow something.
pub static COMMENTS: &[&Rule] = &[&allow::NO_REASON, &allow::SILENCES_NOTHING];

/// All rules of this crate.
pub fn everything() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().chain(COMMENTS).copied()
}
