#!/usr/bin/env bash
# scripts/doctor-moto.py with moto and the AWS command line, which are installed into .build/moto where the machine has
# none: scripts/doctor-moto.sh PROGRAM. Exit status 77 when they cannot be had.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools="$here/../.build/moto"
export PATH="$tools/bin:$PATH"
if ! command -v moto_server >/dev/null || ! command -v aws >/dev/null; then
    if ! python3 -m venv "$tools" >/dev/null 2>&1 ||
        ! timeout 300 "$tools/bin/python" -m pip install -q 'moto[server]' awscli >/dev/null 2>&1; then
        echo "moto: not run, moto and the AWS command line could not be installed (python3-venv, pip)"
        exit 77
    fi
fi
exec "$here/doctor-moto.py" "$1"
