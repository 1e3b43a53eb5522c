#!/bin/sh
# Installs the Debian packages that a task needs and that are not there: install.sh build|demo|check|bench.
# As root, or with sudo.
set -e
build="gcc meson ninja-build pkg-config python3 libmicrohttpd-dev libgnutls28-dev libjansson-dev libsodium-dev
       libsqlite3-dev libpq-dev libcurl4-openssl-dev libinih-dev libcmocka-dev nodejs npm"
check="ccache mold doxygen g++ clang libclang-rt-14-dev clang-tidy clang-format cppcheck gcovr mandoc patch curl procps
       iproute2 util-linux openssl systemd nginx-light caddy strace
       python3-aiosmtpd postgresql-15 prometheus patroni etcd-server haproxy docker-compose
       chromium fonts-dejavu-core"
bench="wrk"
case "$1" in
build|demo) wanted="$build" ;;
check) wanted="$build $check" ;;
bench) wanted="$build $bench" ;;
*) echo "usage: $0 build|demo|check|bench" >&2; exit 2 ;;
esac
missing=""
for package in $wanted; do
    case "$package" in
    nodejs) command -v node >/dev/null && continue ;; # However it was installed.
    npm) command -v npm >/dev/null && continue ;;
    esac
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
as_root=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "Missing:$missing. Run this as root, or install sudo." >&2; exit 1; }
    as_root="sudo"
fi
echo "Installing:$missing"
# What is installed to be tested is not to be served: no service of it starts, and none stays.
policy=/usr/sbin/policy-rc.d
if [ "$1" = check ] && [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
    trap '$as_root rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
