#!/usr/bin/env bash
# Mezzanine, a CMS with a client of its own, unmodified: comments and a form posted to a site of its own, as a browser posts them.
# needs: python3 python3-venv curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

VERSION=6.1.1
pip_client mezzanine "$VERSION"
checks env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$HERE" "$home/venv/bin/python" -W ignore "$HERE/mezzanine_calls.py"
count Mezzanine "$VERSION" PyPI "$tap"
