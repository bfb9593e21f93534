# Sourced by the tests of WordPress, after the steps that all clients share.
# shellcheck shell=bash
# shellcheck disable=SC2154 # ../steps.sh sets what is not set here.

PATH=$PATH:/usr/sbin
need php mariadbd mariadb-install-db my_print_defaults python3
program=$home/unpacked/usr/share/wordpress

# wordpress_files PACKAGE...: WordPress, a theme, and what WordPress's links lead to; only unpacked, for installed it would bring a web
# server.
wordpress_files() {
    debian_files wordpress wordpress-theme-twentytwentythree php-getid3 libjs-cropper libjs-underscore "$@" &&
        cp "$HERE/wordpress/wp-config.php" "$program/wp-config.php"
}

# people SCRIPT: does in this WordPress what people do; what was checked is in $tap, kept under the script's name.
people() {
    checks env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$HERE" python3 "$HERE/wordpress/$1.py" "$program"
    mv "$tap" "$logs/$CLIENT.$1.tap"
    reports+=("$logs/$CLIENT.$1.tap")
}
reports=()

# count_wordpress: the end of the test.
count_wordpress() {
    count "WordPress $(version "^.wp_version = '(.*)';" wp-includes/version.php), plugin Akismet" \
        "$(version '^Version: (.*)' wp-content/plugins/akismet/akismet.php)" "$1" "${reports[@]}"
}
version() { sed -nE "s/$1/\\1/p" "$program/$2" | head -n 1; }
