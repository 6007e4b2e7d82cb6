//! The pages and the JSON interface over real HTTP: what people see, what hostile input gets, and what happens when the database is away.
#[path = "web/alone.rs"]
mod alone;
#[path = "web/api.rs"]
mod api;
#[path = "web/bodies.rs"]
mod bodies;
#[path = "web/check_in.rs"]
mod check_in;
#[path = "web/clock.rs"]
mod clock;
#[path = "web/down.rs"]
mod down;
#[path = "web/full_disk.rs"]
mod full_disk;
#[path = "web/html.rs"]
pub mod html;
#[path = "web/origin.rs"]
mod origin;
#[path = "web/pages.rs"]
mod pages;
#[path = "web/proxies.rs"]
mod proxies;
#[path = "web/raw.rs"]
mod raw;
#[path = "web/rendering.rs"]
mod rendering;
