#!/usr/bin/env bash
# Clients that no registry has: their requests as tests/cases/clients/replays.json has them, sent byte by byte, and whether the answers are
# those that these clients need. Each has a row of its own in the table.
# needs: php-cli php-curl python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

need php python3
php -r 'exit(function_exists("curl_init") ? 0 : 1);' || skip "there is no php-curl"
checks env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$HERE" python3 "$HERE/replayed_calls.py" "$ROOT/tests/cases/clients/replays.json" "$logs/rows"
outcome=0
count replayed "" "" "$tap" || outcome=$?
# Counted together, shown apart.
mv "$logs/rows" "$logs/$CLIENT.tsv"
exit "$outcome"
