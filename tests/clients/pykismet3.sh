#!/usr/bin/env bash
# The Python client `pykismet3`, unmodified. It speaks in the clear.
# needs: python3 python3-venv curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

VERSION=0.1.1
pip_client pykismet3 "$VERSION"
checks "$home/venv/bin/python" -W ignore "$HERE/pykismet3_calls.py"
count pykismet3 "$VERSION" PyPI "$tap"
