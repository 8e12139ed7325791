#!/bin/sh
# Fuzz every parser for SECONDS each (10 unless told): Fuzz/run.sh [SECONDS] [TARGET...]
# Prints the runs of each target. A crash ends with status 1 and leaves its input under Fuzz/Crashes/.
set -eu
cd "$(dirname "$0")"
seconds=${1:-10}
[ $# -gt 0 ] && shift
targets=$*
if [ -z "$targets" ]; then
    for folder in Sources/Fuzz*; do
        [ "$folder" = Sources/FuzzSupport ] || targets="$targets ${folder#Sources/}"
    done
fi

# Rooms below the plugins need no third-party package. Swift's own backtrace hangs beside a sanitizer.
export POPLIN_ONLY=cni SWIFT_BACKTRACE=enable=no
failed=0
for target in $targets; do
    log=$(mktemp)
    if ! swift build -c release --sanitize fuzzer --scratch-path .build --product "$target" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        exit 1
    fi
    name=${target#Fuzz}
    found=$(mktemp -d)
    mkdir -p Crashes
    status=0
    ".build/release/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=8192 \
        -print_final_stats=1 -artifact_prefix="Crashes/$name-" "$found" "Corpus/$name" >"$log" 2>&1 || status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    if [ "$status" -eq 0 ]; then
        printf '%-16s %10s runs in %s s\n' "$name" "$runs" "$seconds"
    else
        failed=1
        printf '%-16s CRASHED after %s runs\n' "$name" "${runs:-?}"
        grep -E 'Fatal error|ERROR|Precondition|Test unit written' "$log" | head -5
    fi
    rm -rf "$found" "$log"
done
rmdir Crashes 2>/dev/null || true
exit "$failed"
