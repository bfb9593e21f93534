#!/usr/bin/env bash
# Debian's `golang-github-adtac-go-akismet-dev`, the Go client that Commento has, unmodified.
# needs: golang-go golang-github-adtac-go-akismet-dev python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

PACKAGE=golang-github-adtac-go-akismet-dev
need go dpkg-query
VERSION=$(dpkg-query -W -f '${Version}' "$PACKAGE" 2>/dev/null) || skip "there is no $PACKAGE"

# shellcheck disable=SC2329 # Called by install_once.
install() {
    GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$home/cache GOFLAGS='' go build -o "$home/calls" "$HERE/go-akismet/main.go"
}
install_once "$VERSION, $(go version), $(sha256sum <"$HERE/go-akismet/main.go")"
checks "$home/calls"
count "go-akismet (adtac)" "${VERSION%-*}" Debian "$tap"
