#!/usr/bin/env bash
# The Python client `akismet-async`, unmodified.
# needs: python3 python3-venv curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

VERSION=0.0.1
pip_client akismet-async "$VERSION"
checks "$home/venv/bin/python" "$HERE/akismet_async_calls.py"
count akismet-async "$VERSION" PyPI "$tap"
