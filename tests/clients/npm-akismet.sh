#!/usr/bin/env bash
# The npm client `akismet`, unmodified, over TLS and in the clear.
# needs: node=nodejs npm=npm python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

VERSION=2.0.7
npm_client akismet "$VERSION"
cp "$HERE/checks.mjs" "$HERE/npm_akismet_calls.mjs" "$home"
checks env NODE_NO_WARNINGS=1 node "$home/npm_akismet_calls.mjs"
count akismet "$VERSION" npm "$tap"
