#!/usr/bin/env bash
# Sees to it that the programs of MariaDB and PostgreSQL are there for the tests.
# As root on Debian what is missing is installed, without starting any service: the tests start
# private servers of their own. Otherwise it says what is missing, and those tests are skipped.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

missing=()
command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null || missing+=(mariadb-server)
command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
    missing+=(postgresql)
command -v openssl >/dev/null || missing+=(openssl)
[ ${#missing[@]} = 0 ] && exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    printf 'missing for some tests, which will be skipped: %s\n' "${missing[*]}" >&2
    printf 'hint: as root: apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
    exit 0
fi

# Debian starts a service when its package is installed, unless this file says no.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
fi
printf 'installing for the tests: %s\n' "${missing[*]}" >&2
apt-get update -qq </dev/null >&2
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    </dev/null >&2
