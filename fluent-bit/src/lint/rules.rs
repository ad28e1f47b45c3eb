//! The rules, one a file. Each has a page in `docs/rules` and a folder of fixtures in `tests/lint`.
use super::{
    Check, Context, Finding, Place, Rule, Severity, allow, context::Configuration, finding::Edit, tags::Matcher,
};
use crate::{
    conf::{Entry, Section, SectionKind, Text},
    firelens,
};

mod common;
mod flk001_indentation;
mod flk002_syntax;
mod flk003_yaml_shape;
mod flk004_include;
mod flk005_parser_section;
mod flk006_second_service;
mod flk007_variable_not_set;
mod flk008_missing_name;
mod flk009_unknown_plugin;
mod flk010_unknown_property;
mod flk011_other_release;
mod flk012_duplicate_property;
mod flk013_wrong_value;
mod flk014_missing_property;
mod flk015_missing_match;
mod flk016_undefined_parser;
mod flk017_old_go_plugin;
mod flk018_go_plugin_workers;
mod flk019_secret_in_plain_text;
mod flk020_rewrite_tag_loop;
mod flk021_tag_without_output;
mod flk022_match_nothing;
mod flk023_healthcheck_records;
mod flk024_filter_twice;
mod flk025_rewrite_leaves_records;
mod flk026_container_without_output;
mod flk027_retry_limit;
mod flk028_memory_only_buffer;
mod flk029_unlimited_disk_buffer;
mod flk030_emitter_in_memory;
mod flk031_short_grace;
mod flk032_slow_flush;
mod flk033_split_lines;
mod flk034_log_key_removed;
mod flk035_record_size;
mod flk036_newlines_in_records;
mod flk037_auto_create_group;
mod flk038_shared_log_stream;
mod flk039_log_group_template;
mod flk040_missing_region;
mod flk041_tls_off;
mod flk042_no_wasm_filter;
mod flk043_wasm_behind_forward;
mod flk044_wasm_heap_size;
mod flk045_wasm_msgpack;
mod flk046_task_definition;
mod flk047_floating_image;
mod flk048_routers;
mod flk049_firelens_options;
mod flk050_config_from_s3;
mod flk051_reserved_path;
mod flk052_yaml_config;
mod flk053_options_without_name;
mod flk054_options_of_another_driver;
mod flk055_log_driver_buffer;
mod flk056_depends_on_router;
mod flk057_no_health_check;
mod flk058_health_check_tool;
mod flk059_deep_health_check;
mod flk060_health_check_without_server;
mod flk061_router_memory;
mod flk062_memory_sum;
mod flk063_stop_timeout;
mod flk064_essential;
mod flk065_restart_policy;
mod flk066_buffer_volume;
mod flk067_router_log;
mod flk068_comment_in_value;
mod flk069_old_property;
mod flk070_wasm_leak;
mod flk071_routes_share_output;
mod flk072_router_user;
mod flk073_option_with_space;
mod flk074_fluentd_file;
mod flk075_unnamed_configuration;
mod flk076_output_without_host;
mod flk077_unknown_key;
mod flk078_read_only_root;
mod flk079_literal_template;
mod flk080_stream_on_every_tag;
mod flk081_windows;
mod flk082_reserve_data;
mod flk083_grep_for_all_outputs;
mod flk084_image_release;
mod flk085_placeholder;
mod flk086_field_not_there;

use common::*;

/// A rule's description; its page is the file with its code.
macro_rules! rule {
    ($code:literal, $name:literal, $severity:ident, $check:expr) => {
        pub(super) static RULE: Rule = Rule {
            code: $code,
            name: $name,
            severity: Severity::$severity,
            page: include_str!(concat!("../../../../docs/rules/", $code, ".md")),
            check: Check::Context($check),
        };
    };
}

use rule;

