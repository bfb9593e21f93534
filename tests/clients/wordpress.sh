#!/usr/bin/env bash
# WordPress with the plugin Akismet, both as Debian has them and unmodified: comments posted, moderated and looked after through HTTP, as
# people do it; then the same with our own plugin beside them. Its MariaDB is its own too.
# needs: php-cli php-mysql php-curl mariadb-server-core mariadb-client-core python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"
# shellcheck source-path=SCRIPTDIR source=wordpress/steps.sh
source "$HERE/wordpress/steps.sh"

# shellcheck disable=SC2119,SC2329 # Called by install_once.
install() { wordpress_files; }
install_once "$(cat "$HERE/wordpress/wp-config.php" "$HERE/wordpress/steps.sh" | sha256sum) unpacked"
registry="Debian"
people flow plugin
