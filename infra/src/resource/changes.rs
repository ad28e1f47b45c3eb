//! What an update has to change.
use super::{Id, Known, Progress, Resource};
use crate::{Aws, Error, Result, aws::wait};

/// The attributes that differ. Each is taken by the code that changes it; one that nobody takes is an error, so that an attribute
/// that is new in [`Resource::wanted`] cannot be ignored.
#[derive(Debug)]
pub struct Changes<'a> {
    left: Vec<&'a str>,
}

impl<'a> Changes<'a> {
    /// Top-level names of [`Resource::wanted`].
    pub(crate) fn of(names: &[&'a str]) -> Changes<'a> {
        Changes { left: names.to_vec() }
    }

    /// Whether this attribute differs. The caller changes it then.
    pub fn take(&mut self, name: &str) -> bool {
        self.take_any(&[name])
    }

    /// Whether one of these differs. The caller changes all of them then.
    pub fn take_any(&mut self, names: &[&str]) -> bool {
        let before = self.left.len();
        self.left.retain(|name| !names.contains(name));
        self.left.len() < before
    }

    /// The caller sets every attribute that there is.
    pub fn take_all(&mut self) {
        self.left.clear();
    }

    fn finish(self, id: &Id) -> Result<()> {
        match self.left.as_slice() {
            [] => Ok(()),
            left => {
                let left: Vec<String> = left.iter().map(|name| format!("`{name}`")).collect();
                Err(Error::new(format!("the {id} cannot be changed in {}", left.join(", "))).help(
                    "AWS sets it when the resource is created, or firelens-kit has no call for it: delete the resource \
                     first, or report this",
                ))
            }
        }
    }
}

/// Changes these attributes. What was made a moment ago may not be known everywhere yet.
///
/// # Errors
/// What AWS rejects, and an attribute that the resource does not know how to change.
pub async fn update(
    resource: &dyn Resource,
    aws: &Aws,
    known: &Known,
    names: &[&str],
    progress: Progress<'_>,
) -> Result<()> {
    wait::known(aws, || async {
        let mut changes = Changes::of(names);
        resource.update(aws, known, &mut changes, progress).await?;
        changes.finish(&resource.id())
    })
    .await
}
