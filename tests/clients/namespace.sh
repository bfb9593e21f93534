# Sourced by the clients' tests. `with_phin COMMAND...` runs a command in a network of its own, in which rest.akismet.com is a phin
# built from this tree: over TLS on port 443, whose certificate the command trusts, and in the clear on port 80. What passes is written
# down in $WIRE. With FRONT=none both ports are left to the command; phin itself listens on 127.0.0.1:8080, always.
# Nothing outside changes: hosts file, certificates, ports and processes are private and end with the command.
# shellcheck shell=bash

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
# What is downloaded stays here, so that the next run needs no network.
CLIENTS=$TARGET/clients
# The test that is running, and what its client said on the wire.
CLIENT=${CLIENT:-$(basename "$0" .sh)}
WIRE=$TARGET/test-logs/clients/$CLIENT.wire
# The key that phin begins with: twelve characters, for WordPress sends no other.
KEY=123456789abc
export HERE ROOT CLIENTS CLIENT WIRE KEY

# Ends a test that cannot run here; tests/run prints the reason, and makes it a failure where everything can be installed.
skip() {
    echo "skipped: $*"
    exit 77
}

# Skips unless the commands are there.
need() {
    local command
    for command in "$@"; do
        command -v "$command" >/dev/null || skip "there is no $command"
    done
}

with_phin() {
    need unshare ip openssl curl python3
    local phin=${TESTED_PHIN:-$TARGET/debug/phin}
    [[ -x $phin ]] || skip "there is no $phin; run cargo build"
    local apart=(unshare --mount --net --pid --fork --kill-child --mount-proc)
    if [[ $(id -u) -eq 0 ]]; then
        "${apart[@]}" true 2>/dev/null || skip "this machine allows no namespaces"
    elif "${apart[@]}" --map-root-user true 2>/dev/null; then
        apart+=(--map-root-user)
    elif sudo -n "${apart[@]}" true 2>/dev/null; then
        apart=(sudo -n "${apart[@]}")
    else
        skip "this user may make no namespaces"
    fi
    # Made here, so that it belongs to the caller and not to whoever writes into it.
    mkdir -p "$(dirname "$WIRE")"
    touch "$WIRE"
    # sudo drops the environment, so that what is needed is said again; PATH finds the command where the caller would.
    "${apart[@]}" env PATH="$PATH" TESTED_PHIN="$phin" CARGO_TARGET_DIR="$TARGET" CLIENT="$CLIENT" FRONT="${FRONT:-ours}" \
        bash -c "set -euo pipefail; source '$HERE/namespace.sh'; _inside \"\$@\"" bash "$@"
}

# Calls curl until the server answers.
_await() {
    local url=$1 log=$2 tries=0
    until curl --silent --fail --max-time 2 --output /dev/null "$url"; do
        ((++tries < 300)) || {
            echo "no answer from $url" >&2
            cat "$log" >&2
            return 1
        }
        sleep 0.1
    done
}

# The other half of with_phin: already alone, makes the certificates and names, starts phin and what stands before it, runs the command.
_inside() {
    local dir host=rest.akismet.com
    dir=$(mktemp -d)
    # Shadowed in this shell only, which runs nothing else; the namespace takes the processes with it.
    # shellcheck disable=SC2064
    trap "rm -rf '$dir'" EXIT
    ip link set lo up

    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=phin test authority" \
        -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>"$dir/openssl.log"
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$host" -keyout "$dir/host.key" -out "$dir/host.csr" 2>>"$dir/openssl.log"
    # The line about the authority is for verifiers that insist on RFC 5280, as Python 3.13 does.
    openssl x509 -req -in "$dir/host.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 2 \
        -extfile <(printf '%s\n' "subjectAltName=DNS:$host,DNS:*.$host" "authorityKeyIdentifier=keyid") \
        -out "$dir/host.pem" 2>>"$dir/openssl.log"

    # Old clients send the key as a name below the host; INVALID keys of theirs must find us too.
    printf '127.0.0.1 localhost\n127.0.0.1 %s\n' "$host" "$KEY.$host" "invalid.$host" >"$dir/hosts"
    mount --bind "$dir/hosts" /etc/hosts
    local system=/etc/ssl/certs/ca-certificates.crt
    if [[ -f $system ]]; then
        cat "$system" "$dir/ca.pem" >"$dir/bundle.pem"
        mount --bind "$dir/bundle.pem" "$system"
    else
        cp "$dir/ca.pem" "$dir/bundle.pem"
    fi

    # How phin is started, now and by a test that has ended it. Nothing of the caller's settings may reach it.
    cat >"$dir/serve" <<SERVE
#!/bin/sh
echo \$\$ >'$dir/phin.pid'
exec env -i PATH='$PATH' PHIN_BOOTSTRAP_KEY='$KEY' '$TESTED_PHIN' serve --listen 127.0.0.1:8080 --data-dir '$dir/data' >>'$dir/phin.log' 2>&1
SERVE
    chmod +x "$dir/serve"
    "$dir/serve" &
    export PHIN_SERVE=$dir/serve PHIN_PID_FILE=$dir/phin.pid PHIN_DATA=$dir/data PHIN_HOSTS=$dir/hosts
    export PHIN_CERTIFICATE=$dir/host.pem PHIN_CERTIFICATE_KEY=$dir/host.key
    export SSL_CERT_FILE=$dir/bundle.pem REQUESTS_CA_BUNDLE=$dir/bundle.pem NODE_EXTRA_CA_CERTS=$dir/ca.pem
    unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
    _await "http://127.0.0.1:8080/healthz" "$dir/phin.log"
    if [[ $FRONT == ours ]]; then
        python3 "$HERE/front.py" "$dir/host.pem" "$dir/host.key" 443 80 8080 "$WIRE" >"$dir/front.log" 2>&1 &
        _await "https://$host/healthz" "$dir/front.log"
    fi

    local code=0
    "$@" || code=$?
    ((code == 0)) || cat "$dir/phin.log" >&2
    return "$code"
}