/// All rules that look at a [`Context`], by code.
pub static ALL: &[&Rule] = &[
    &flk001_indentation::RULE,
    &flk002_syntax::RULE,
    &flk003_yaml_shape::RULE,
    &flk004_include::RULE,
    &flk005_parser_section::RULE,
    &flk006_second_service::RULE,
    &flk007_variable_not_set::RULE,
    &flk008_missing_name::RULE,
    &flk009_unknown_plugin::RULE,
    &flk010_unknown_property::RULE,
    &flk011_other_release::RULE,
    &flk012_duplicate_property::RULE,
    &flk013_wrong_value::RULE,
    &flk014_missing_property::RULE,
    &flk015_missing_match::RULE,
    &flk016_undefined_parser::RULE,
    &flk017_old_go_plugin::RULE,
    &flk018_go_plugin_workers::RULE,
    &flk019_secret_in_plain_text::RULE,
    &flk020_rewrite_tag_loop::RULE,
    &flk021_tag_without_output::RULE,
    &flk022_match_nothing::RULE,
    &flk023_healthcheck_records::RULE,
    &flk024_filter_twice::RULE,
    &flk025_rewrite_leaves_records::RULE,
    &flk026_container_without_output::RULE,
    &flk027_retry_limit::RULE,
    &flk028_memory_only_buffer::RULE,
    &flk029_unlimited_disk_buffer::RULE,
    &flk030_emitter_in_memory::RULE,
    &flk031_short_grace::RULE,
    &flk032_slow_flush::RULE,
    &flk033_split_lines::RULE,
    &flk034_log_key_removed::RULE,
    &flk035_record_size::RULE,
    &flk036_newlines_in_records::RULE,
    &flk037_auto_create_group::RULE,
    &flk038_shared_log_stream::RULE,
    &flk039_log_group_template::RULE,
    &flk040_missing_region::RULE,
    &flk041_tls_off::RULE,
    &flk042_no_wasm_filter::RULE,
    &flk043_wasm_behind_forward::RULE,
    &flk044_wasm_heap_size::RULE,
    &flk045_wasm_msgpack::RULE,
    &flk046_task_definition::RULE,
    &flk047_floating_image::RULE,
    &flk048_routers::RULE,
    &flk049_firelens_options::RULE,
    &flk050_config_from_s3::RULE,
    &flk051_reserved_path::RULE,
    &flk052_yaml_config::RULE,
    &flk053_options_without_name::RULE,
    &flk054_options_of_another_driver::RULE,
    &flk055_log_driver_buffer::RULE,
    &flk056_depends_on_router::RULE,
    &flk057_no_health_check::RULE,
    &flk058_health_check_tool::RULE,
    &flk059_deep_health_check::RULE,
    &flk060_health_check_without_server::RULE,
    &flk061_router_memory::RULE,
    &flk062_memory_sum::RULE,
    &flk063_stop_timeout::RULE,
    &flk064_essential::RULE,
    &flk065_restart_policy::RULE,
    &flk066_buffer_volume::RULE,
    &flk067_router_log::RULE,
    &flk068_comment_in_value::RULE,
    &flk069_old_property::RULE,
    &flk070_wasm_leak::RULE,
    &flk071_routes_share_output::RULE,
    &flk072_router_user::RULE,
    &flk073_option_with_space::RULE,
    &flk074_fluentd_file::RULE,
    &flk075_unnamed_configuration::RULE,
    &flk076_output_without_host::RULE,
    &flk077_unknown_key::RULE,
    &flk078_read_only_root::RULE,
    &flk079_literal_template::RULE,
    &flk080_stream_on_every_tag::RULE,
    &flk081_windows::RULE,
    &flk082_reserve_data::RULE,
    &flk083_grep_for_all_outputs::RULE,
    &flk084_image_release::RULE,
    &flk085_placeholder::RULE,
    &flk086_field_not_there::RULE,
];

/// The rules about comments that allow something.
pub static COMMENTS: &[&Rule] = &[&allow::NO_REASON, &allow::SILENCES_NOTHING];

/// All rules of this crate.
pub fn everything() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().chain(COMMENTS).copied()
}
