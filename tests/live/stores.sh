# A folder with a real PostgreSQL, MariaDB and OpenLDAP and all they need, to chroot into. Sourced by install.sh after
# tree.sh, not run. Made as the folder of Postfix and Dovecot is: nothing is installed, no service starts.
STORES_PACKAGES="postgresql slapd dash coreutils"

stores_ready() { [ -e "$stores/ready" ]; }

# Debian 12 and Ubuntu 24.04 call it mariadb-server-core, older ones put the version behind.
stores_mariadb() { apt-cache pkgnames mariadb-server-core 2>/dev/null | grep -E '^mariadb-server-core(-[0-9.]+)?$' | sort | head -n 1; }

stores_fetch() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || no "needs Debian or Ubuntu (apt-get, dpkg-deb)"
  local new=$live/stores.new debs
  rm -rf "$new"; mkdir -p "$new/debs/partial"; chmod 755 "$live" "$new"
  debs=$new/debs; : >"$debs/status"
  # shellcheck disable=SC2046
  tree_apt "$debs" $STORES_PACKAGES $(stores_mariadb) >"$debs/log" 2>&1 ||
    { apt-get -qq update && tree_apt "$debs" $STORES_PACKAGES $(stores_mariadb); } >"$debs/log" 2>&1 ||
    no "apt-get cannot download PostgreSQL, MariaDB and OpenLDAP: $(grep -m1 '^E:' "$debs/log" || tail -n 1 "$debs/log")"
  [ -n "$(find "$debs" -name '*.deb')" ] || no "apt-get downloaded none of PostgreSQL, MariaDB and OpenLDAP"
  tree_unpack "$new" || no "the packages of PostgreSQL, MariaDB and OpenLDAP cannot be unpacked into $new"
  stores_furnish "$new" || no "PostgreSQL, MariaDB and OpenLDAP need a /dev/null of their own: mknod is not allowed here"
  rm -rf "$debs" "$stores"; mv "$new" "$stores"
  touch "$stores/ready"
}

stores_furnish() {
  mkdir -p "$1/dev" "$1/proc" "$1/run" "$1/t" "$1/tmp" "$1$(dirname "$stores")" || return 1
  chmod 1777 "$1/tmp" "$1/t"
  mknod -m 666 "$1/dev/null" c 1 3 && mknod -m 666 "$1/dev/urandom" c 1 9 || return 1
  ln -rs "$1" "$1$stores"
  [ -e "$1/bin/sh" ] || ln -s dash "$1/bin/sh"
  printf '%s\n' root:x:0:0::/:/bin/sh gatepost:x:65425:65425::/:/bin/false >"$1/etc/passwd"
  printf '%s\n' root:x:0: gatepost:x:65425: >"$1/etc/group"
  printf '127.0.0.1 localhost\n' >"$1/etc/hosts"
  printf 'passwd: files\ngroup: files\nhosts: files\nservices: files\n' >"$1/etc/nsswitch.conf"
  : >"$1/etc/resolv.conf"
}
