//! Speed and size of posters on paper.
fn main() {}
