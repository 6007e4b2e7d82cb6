# Recipes are plain lines of shell: without `just` (https://just.systems) copy the line.

# The whole story, then a service on http://127.0.0.1:8080
demo:
    cargo run --release --locked -- demo

# All tests; they start their own Postgres
test:
    cargo test --locked

# What a landing must pass before its tests
lint:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# What is made from the sources: .sqlx/ and the table of settings
prepare:
    .ci/sqlx-prepare
    REFRESH_DOCS=1 cargo test --locked --test it readme

# Lay the code out
fmt:
    cargo fmt

# Check-ins beside pgbench, posters, lists; on a quiet machine
bench:
    cargo bench --locked --bench check_in
    cargo bench --locked --bench poster
    cargo bench --locked --bench venues
