#!/bin/sh
# Makes ./secrets for docker-compose.yml. What is there already is kept.
# The directory keeps other users out; the files are readable, because the users inside the containers have other numbers.
set -eu
umask 022
mkdir -p secrets
chmod 0700 secrets
cd secrets

keep() { # keep NAME: writes standard input to NAME unless it is there
    if [ -e "$1" ]; then cat > /dev/null; else cat > "$1.new" && chmod 0444 "$1.new" && mv "$1.new" "$1" && echo "made secrets/$1"; fi
}

openssl rand -hex 24 | keep postgres_password
openssl rand -hex 24 | keep owner_password
openssl rand -hex 24 | keep web_password
openssl rand -base64 32 | keep secret_key
# Holds the key used until now while secret_key is being changed; empty otherwise.
: | keep secret_key_old
echo "postgres://ashiato:$(cat owner_password)@db/ashiato" | keep owner_database_url
echo "postgres://ashiato_front:$(cat web_password)@db/ashiato" | keep web_database_url
# The catcher of the profile `trial`. In production: smtp://user:password@relay.example.jp?tls=starttls
echo "smtp://mail:1025?tls=none" | keep smtp_url
