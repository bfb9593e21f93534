#!/usr/bin/env bash
# NodeBB's plugin nodebb-plugin-spam-be-gone, unmodified, its hooks called as NodeBB calls them; the little of NodeBB that it asks is ours.
# needs: node=nodejs npm=npm python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

VERSION=2.3.2
npm_client nodebb-plugin-spam-be-gone "$VERSION"
cp "$HERE/checks.mjs" "$HERE/nodebb_spam_be_gone_calls.cjs" "$home"
checks node "$home/nodebb_spam_be_gone_calls.cjs"
count nodebb-plugin-spam-be-gone "$VERSION" npm "$tap"
