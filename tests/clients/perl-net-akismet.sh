#!/usr/bin/env bash
# Debian's `libnet-akismet-perl`, which is Net::Akismet of CPAN, unmodified. It speaks in the clear.
# needs: perl libnet-akismet-perl python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

need perl
perl -MNet::Akismet -e 1 2>/dev/null || skip "there is no libnet-akismet-perl"
VERSION=$(perl -MNet::Akismet -e 'print $Net::Akismet::VERSION')
checks perl "$HERE/perl_net_akismet_calls.pl"
count "libnet-akismet-perl (Net::Akismet)" "$VERSION" Debian "$tap"
