#!/usr/bin/env bash
# The crate `instant-akismet`, unmodified, with the tests it brings, which its authors run against the real service, and ours. Neither it
# nor what it needs is any part of phin.
# needs: build-essential python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

VERSION=0.4.0
# Of the upstream tests; fewer would mean that they are no longer found.
UPSTREAM_TESTS=5
project=$HERE/instant-akismet

need cargo
# shellcheck disable=SC2329 # Called by install_once.
install() {
    cd "$project" || return 1
    export CARGO_TARGET_DIR=$home/target
    nice cargo build --quiet --locked &&
        # The name of the program that holds the crate's own tests.
        nice cargo test --quiet --locked -p instant-akismet --lib --no-run --message-format=json |
        python3 -c 'import json, sys
for line in sys.stdin:
    said = json.loads(line)
    if said.get("executable") and said["profile"]["test"]:
        print(said["executable"])' >"$home/upstream" && [[ -s $home/upstream ]]
}
install_once "$(cargo --version), $(cat "$project"/Cargo.* "$project"/src/*.rs | sha256sum)"

# cargo's tests in TAP: `test NAME ... ok`.
checks bash -c "set -o pipefail; AKISMET_KEY='$KEY' '$(<"$home/upstream")' --test-threads 1 | awk '
    /^test .* \.\.\. / { n++; print (\$4 == \"ok\" ? \"ok \" : \"not ok \") n \" - upstream \" \$2 } END { print \"1..\" n + 0 }'"
upstream=$logs/$CLIENT.upstream.tap
mv "$tap" "$upstream"
checks "$home/target/debug/instant-akismet-calls"
count instant-akismet "$VERSION" crates.io "$upstream" "$tap" "upstream =$UPSTREAM_TESTS"
