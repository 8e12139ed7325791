# shellcheck shell=bash disable=SC2034,SC2154
# What both demos show: titles, steps with their times, and what went wrong. To be sourced; `$work` is a directory.

# Columns of a step's text.
width=74
bold='' dim='' green='' red='' plain='' mark='ok    ' cross='FAILED'
if [[ -t 1 && -z ${NO_COLOR-} && ${TERM-dumb} != dumb ]]; then
    bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
    if [[ ${LC_ALL:-${LC_CTYPE:-${LANG-}}} =~ [Uu][Tt][Ff]-?8 ]]; then mark='✔' cross='✘'; fi
fi

die() {
    printf '%s%s%s %s\n' "$red" "$cross" "$plain" "$1" >&2
    exit 1
}

now() { printf '%s' "${EPOCHREALTIME//[.,]/}"; }

# What a demo adds to a step that failed.
on_failure() { :; }

# step TEXT COMMAND...: runs it, shows the time; the output is in $out. A failure shows it and ends the demo.
step() {
    local text=$1 before took
    shift
    before=$(now)
    if out=$("$@" 2>"$work/stderr"); then
        took=$((($(now) - before) / 1000))
        printf '%s%s%s %-*s %s%6d ms%s\n' "$green" "$mark" "$plain" "$width" "$text" "$dim" "$took" "$plain"
    else
        printf '%s%s%s %s\n' "$red" "$cross" "$plain" "$text"
        printf '%s\n' "$out" "$(<"$work/stderr")" | sed 's/^/    /'
        on_failure
        exit 1
    fi
}

show() { printf '%s\n' "$@" | sed "s/^/    $dim/; s/\$/$plain/"; }
title() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
