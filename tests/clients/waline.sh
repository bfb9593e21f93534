#!/usr/bin/env bash
# Waline, a comment server, unmodified and with its own way of asking: comments posted to its API, as its widget posts them.
# needs: node=nodejs npm=npm python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

VERSION=1.39.3
npm_client @waline/vercel "$VERSION"
cp "$HERE/checks.mjs" "$HERE/waline_calls.mjs" "$home"
checks node "$home/waline_calls.mjs"
count Waline "$VERSION" npm "$tap"
