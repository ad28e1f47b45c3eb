//! The playground: its engine, its page in a real browser, and the server that `firelens-kit playground` is.
//!
//! Needs: browser.
mod cases;
mod page;
mod server;
