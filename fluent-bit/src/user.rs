//! Who the router's process runs as.
use std::{fmt, str::FromStr};

/// A user of a FireLens container, as ECS takes it: `UID` or `UID:GID`, in numbers.
///
/// The ECS agent takes a user other than 0 since 1.96.0, and gives it the folder with FireLens's socket and configuration
/// (amazon-ecs-agent, pull requests 4596, 4598 and 4697). It wants a number for the user. A group may have a name there,
/// but the owner of a folder in an image is a number, so that it is one here, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// Not 0: that is root, which is the default.
    pub uid: u32,
    pub gid: Option<u32>,
}

/// Docker's largest number of a user or group (moby/sys, `user.maxID`).
pub const MAX: u32 = i32::MAX as u32;

/// What is no user that the router can run as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoUser {
    /// Neither `UID` nor `UID:GID`.
    Form,
    Root,
}

impl fmt::Display for NoUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoUser::Form => "a user is a number, or a user and a group: \"1000\" or \"1000:1000\"",
            NoUser::Root => "0 is root",
        })
    }
}

impl std::error::Error for NoUser {}

impl FromStr for User {
    type Err = NoUser;

    fn from_str(text: &str) -> Result<User, NoUser> {
        let (uid, gid) = match text.split_once(':') {
            Some((uid, gid)) => (uid, Some(number(gid).ok_or(NoUser::Form)?)),
            None => (text, None),
        };
        match number(uid).ok_or(NoUser::Form)? {
            0 => Err(NoUser::Root),
            uid => Ok(User { uid, gid }),
        }
    }
}

fn number(text: &str) -> Option<u32> {
    // `parse` takes a sign.
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number <= MAX)
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.uid)?;
        self.gid.map_or(Ok(()), |gid| write!(f, ":{gid}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_numbers_and_not_root() {
        for right in ["1", "1000", "1000:1000", "1000:0", "2147483647"] {
            assert_eq!(right.parse::<User>().unwrap().to_string(), right);
        }
        for wrong in ["", ":", "1000:", ":1000", "fluent", "1000:fluent", "+1", "-1", " 1", "1:2:3", "2147483648"] {
            assert_eq!(wrong.parse::<User>(), Err(NoUser::Form), "{wrong}");
        }
        assert_eq!(["0", "00", "0:1000"].map(str::parse::<User>), [const { Err(NoUser::Root) }; 3]);
    }
}
