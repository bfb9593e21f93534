#!/usr/bin/env bash
# WordPress with the plugin Akismet, both as Debian has them and unmodified: comments posted, moderated and looked after through HTTP, as
# people do it. Its MariaDB is its own too.
# needs: php-cli php-mysql php-curl mariadb-server-core mariadb-client-core python3 curl openssl ca-certificates iproute2 util-linux
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "$0")/steps.sh"

PATH=$PATH:/usr/sbin
need php mariadbd mariadb-install-db my_print_defaults python3

# Only unpacked: installed, it would bring a web server. The other packages hold files that WordPress's links lead to.
# shellcheck disable=SC2329 # Called by install_once.
install() {
    debian_files wordpress wordpress-theme-twentytwentythree php-getid3 libjs-cropper libjs-underscore &&
        cp "$HERE/wordpress/wp-config.php" "$home/unpacked/usr/share/wordpress/wp-config.php"
}
install_once "$(sha256sum <"$HERE/wordpress/wp-config.php") unpacked"

program=$home/unpacked/usr/share/wordpress
version() { sed -nE "s/$1/\\1/p" "$program/$2" | head -n 1; }
wordpress=$(version "^.wp_version = '(.*)';" wp-includes/version.php)
akismet=$(version '^Version: (.*)' wp-content/plugins/akismet/akismet.php)


checks env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$HERE" python3 "$HERE/wordpress/flow.py" "$program"
count "WordPress $wordpress, plugin Akismet" "$akismet" Debian "$tap"
