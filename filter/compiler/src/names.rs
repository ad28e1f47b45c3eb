//! The program's field names, numbered.
use firelens_filter::program::{FieldId, MAX_NAMES};

/// Gives every plain field name its number.
#[derive(Debug, Default)]
pub(crate) struct Names {
    list: Vec<String>,
    overflow: bool,
}

impl Names {
    /// The number of `name`, a new one if it has none. Names beyond [`MAX_NAMES`] all get 0; see
    /// [`Names::take_overflow`].
    pub(crate) fn id(&mut self, name: &str) -> FieldId {
        if let Some(at) = self.list.iter().position(|known| known == name) {
            return at as FieldId;
        }
        if self.list.len() == MAX_NAMES {
            self.overflow = true;
            return 0;
        }
        self.list.push(name.to_string());
        (self.list.len() - 1) as FieldId
    }

    /// Whether there were too many names since this was last asked.
    pub(crate) fn take_overflow(&mut self) -> bool {
        std::mem::take(&mut self.overflow)
    }

    pub(crate) fn get(&self, id: FieldId) -> &str {
        &self.list[id as usize]
    }

    pub(crate) fn into_list(self) -> Vec<String> {
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number_and_the_limit_holds() {
        let mut names = Names::default();
        assert_eq!((names.id("a"), names.id("b"), names.id("a")), (0, 1, 0));
        (2..MAX_NAMES).for_each(|n| assert_eq!(names.id(&format!("n{n}")), n as u8));
        assert!(!names.take_overflow());
        assert_eq!(names.id("one too many"), 0);
        assert!(names.take_overflow() && !names.take_overflow());
        assert_eq!(names.get(1), "b");
        assert_eq!(names.into_list().len(), MAX_NAMES);
    }
}
