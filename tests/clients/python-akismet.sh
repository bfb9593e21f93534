#!/usr/bin/env bash
# The Python client `python-akismet`, unmodified.
# needs: python3 python3-venv curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

VERSION=0.4.3
pip_client python-akismet "$VERSION"
checks "$home/venv/bin/python" "$HERE/python_akismet_calls.py"
count python-akismet "$VERSION" PyPI "$tap"
