# Ashiato in one small image: no shell, no package manager, not root.
# docker compose builds it; alone: docker build -t ashiato .

FROM rust:1.95-bookworm AS build
WORKDIR /src
# Queries are checked against the committed .sqlx/, so that building needs no database.
ENV SQLX_OFFLINE=true
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked && cp target/release/ashiato /ashiato
# A fresh volume takes over owner and mode of the directory it is mounted on.
RUN mkdir -m 0700 -p /state/ashiato

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /ashiato /usr/local/bin/ashiato
COPY --from=build --chown=65532:65532 /state /var/lib
ENV LISTEN_ADDR=0.0.0.0:8080 DATA_DIR=/var/lib/ashiato
USER nonroot
WORKDIR /var/lib/ashiato
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["/usr/local/bin/ashiato", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/ashiato"]
CMD ["serve"]
