#!/usr/bin/env bash
# The npm client `@cedx/akismet`, unmodified.
# needs: node=nodejs npm=npm python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

VERSION=16.2.1
npm_client @cedx/akismet "$VERSION"
cp "$HERE/checks.mjs" "$HERE/npm_cedx_akismet_calls.mjs" "$home"
checks node "$home/npm_cedx_akismet_calls.mjs"
count @cedx/akismet "$VERSION" npm "$tap"
