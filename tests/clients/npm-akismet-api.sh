#!/usr/bin/env bash
# The npm client `akismet-api`, unmodified, with the integration tests its package brings, and ours for what those leave out.
# needs: node=nodejs npm=npm python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

VERSION=6.0.0
# Of the upstream tests; fewer would mean that they are no longer found.
UPSTREAM_TESTS=5

npm_client akismet-api "$VERSION" mocha 10.8.2 chai 4.5.0
cp "$HERE/checks.mjs" "$HERE/npm_akismet_api_calls.mjs" "$home"
checks env AKISMET_KEY="$KEY" "$home/node_modules/.bin/mocha" --reporter tap "$home/node_modules/akismet-api/test/integration.spec.js"
upstream=$logs/$CLIENT.upstream.tap
mv "$tap" "$upstream"
checks node "$home/npm_akismet_api_calls.mjs"
count akismet-api "$VERSION" npm "$upstream" "$tap" "integration =$UPSTREAM_TESTS"
