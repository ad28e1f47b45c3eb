//! Logical ids: names within the template, of letters and digits only.
use crate::{Id, Stack, export::symbol};
use std::collections::{BTreeMap, BTreeSet};

/// The logical id of each resource. It follows from the resource's name, so that another name is another resource.
#[derive(Debug)]
pub(crate) struct Ids(BTreeMap<Id, String>);

impl Ids {
    /// `stack`'s name does not stand in them.
    pub(crate) fn of(all: &[Id], stack: &str) -> Ids {
        let mut taken = BTreeSet::new();
        let mut ids = BTreeMap::new();
        for id in all {
            let wanted = logical(id, stack);
            let numbered = (2..).map(|number| format!("{wanted}{number}"));
            let free = [wanted.clone()].into_iter().chain(numbered).find(|name| taken.insert(name.clone()));
            ids.insert(id.clone(), free.unwrap_or(wanted));
        }
        Ids(ids)
    }

    pub(crate) fn get(&self, id: &Id) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}

fn logical(id: &Id, stack: &str) -> String {
    let row = id.kind.row();
    let kind = pascal(row.words);
    if row.single {
        return kind;
    }
    let own = Stack::named(stack).own_log_groups();
    let name = id.name.strip_prefix(&own).or_else(|| id.name.strip_prefix(&format!("{stack}-"))).unwrap_or(&id.name);
    format!("{}{kind}", pascal(name))
}

/// `/ecs/shop_httpd` -> `EcsShopHttpd`
pub(crate) fn pascal(name: &str) -> String {
    let text = symbol::parts(name).into_iter().filter_map(|part| match part {
        symbol::Part::Text(text) => Some(text),
        _ => None,
    });
    let words = text.flat_map(|text| text.split(|character: char| !character.is_ascii_alphanumeric()));
    words.filter(|word| !word.is_empty()).map(capital).collect()
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Place};

    #[test]
    fn names_become_ids() {
        let id = |kind, name: &str| logical(&Id::new(kind, name), "shop");
        assert_eq!(id(Kind::LogGroup, "/ecs/shop_httpd"), "EcsShopHttpdLogGroup");
        assert_eq!(id(Kind::LogGroup, "/firelens-kit/shop/router"), "RouterLogGroup");
        assert_eq!(id(Kind::Role, "shop-execution"), "ExecutionRole");
        let place: Place = symbol::place(None, None);
        assert_eq!(id(Kind::Bucket, &place.bucket("shop", "old_archive")), "OldArchiveBucket");
    }
}
