//! The `ashiato` program; all it does is in [`ashiato::cli`].
fn main() {}
