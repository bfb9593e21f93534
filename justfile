# What people do here, one target each; `just` lists them. Each is an ordinary command: read it here if you do not have `just`.
# Corpora are looked for in the folder that PHIN_CORPORA names; see training-data/README.md.

set positional-arguments

# lists the targets
_default:
    @just --list --unsorted

# starts a server on 127.0.0.1:8080 with its data in ./data; flags go to `phin serve`
run *flags:
    cargo run --locked --release -- serve "$@"

# any command of phin, for instance: just phin check --text 'Nice post'
phin *args:
    cargo run --locked --release -- "$@"

# all Rust tests, or those whose name has FILTER in it, for instance: just test undo::
test *filter:
    cargo test --locked "$@"

# all tests: Rust, then every Akismet client and front against a running phin
test-all:
    tests/run

# the tests of the clients named, or of all clients, for instance: just test-clients pypi-akismet
test-clients *names:
    tests/run ${@:-$(find tests/clients -maxdepth 1 -name '*.sh' -executable -exec basename {} .sh ';')}

# installs the Debian packages that the tests need
setup:
    tests/run --setup

# writes the table of clients in docs/AKISMET.md, as the last runs left it
clients-table:
    tests/run --table

# all that must pass before a merge
ci:
    .ci/run

# clippy; a warning is an error
lint:
    cargo clippy --locked --all-targets -- -D warnings

# formats the code
fmt:
    cargo fmt

# fails if the code is not formatted
fmt-check:
    cargo fmt --check

# the API documentation, in target/doc; a warning is an error
docs:
    RUSTDOCFLAGS=-Dwarnings cargo doc --locked --no-deps

# licences, advisories and sources of all crates (needs cargo-deny)
deny:
    cargo deny --locked check

# benchmarks, all or one, for instance: just bench --bench score
bench *args:
    cargo bench --locked "$@"

# each stage by size and kind of text: writes the table in docs/PERFORMANCE.md and the plot in docs/stages.svg
stages *args='--write':
    cargo run --locked --release --example by_stage -- "$@"

# measures a model, for instance: just evaluate --task ham,caught --corpora DIR
evaluate *args:
    cargo run --locked --release -- evaluate "$@"

# the measurements that must not fall below their bars, as .ci/run makes them; needs corpora
quality corpora=env('PHIN_CORPORA'):
    cargo run --locked --release -- evaluate --corpora "$1" --task "$(sed -n 's/^held=//p' .ci/run)"

# trains a model, for instance: just train --out models/mine labelled.jsonl
train *args:
    cargo run --locked --release -- train "$@"

# trains a model as the shipped one is trained; needs corpora
train-shipped corpora=env('PHIN_CORPORA'):
    cargo run --locked --release -- train --out models/shipped --corpora "$1"

# attacks a server for eight minutes and writes the table in docs/SECURITY.md
attacks *args='docs/SECURITY.md':
    cargo run --locked --release --example attacks -- "$@"

# a month of four sites and the plot in docs/month.svg; needs corpora
month corpora=env('PHIN_CORPORA'):
    cargo run --locked --release --example month -- "$1" docs/month.svg

# memory and time of many labelled sites
many-sites sites='10000' labels='100':
    cargo run --locked --release --example many_sites -- "$1" "$2"

# half an hour under load with labels, undo and retraining beside it; --seconds 60 is the short form in tests/run
soak *args='--seconds 1800':
    TESTED_PHIN="${TESTED_PHIN:-target/release/phin}" tests/soak/soak.py "$@"

# how speed, memory and disk grow: writes the tables in docs/PERFORMANCE.md and the plots docs/scale-*.svg
scale *args='all --write docs/PERFORMANCE.md':
    benches/load/scale/run "$@"

# phin beside other filters on the same comments, for instance: just peers --write docs/PERFORMANCE.md
peers *args:
    benches/load/peers/run "$@"
