//! The plan's actions, in the order of dependencies, side by side where nothing depends on anything.
