//! Checks the privacy settings.
use super::{Error, Fault, Place};
use crate::{program, spec};

pub(crate) fn compile(privacy: &spec::Privacy, errors: &mut Vec<Error>) -> program::Privacy {
    for (bits, most, version) in [(privacy.v4_bits, 32, 4), (privacy.v6_bits, 128, 6)] {
        if let Some(bits) = bits.filter(|bits| *bits > most) {
            let fault = Fault::new(format!("an IPv{version} address has {most} bits, not {bits}"));
            errors.push(fault.help(format!("write a number from 0 to {most}")).in_place(Place::Privacy));
        }
    }
    if privacy.parameters.iter().any(String::is_empty) {
        let fault = Fault::new("a query parameter has an empty name").help("leave it out");
        errors.push(fault.in_place(Place::Privacy));
    }
    program::Privacy {
        v4_bits: privacy.v4_bits,
        v6_bits: privacy.v6_bits,
        remove_user: privacy.remove_user,
        parameters: parameters(&privacy.parameters),
        remove: privacy.remove.clone(),
        replace: privacy.replace.clone(),
        replacement: if privacy.replacement.is_empty() { "***".to_string() } else { privacy.replacement.clone() },
    }
}

/// Each name in the cases that its letters are written in: letters beyond ASCII are compared as they are.
fn parameters(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        for case in [name.to_lowercase(), name.to_uppercase(), name.clone()] {
            let case = case.to_ascii_lowercase();
            if !all.contains(&case) {
                all.push(case);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked_and_filled_in() {
        let mut errors = Vec::new();
        let spec = spec::Privacy { v4_bits: Some(24), parameters: vec!["Token".to_string()], ..Default::default() };
        let privacy = compile(&spec, &mut errors);
        assert_eq!((privacy.parameters, privacy.replacement.as_str()), (vec!["token".to_string()], "***"));
        assert!(errors.is_empty());
        compile(&spec::Privacy { v4_bits: Some(33), v6_bits: Some(129), ..spec }, &mut errors);
        assert_eq!(errors.len(), 2);
    }
}
