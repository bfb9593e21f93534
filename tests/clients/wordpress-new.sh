#!/usr/bin/env bash
# The newest WordPress and plugin Akismet that Debian has, from its unstable suite: the same as wordpress.sh, with what has changed since.
# needs: php-cli php-mysql php-curl mariadb-server-core mariadb-client-core python3 curl openssl ca-certificates iproute2 util-linux
# needs: debian-archive-keyring
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"
# shellcheck source-path=SCRIPTDIR source=wordpress/steps.sh
source "$HERE/wordpress/steps.sh"

# shellcheck disable=SC2119,SC2329 # Called by install_once.
install() { SUITE=sid wordpress_files libphp-phpmailer libjs-lodash libjs-jquery-ui; }
install_once "$(cat "$HERE/wordpress/wp-config.php" "$HERE/wordpress/steps.sh" | sha256sum) unpacked"
registry="Debian unstable"
people flow plugin
