#!/usr/bin/env bash
# Puts a real Exim, Postfix, Dovecot, PostgreSQL, MariaDB and OpenLDAP beside the system for the live tests, or says why
# not.
#
#   install.sh                make them ready; exit 0, or 3 with the reasons on standard error
#   install.sh where [SERVER] print the folder of what is ready; exit 0, or 3 with the reason. Changes nothing. SERVER is
#                             exim (the default), servers: Postfix and Dovecot, or stores: PostgreSQL, MariaDB, OpenLDAP
#   install.sh claim CONF     write the system files that Exim insists on before it obeys CONF: its user, its list of
#                             trusted configurations, a placeholder configuration
#   install.sh release CONF   take CONF's claim back; the last one takes the system files back, if they were ours
#   install.sh remove         delete what was unpacked
#
# Installs only as root, on Debian or Ubuntu, when no mail server is installed or running and apt removes nothing.
# GATEPOST_TEST_INSTALL=1 or CI=true says that this machine may be used up: then a mail server may be there already,
# but nothing is ever removed. The servers are unpacked, not installed: no service starts, nothing listens on port 25.
# tree.sh has Postfix and Dovecot, stores.sh the databases.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
proc=${GATEPOST_PROC:-/proc}
user=Debian-exim # compiled into Debian's Exim

# shellcheck source=tests/live/tree.sh
. "$(dirname "${BASH_SOURCE[0]}")/tree.sh"
# shellcheck source=tests/live/stores.sh
. "$(dirname "${BASH_SOURCE[0]}")/stores.sh"

no() { echo "no live tests: $*" >&2; exit 3; }

# The servers drop root, so every parent of the folder must be open to them.
reachable() {
  local at=$1
  while [ "$at" != / ]; do
    [ ! -e "$at" ] || [ -n "$(find "$at" -maxdepth 0 -perm -005)" ] || return 1
    at=$(dirname "$at")
  done
}

folder() {
  local live=${GATEPOST_LIVE:-$root/.live}
  if ! reachable "$live"; then
    live=/var/tmp/gatepost-live
    [ ! -e "$live" ] || [ "$(stat -c %u "$live")" = "$(id -u)" ] || no "$live belongs to somebody else: delete it"
  fi
  echo "$live"
}

installed() {
  dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null |
    awk '$1 == "installed" && (/mail-transport-agent/ || $2 ~ /^(exim4-base|exim4-config|sendmail-base|postfix)$/) {print $2}'
  for name in exim4 exim postfix sendmail opensmtpd; do command -v "$name" || true; done
}

running() {
  local pid
  for pid in "$proc"/[0-9]*; do
    case $(cat "$pid/comm" 2>/dev/null || true) in
    exim* | sendmail* | smtpd | postmaster) ;;
    master) grep -qa postfix "$pid/cmdline" 2>/dev/null || continue ;;
    *) continue ;;
    esac
    case $(readlink "$pid/exe" 2>/dev/null || true) in
    "$live"/* | */.live/exim/* | */.live/servers/* | /var/tmp/gatepost-live/* | */postgres) ;;
    *)
      # A process that has just ended has no exe; it is nobody's server.
      [ -e "$pid/comm" ] && ! grep -q '^State:.[ZX]' "$pid/status" 2>/dev/null || continue
      echo "$(cat "$pid/comm" 2>/dev/null) (process ${pid##*/})" ;;
    esac
  done
}

guard() {
  [ "$(id -u)" = 0 ] || no "the servers must be started by root: run make test as root on a machine for tests"
  [ "${GATEPOST_TEST_INSTALL:-}" != 1 ] && [ "${CI:-}" != true ] || return 0
  local found
  found=$(installed | sort -u | tr '\n' ' ')
  [ -z "$found" ] || no "a mail server is installed here (${found% }): use another machine, or set GATEPOST_TEST_INSTALL=1"
  found=$(running | sort -u | tr '\n' ' ')
  [ -z "$found" ] || no "a mail server is running here (${found% }): use another machine, or set GATEPOST_TEST_INSTALL=1"
}

ready() { [ -x "$exim" ] && ! ldd "$exim" 2>&1 | grep -q 'not found'; }

# The libraries among the package's own dependencies that are not here yet; first alternative each.
missing_libraries() {
  local name
  for name in $(dpkg-deb -f "$1" Depends | tr ',' '\n' | sed 's/|.*//; s/(.*//; s/:any//; s/ //g' | grep '^lib'); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null | head -c 9)" = installed ] || echo "$name"
  done
}

