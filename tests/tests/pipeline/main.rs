//! The whole rendered pipeline in the real Fluent Bit, between Docker's log driver and the cloud.
//!
//! `$FLUENT_BIT` names the program to test with, `$FLUENT_BITS` several; moto's server is the cloud. `make test-fluent-bit` runs them one after the other.
//!
//! Needs: fluent_bit, moto, registry, tools.
mod authority;
mod cloud;
mod deployed;
mod endings;
mod endpoint;
mod flood;
mod lines;
mod outages;
mod router;
mod routing;
mod stage;
