//! Several directives of one LogFormat for the same field: which one is written under which name.
//!
//! Nothing is lost: what another directive prints as well is read but not written, and what differs gets a name of its
//! own.
use super::{
    access::{Part, Role, Slot},
    output::{HIDDEN, UNUSED, family_mask},
};
use firelens_filter::program::Mask;

/// Gives every slot its final name.
pub(crate) fn settle(parts: &mut [Part]) {
    let mut slots: Vec<&mut Slot> = parts
        .iter_mut()
        .filter_map(|part| match part {
            Part::Slot(slot) if slot.emit.is_some() => Some(slot),
            _ => None,
        })
        .collect();
    name_directions(&mut slots);
    name_clients(&mut slots);
    name_rewritten(&mut slots);
    let mut names: Vec<String> = slots.iter().map(|slot| slot.name.clone()).collect();
    names.sort();
    names.dedup();
    names.iter().for_each(|name| settle_name(&mut slots, name));
}

/// `%s` beside `%>s`: the one that httpd prints without `<` or `>` keeps the name; of statuses the final one.
fn name_directions(slots: &mut [&mut Slot]) {
    let seen: Vec<(String, bool)> = slots.iter().map(|slot| (slot.source.clone(), slot.original)).collect();
    for slot in slots {
        let both = seen.contains(&(slot.source.clone(), !slot.original));
        let usually_original = matches!(slot.source.as_str(), "%U" | "%D" | "%r");
        if both && slot.original != usually_original {
            slot.name.push_str(if slot.original { "_first" } else { "_final" });
            if slot.role != Role::Ident {
                slot.role = Role::Plain;
            }
        }
    }
}

/// `%a` is the client's address, and the client itself unless `%h` is there too.
fn name_clients(slots: &mut [&mut Slot]) {
    if !slots.iter().any(|slot| slot.name == "client") {
        slots.iter_mut().filter(|slot| slot.name == "client_ip").for_each(|slot| slot.name = "client".into());
    }
}

/// `%U` and `%q` are what rewriting made of the request; beside `%r`, which is the request as it was sent, both count.
fn name_rewritten(slots: &mut [&mut Slot]) {
    let with_request = slots.iter().any(|slot| slot.role == Role::Request);
    let with_path_and_query = slots.iter().any(|slot| slot.role == Role::Path { with_query: true });
    for slot in slots {
        match slot.role {
            Role::Query if with_path_and_query => {
                slot.name = UNUSED.into();
                slot.emit = None;
            }
            Role::Path { .. } | Role::Query if with_request => slot.name = format!("uri_{}", slot.name),
            _ => {}
        }
    }
}

/// Of the slots that have this name, one of each source is written: the first source under the name itself, others with
/// a number.
fn settle_name(slots: &mut [&mut Slot], name: &str) {
    let rivals: Vec<usize> =
        (0..slots.len()).filter(|&at| slots[at].emit.is_some() && slots[at].name == name).collect();
    let mut sources: Vec<String> = Vec::new();
    for &at in &rivals {
        if !sources.contains(&slots[at].source) {
            sources.push(slots[at].source.clone());
        }
    }
    for (number, source) in sources.iter().enumerate() {
        let of_source = rivals.iter().copied().filter(|&at| slots[at].source == *source);
        let best = of_source.clone().min_by_key(|&at| slots[at].rank);
        for at in of_source.collect::<Vec<_>>() {
            if Some(at) != best {
                // Users are hidden wherever they stand.
                let is_user = matches!(slots[at].base.as_str(), "user" | "ident") || family_mask(name) == Mask::User;
                slots[at].name = if is_user { format!("{HIDDEN}{at}") } else { UNUSED.into() };
                slots[at].emit = None;
            } else if number > 0 {
                slots[at].name = format!("{name}_{}", number + 1);
                slots[at].role = Role::Plain;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::access::compile_alone;

    /// Field names in the order of capture, and the printed ones.
    fn names(format: &str) -> String {
        use firelens_filter::program::Op::*;
        let (patterns, names) = compile_alone(format).unwrap();
        let captured = patterns[0].ops.iter().filter_map(|op| match op {
            Token { field, .. } | Text { field, .. } | Quoted { field, .. } | Number { field, .. } => Some(*field),
            _ => None,
        });
        captured.map(|id| names[id as usize].as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn clients() {
        assert_eq!(names("%a %{c}a"), "client peer");
        assert_eq!(names("%h %a %{c}h"), "client client_ip peer_host");
    }

    #[test]
    fn statuses() {
        assert_eq!(names("%s"), "status");
        assert_eq!(names("%>s"), "status");
        assert_eq!(names("%<s"), "status");
        assert_eq!(names("%s %>s"), "status_first status");
        assert_eq!(names("%>s %<s %>s"), "status status_first _");
    }

    #[test]
    fn sizes_and_durations() {
        assert_eq!(names("%b %B %O"), "_ bytes bytes_out");
        assert_eq!(names("%B"), "bytes");
        assert_eq!(names("%T %{ms}T %D"), "_ _ duration_us");
        assert_eq!(names("%{us}T %D %T"), "duration_us _ _");
        assert_eq!(names("%T %{ms}T"), "_ duration_us");
    }

    #[test]
    fn what_was_sent_and_what_rewriting_made_of_it() {
        assert_eq!(names(r#""%r" %U %q"#), "request uri_path uri_query");
        assert_eq!(names("%U%q %q"), "path _");
        assert_eq!(names("%U %U%q"), "_ path");
        assert_eq!(names("%U %>U"), "path path_final");
        assert_eq!(names("%u %<u"), "user user_first");
    }

    #[test]
    fn headers() {
        assert_eq!(names("%{X-A}i %{x-a}i %{X_A}i"), "x_a _ x_a_2");
        assert_eq!(names("%200{X-A}i %{X-A}i"), "_ x_a");
        assert_eq!(names(r#""%r" "%r""#), "request _");
    }
}
