#!/usr/bin/env bash
# The Python client `akismet`, unmodified, with the end-to-end tests its authors run against the real service, and one of ours for
# what those leave out.
# needs: python3 python3-venv curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

VERSION=25.10.1
# Of the upstream tests; fewer would mean that they are no longer found.
UPSTREAM_TESTS=26

need python3 tar
source=$home/akismet-$VERSION

# shellcheck disable=SC2329 # Called by install_once.
install() {
    local pip=("$home/venv/bin/python" -m pip --quiet --disable-pip-version-check)
    python3 -m venv "$home/venv" &&
        # The tests are only in the source archive; what is tested is the client installed from that same archive.
        "${pip[@]}" download --no-deps --no-binary akismet --dest "$home" "akismet==$VERSION" &&
        tar -xzf "$source.tar.gz" -C "$home" &&
        "${pip[@]}" install -r "$HERE/pypi-akismet.requirements" "$source.tar.gz"
}
install_once "$VERSION, $(python3 --version), $(sha256sum <"$HERE/pypi-akismet.requirements")"

# Its own settings of pytest; no caches, which a run as root would leave behind for its user. The client gives up after one second by
# itself, and is left to.
with_phin env PYTHONDONTWRITEBYTECODE=1 PYTHON_AKISMET_API_KEY="$KEY" PYTHON_AKISMET_BLOG_URL=http://blog.test \
    "$home/venv/bin/python" -m pytest -p no:cacheprovider --rootdir "$source" -c "$source/pyproject.toml" \
    --junit-xml "$logs/$CLIENT.xml" "$source/tests/end_to_end" "$HERE/pypi_akismet_usage.py" || code=$?
((code <= 1)) || exit "$code"
count akismet "$VERSION" PyPI "$logs/$CLIENT.xml" "tests.end_to_end=$UPSTREAM_TESTS"
