#!/usr/bin/env bash
# Debian's `ruby-akismet`, which is the gem `akismet`, unmodified.
# needs: ruby ruby-akismet python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

need ruby
ruby -e 'require "akismet"' 2>/dev/null || skip "there is no ruby-akismet"
VERSION=$(ruby -e 'require "akismet"; print Akismet::VERSION')
checks ruby "$HERE/ruby_akismet_calls.rb"
count "ruby-akismet (gem akismet)" "$VERSION" Debian "$tap"
