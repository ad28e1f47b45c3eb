//! The stack on AWS: what it is made of, the rights that it needs, and how it is planned, applied, watched and removed.
