#!/usr/bin/env bash
# nginx and Caddy before phin, as Debian has them, with the very settings and the certificate that docs/AKISMET.md tells to make.
# needs: libpcre2-8-0 python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

need python3 openssl curl
# Only unpacked: installed, they would start.
# shellcheck disable=SC2329 # Called by install_once.
install() { debian_files nginx caddy; }
install_once "nginx and caddy, unpacked"

export FRONT=none
checks env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$HERE" python3 "$HERE/fronts_calls.py" "$home/unpacked/usr/sbin/nginx" "$home/unpacked/usr/bin/caddy"
nginx=$("$home/unpacked/usr/sbin/nginx" -v 2>&1 | sed 's/.*nginx.//; s/ .*//')
caddy=$("$home/unpacked/usr/bin/caddy" version | sed 's/ .*//')
count "curl behind nginx, behind Caddy" "$nginx, $caddy" Debian "$tap"
