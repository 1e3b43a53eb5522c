#!/bin/sh
# run.sh BUILDDIR SECONDS [CORPUS]: each fuzzer in BUILDDIR (set up as meson.build says) for so long, two at a time; fails
# on any finding. What finds new ways is kept in CORPUS (default BUILDDIR/corpus), a finding under BUILDDIR/findings.
set -eu
build=$1 seconds=$2 corpus=${3:-$1/corpus}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$build/findings"
rm -f "$build"/findings/*.failed
fuzz() {
    name=$(basename "$1")
    name=${name#fuzz_}
    mkdir -p "$corpus/$name"
    "$1" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
        -artifact_prefix="$build/findings/$name-" "$corpus/$name" "$here/corpus/$name" \
        >"$build/findings/$name.log" 2>&1 || touch "$build/findings/$name.failed"
}
count=0
for target in $(find "$build" -type f -name 'fuzz_*' -perm -u+x | sort); do
    fuzz "$target" &
    count=$((count + 1))
    [ $((count % 2)) -ne 0 ] || wait
done
wait
failed=0
for target in $(find "$build" -type f -name 'fuzz_*' -perm -u+x | sort); do
    name=$(basename "$target")
    name=${name#fuzz_}
    echo "== $name: $seconds s"
    if [ -e "$build/findings/$name.failed" ]; then
        failed=$((failed + 1))
        tail -40 "$build/findings/$name.log"
    fi
    grep -E 'stat::(number_of_executed_units|new_units_added)' "$build/findings/$name.log" || true
done
echo "$count fuzzers ran, $failed with a finding"
[ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