fetch() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || no "needs Debian or Ubuntu (apt-get, dpkg-deb)"
  local libraries plan
  mkdir -p "$live"; chmod 755 "$live"
  tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; chmod 755 "$tmp"
  cd "$tmp"
  apt-get -qq download exim4-daemon-heavy exim4-base >log 2>&1 ||
    { apt-get -qq update && apt-get -qq download exim4-daemon-heavy exim4-base; } >log 2>&1 ||
    no "apt-get cannot download exim4-daemon-heavy: $(grep -m1 '^E:' log || tail -n 1 log)"
  libraries=$(missing_libraries exim4-daemon-heavy_*.deb)
  if [ -n "$libraries" ]; then
    # shellcheck disable=SC2086
    plan=$(apt-get -s install --no-install-recommends $libraries 2>&1) || no "apt-get cannot install $libraries"
    ! grep -q '^Remv' <<<"$plan" || no "installing $libraries would remove $(grep -m1 '^Remv' <<<"$plan" | cut -d' ' -f2)"
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends --no-remove $libraries >log 2>&1 ||
      no "apt-get failed: $(grep -m1 '^E:' log || tail -n 1 log)"
  fi
  rm -rf "$live/exim.new"; mkdir "$live/exim.new"; chmod 755 "$live/exim.new"
  for deb in exim4-*.deb; do dpkg -x "$deb" "$live/exim.new"; done
  rm -rf "$live/exim"; mv "$live/exim.new" "$live/exim"
}

# Without an entry in this list Exim drops root whenever it calls itself with -C.
claim() {
  if ! getent passwd "$user" >/dev/null; then
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user" ||
      useradd --badname --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user"
    touch "$live/made-user"
  fi 2>/dev/null
  [ -d /etc/exim4 ] || { mkdir /etc/exim4; touch "$live/made-etc"; }
  [ -e /etc/exim4/trusted_configs ] || { touch /etc/exim4/trusted_configs "$live/made-list"; }
  [ -e /etc/exim4/exim4.conf ] || [ -e /var/lib/exim4/config.autogenerated ] ||
    { echo '# placeholder: the live tests name their own file' >/etc/exim4/exim4.conf; touch "$live/made-conf"; }
  forget ''
  echo "$1" >>/etc/exim4/trusted_configs
}

# Takes one entry out of the list, and those of test runs that were killed: their configuration is gone.
forget() {
  local entry
  while read -r entry; do
    case $entry in */exim-*/exim.conf) [ -e "$entry" ] || continue ;; esac
    [ "$entry" = "$1" ] || echo "$entry"
  done </etc/exim4/trusted_configs >"$live/list"
  cat "$live/list" >/etc/exim4/trusted_configs
  rm -f "$live/list"
}

release() {
  local list=/etc/exim4/trusted_configs
  [ -e "$list" ] || return 0
  forget "$1"
  [ ! -s "$list" ] || return 0
  [ ! -e "$live/made-list" ] || rm -f "$list" "$live/made-list"
  [ ! -e "$live/made-conf" ] || rm -f /etc/exim4/exim4.conf "$live/made-conf"
  [ ! -e "$live/made-etc" ] || { rmdir /etc/exim4 2>/dev/null || true; rm -f "$live/made-etc"; }
  [ ! -e "$live/made-user" ] || { userdel "$user" 2>/dev/null || true; rm -f "$live/made-user"; }
}

# Brings one of them: prepare READY FETCH PLACE WHAT
prepare() {
  "$1" || ("$2") || return 3
  "$1" || { echo "no live tests: the unpacked $4 does not run: $(ldd "$exim" 2>&1 | grep -m1 'not found')" >&2; return 3; }
  echo "live tests: a real $4 is in $3"
}

live=$(folder)
exim=$live/exim/usr/sbin/exim4
tree=$live/servers
stores=$live/stores
case ${1:-} in
'')
  guard
  mkdir -p "$live"
  exec 9>"$live/lock"; flock 9
  result=0
  prepare ready fetch "$live/exim" Exim || result=3
  prepare tree_ready tree_fetch "$tree" 'Postfix and Dovecot' || result=3
  prepare stores_ready stores_fetch "$stores" 'PostgreSQL, MariaDB and OpenLDAP' || result=3
  exit $result ;;
where)
  guard
  case ${2:-exim} in
  exim)
    ready || no "no Exim is unpacked here: make test does it as root on Debian or Ubuntu"
    echo "$live" ;;
  stores)
    stores_ready || no "no PostgreSQL, MariaDB and OpenLDAP are unpacked here: make test does it as root on Debian or Ubuntu"
    echo "$stores" ;;
  *)
    tree_ready || no "no Postfix and Dovecot are unpacked here: make test does it as root on Debian or Ubuntu"
    echo "$tree" ;;
  esac ;;
claim)
  [ "$(id -u)" = 0 ] || no "Exim must be started by root"
  exec 9>"$live/lock"; flock 9
  claim "$2" ;;
release)
  [ "$(id -u)" = 0 ] || exit 0
  exec 9>"$live/lock"; flock 9
  release "$2" ;;
remove) rm -rf "$live/exim" "$live/servers" "$live/servers.new" "$live/stores" "$live/stores.new" "$live/lock" ;;
*) echo "usage: install.sh [where [SERVER] | claim CONF | release CONF | remove]" >&2; exit 2 ;;
esac
