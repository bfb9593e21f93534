# Sourced by the clients' tests: the steps they share, and namespace.sh. A test installs its client once, runs it, and counts.
# shellcheck shell=bash

# shellcheck source-path=SCRIPTDIR source=namespace.sh
source "$(dirname "${BASH_SOURCE[0]}")/namespace.sh"

# What the client is installed into, what its checks said, and the row it leaves.
home=$CLIENTS/$CLIENT
logs=$TARGET/test-logs/clients
mkdir -p "$logs"
rm -f "$WIRE" "$logs/$CLIENT.tsv"

# install_once STAMP: calls `install` with an empty $home, unless it was finished before with this very stamp. The function must end with
# a status, for `set -e` does not hold in it.
install_once() {
    [[ ! -e $home/installed || $(<"$home/installed") != "$1" ]] || return 0
    rm -rf "$home"
    mkdir -p "$home"
    install >"$home/install.log" 2>&1 </dev/null || skip "the client could not be installed: $(tail -n 1 "$home/install.log")"
    echo "$1" >"$home/installed"
}

# debian_files PACKAGE...: unpacks Debian packages under $home/unpacked. What is only unpacked starts no service and changes no machine.
# With SUITE they come from that suite of Debian, by a package list of its own under $home; the machine's own lists stay as they are.
debian_files() {
    command -v apt-get dpkg-deb >/dev/null || {
        echo "only Debian and its kin have these packages: $*"
        return 1
    }
    local apt=(apt-get -qq)
    if [[ -n ${SUITE:-} ]]; then
        _suite "$SUITE" || return 1
        apt+=("${suite[@]}")
    fi
    (
        cd "$home" || exit 1
        "${apt[@]}" download "$@" || { "${apt[@]}" update && "${apt[@]}" download "$@"; } || exit 1
        for package in *.deb; do
            dpkg-deb -x "$package" unpacked || exit 1
        done
    )
}

# _suite NAME: leaves in $suite the options that make apt know this suite of Debian and nothing else. The mirror is the machine's own.
_suite() {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror
    # Debian's own archive, and not its security archive.
    # shellcheck disable=SC2016 # apt's own variable.
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 2>/dev/null | head -n 1)
    [[ -n $mirror && -r $keyring ]] || {
        echo "this machine has no mirror of Debian in its package sources"
        return 1
    }
    mkdir -p "$home/apt/state/lists/partial" "$home/apt/cache/archives/partial"
    printf '%s\n' "Types: deb" "URIs: $mirror" "Suites: $1" "Components: main" "Signed-By: $keyring" >"$home/apt/debian.sources"
    suite=(
        -o "Dir::Etc::sourcelist=$home/apt/debian.sources" -o Dir::Etc::sourceparts=-
        -o "Dir::State=$home/apt/state" -o "Dir::Cache=$home/apt/cache"
        # Of all lists only that of the packages.
        -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
        -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false
    )
}

# checks COMMAND...: runs a command that speaks TAP, with a phin to speak to and comments to send; what it said is in $tap.
tap=$logs/$CLIENT.tap
code=0
checks() {
    # In a shell of its own, for with_phin ends the one it is in where it cannot run.
    (with_phin python3 "$HERE/examples.py" "$@") >"$tap" || code=$?
    cat "$tap"
    # Nothing was checked at all: with_phin says why.
    ((code != 77)) || skip "$(sed -n 's/^skipped: //p' "$tap")"
}

# count CLIENT VERSION REGISTRY REPORT... [CLASS_PREFIX=COUNT]: the end of every test; see counts.py.
count() {
    python3 "$HERE/counts.py" "$logs/$CLIENT.tsv" "$1" "$2" "$3" "$WIRE" "$code" "${@:4}"
}

# pip_client PACKAGE VERSION: a client of PyPI in a virtual environment of its own, with what $CLIENT.requirements pins.
pip_client() {
    local client="$1==$2" list=$HERE/$CLIENT.requirements
    need python3
    install() {
        python3 -m venv "$home/venv" &&
            "$home/venv/bin/python" -m pip --quiet --disable-pip-version-check install -r "$list" "$client"
    }
    install_once "$client, $(python3 --version), $(sha256sum <"$list")"
}

# npm_client PACKAGE VERSION...: a client of npm and what its tests need; what those bring along is pinned in $CLIENT.lock.json.
npm_client() {
    need node npm
    local lock=$HERE/$CLIENT.lock.json packages=()
    while (($# > 0)); do
        packages+=("\"$1\": \"$2\"")
        shift 2
    done
    install() {
        (IFS=, && echo "{\"private\": true, \"type\": \"module\", \"dependencies\": {${packages[*]}}}") >"$home/package.json" &&
            { [[ ! -e $lock ]] || cp "$lock" "$home/package-lock.json"; } &&
            cd "$home" && npm install --no-audit --no-fund --ignore-scripts --loglevel=error --omit-lockfile-registry-resolved
    }
    install_once "${packages[*]}, node $(node --version), $(cat "$lock" 2>/dev/null | sha256sum)"
}
