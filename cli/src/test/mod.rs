//! The filter, run offline over lines and records.
