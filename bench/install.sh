#!/usr/bin/env bash
# Sees to it that the C loop of the benchmark can be compiled. As root on Debian what is missing is
# installed; otherwise it says what is missing, and that line of the page stays empty.
set -euo pipefail
command -v cc >/dev/null && printf '#include <openssl/evp.h>\n' | cc -E - >/dev/null 2>&1 && exit 0

missing=(gcc libc6-dev libssl-dev)
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    printf 'missing for a part of the benchmark, which is left out: a C compiler, OpenSSL headers\n' >&2
    printf 'hint: as root: apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
    exit 0
fi
printf 'installing for the benchmark: %s\n' "${missing[*]}" >&2
apt-get update -qq </dev/null >&2
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    </dev/null >&2
