#!/usr/bin/env bash
# Runs every stage even when one fails, so that one run tells everything, and ends with `N passed, N failed`. What could
# not run here (no root, no such tool) is not among them and is listed above that line.
#
#   FUZZ_SECONDS   seconds per fuzz target (default 5)
#   POPLIN_SOAK=1  the long sweeps as well
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

passed=0
failed=0
failures=()
unsteady=()
unrun=()
report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT

stage() { printf '\n== %s\n' "$1"; }

# Said at once, and again beside the count: the end of a long log is what people are shown.
fails() {
    failed=$((failed + 1))
    failures+=("$1")
    printf 'FAILED: %s\n' "$1" >&2
}

# A stage that is one command counts as one.
check() {
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        fails "$name"
    fi
}

# Counts the cases of one xUnit report; a run that ends without a report counts as one failure. A failed case is run
# once more, alone: what passes then counts as passed and is named as unsteady beside the count. More than three
# failures are not chance, and nothing is run again.
count() {
    local file=$1
    if [[ ! -s $file ]]; then
        fails "no test report at ${file##*/} (a crash?)"
        return
    fi
    local tests case before=$failed cases skipped
    tests=$(grep -c '<testcase ' "$file")
    mapfile -t skipped < <(skipped_cases "$file")
    unrun+=("${skipped[@]}")
    mapfile -t cases < <(failed_cases "$file")
    for case in "${cases[@]}"; do
        if ((${#cases[@]} <= 3)) && passes_alone "${case%%$'\t'*}"; then
            unsteady+=("${case/$'\t'/: }")
        else
            fails "${case/$'\t'/: }"
        fi
    done
    passed=$((passed + tests - ${#skipped[@]} - (failed - before)))
}

# A filter that finds no test ends well too: the report must name one.
passes_alone() {
    printf '\nagain, alone: %s\n' "$1"
    rm -f "$report/again-swift-testing.xml"
    swift test --skip-build --filter "^${1//[^A-Za-z0-9_]/.}" --xunit-output "$report/again.xml" &&
        grep -q '<testcase ' "$report/again-swift-testing.xml"
}

# `Room.Suite/test()<tab>what the first expectation said` for each failed case of an xUnit report.
failed_cases() {
    tr -d '\n' <"$1" | sed 's/<testcase /\n&/g' | grep '<failure' |
        sed -E 's/^<testcase ([^>]*)>.*<failure message="([^"]{0,600}).*/\1\t\2/
                s/^.*classname="([^"]*)".* name="([^"]*)"[^\t]*/\1\/\2/
                s/&quot;/"/g; s/&apos;/\x27/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'
}

# `Room.Suite/test(): why` for each case of an xUnit report that was not run.
skipped_cases() {
    tr -d '\n' <"$1" | sed 's/<testcase /\n&/g' | grep '<skipped' |
        sed -E 's/^<testcase ([^>]*)>.*<skipped[^>]*>([^<]*).*/\1\t\2/
                s/^.*classname="([^"]*)".* name="([^"]*)"[^\t]*\t/\1\/\2: /
                s/&quot;/"/g; s/&apos;/\x27/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'
}

export POPLIN_CNI="$PWD/dist/bin/poplin-cni"

# Everything the plugins reach starts in under a millisecond because these are not in it.
symbols_are_clean() {
    local program hits
    program="$(POPLIN_ONLY=cni swift build -c release --scratch-path .build-plugins --show-bin-path)/poplin-cni"
    if hits=$(nm "$program" | grep -E ' (T|t) (swift_task_create|[$]s10Foundation|[$]s7NIOCore)' | head -5) && [[ -n $hits ]]; then
        printf 'poplin-cni links what it must not:\n%s\n' "$hits" >&2
        return 1
    fi
    if ldd dist/bin/poplin-cni >/dev/null 2>&1; then
        echo "poplin-cni is not static" >&2
        return 1
    fi
    printf 'poplin-cni: static, %s bytes, no Foundation, NIO or concurrency\n' "$(stat -c %s dist/bin/poplin-cni)"
}

stage "what poplin-cni links"
check symbols symbols_are_clean

stage "build: poplin (debug) and the tests"
if ! swift build --build-tests --explicit-target-dependency-import-check error 2>&1 | grep -v "Using 'dlopen' in statically linked" \
    || ((PIPESTATUS[0])); then
    printf '0 passed, 1 failed\n'
    exit 1
fi

if ((EUID != 0)); then
    echo "not root: the host tests report themselves as skipped; run as root to prove them"
fi
# In runs of their own: host tests wait for the kernel, policy tests and recorded clusters compute, and beside any of them
# the tests that talk over sockets would starve, because all tests of one run share as many threads as there are cores.
tests() {
    local name=$1 status=0 before=$((failed + ${#unsteady[@]}))
    shift
    stage "tests: $name"
    swift test --skip-build "$@" --xunit-output "$report/$name.xml" || status=$?
    count "$report/$name-swift-testing.xml"
    if ((status != 0 && failed + ${#unsteady[@]} == before)); then
        fails "swift test ($name) exited $status without a failed case (a crash?)"
    fi
}

tests rooms --skip '^(HostTests|FabricTests|PolicyTests|LabTests|BundlesTests\.FixtureTests)'
tests clusters --filter '^BundlesTests\.FixtureTests'
tests policy --filter '^PolicyTests\.'
tests host --filter '^(HostTests|FabricTests)\.'
tests lab --filter '^LabTests\.'

program="$(swift build --show-bin-path)/poplin"
stage "faults of the API server"
check faults scripts/apiserver-faults.py "$program" --only kill,watchers --rounds 3 --watchers 200

# Not run is not passed: where moto cannot be had the stage says so and is not counted.
stage "the doctor and EC2 (moto)"
scripts/doctor-moto.sh "$program"
case $? in
    0) passed=$((passed + 1)) ;;
    77) ;;
    *) fails moto ;;
esac

stage "JUnit and SARIF against published schemas"
scripts/doctor-schemas.sh "$program"
case $? in
    0) passed=$((passed + 1)) ;;
    77) ;;
    *) fails schemas ;;
esac

if ((EUID == 0)); then
    stage "the doctor on machines that are broken (a few of each kind)"
    check broken-machines scripts/doctor-inject.py "$program" --stage machines --smoke
fi

if [[ ${POPLIN_SOAK:-} == 1 ]]; then
    stage "soak: faults of the API server, 10,000 watchers"
    check soak-faults scripts/apiserver-faults.py "$program"

    if ((EUID == 0)); then
        stage "soak: faults of a whole lab, 500 pods killed at random"
        check soak-lab scripts/lab-faults.py "$program"
        stage "soak: the doctor on machines and a cluster that are broken"
        check soak-doctor scripts/doctor-inject.py "$program" --stage all
    fi

    stage "soak: policies, millions of flows (release)"
    POPLIN_ONLY=Policy,YAMLTree swift test -c release -Xswiftc -enable-testing --scratch-path .build-soak \
        --filter 'PolicyTests\.(KubernetesAgreement|DialectAgreement|StateWalk)' --xunit-output "$report/soak.xml"
    count "$report/soak-swift-testing.xml"
fi

stage "fuzz: ${FUZZ_SECONDS:-5} s a target"
check fuzz Fuzz/run.sh "${FUZZ_SECONDS:-5}"

if ((EUID == 0)); then
    stage "smoke run of the demo: a cluster"
    check demo env POPLIN="$PWD/.build/debug/poplin" scripts/demo.sh
    stage "smoke run of the demo: containers"
    check demo-containers scripts/demo-containers.sh
fi

if ((${#unsteady[@]} > 0)); then
    printf '\nunsteady (failed among the others, passed alone):\n'
    printf '    %s\n' "${unsteady[@]}"
fi
if ((${#unrun[@]} > 0)); then
    printf '\nnot run (%d):\n' "${#unrun[@]}"
    printf '    %s\n' "${unrun[@]}"
fi
if ((failed > 0)); then
    printf '\nfailed:\n'
    printf '    %s\n' "${failures[@]}"
fi
printf '\n%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
