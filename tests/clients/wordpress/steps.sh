# Sourced by the tests of WordPress, after the steps that all clients share.
# shellcheck shell=bash
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # ../steps.sh sets and reads the rest; each script has its own.

PATH=$PATH:/usr/sbin
need php mariadbd mariadb-install-db my_print_defaults python3
program=$home/unpacked/usr/share/wordpress

# wordpress_files PACKAGE...: WordPress, a theme, and what WordPress's links lead to; only unpacked, for installed it would bring a web
# server.
wordpress_files() {
    debian_files wordpress wordpress-theme-twentytwentythree php-getid3 libjs-cropper libjs-underscore "$@" &&
        cp "$HERE/wordpress/wp-config.php" "$program/wp-config.php"
}

# people SCRIPT...: does in this WordPress what people do, each script in a network and with a database of its own, all at once, for they
# mostly wait. The end of the test: counts the checks of all.
people() {
    local script running=() reports=() name failed=0
    for script in "$@"; do
        (
            CLIENT=$CLIENT.$script
            WIRE=$logs/$CLIENT.wire
            tap=$logs/$CLIENT.tap
            : >"$WIRE"
            checks env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$HERE" python3 "$HERE/wordpress/$script.py" "$program"
            exit "$code"
        ) >"$logs/$CLIENT.$script.log" 2>&1 &
        running+=("$!")
    done
    for script in "$@"; do
        name=$logs/$CLIENT.$script
        wait "${running[0]}" || failed=$?
        running=("${running[@]:1}")
        cat "$name.log"
        # What cannot run here has said so itself.
        ((failed != 77)) || exit 77
        cat "$name.wire" >>"$WIRE"
        reports+=("$name.tap")
        ((failed == 0)) || code=$failed
    done
    count "WordPress $(version "^.wp_version = '(.*)';" wp-includes/version.php), plugin Akismet" \
        "$(version '^Version: (.*)' wp-content/plugins/akismet/akismet.php)" "$registry" "${reports[@]}"
}
version() { sed -nE "s/$1/\\1/p" "$program/$2" | head -n 1; }
