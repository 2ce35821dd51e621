# A folder with a real Postfix and Dovecot and all they need, to chroot into. Sourced by install.sh, not run.
#
# Nothing is installed: apt-get works out what an empty system would need, downloads it into the folder, and the packages
# are unpacked there. Users, groups and /dev belong to the folder alone. Its own path is a link to its root, so a name of
# a file in it means the same outside and inside.
TREE_PACKAGES="postfix dovecot-imapd dovecot-submissiond dash coreutils sed grep findutils"
TREE_EXTRAS="postfix-lmdb postfix-cdb"

tree_ready() { [ -e "$tree/ready" ]; }

# What apt-get would do on an empty system: tree_apt FOLDER PACKAGE…; only ever downloads.
tree_apt() {
  local debs=$1
  shift
  apt-get -qq -o Dir::State::status="$debs/status" -o Dir::Cache::archives="$debs" -o Debug::NoLocking=1 \
    -o APT::Sandbox::User=root --download-only -y --no-install-recommends install "$@"
}

tree_fetch() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || no "needs Debian or Ubuntu (apt-get, dpkg-deb)"
  local new=$live/servers.new debs extras='' name
  rm -rf "$new"; mkdir -p "$new/debs/partial"; chmod 755 "$live" "$new"
  debs=$new/debs; : >"$debs/status"
  for name in $TREE_EXTRAS; do ! apt-cache show "$name" >/dev/null 2>&1 || extras="$extras $name"; done
  # shellcheck disable=SC2086
  tree_apt "$debs" $TREE_PACKAGES $extras >"$debs/log" 2>&1 ||
    { apt-get -qq update && tree_apt "$debs" $TREE_PACKAGES $TREE_EXTRAS; } >"$debs/log" 2>&1 ||
    no "apt-get cannot download Postfix and Dovecot: $(grep -m1 '^E:' "$debs/log" || tail -n 1 "$debs/log")"
  [ -n "$(find "$debs" -name '*.deb')" ] || no "apt-get downloaded neither Postfix nor Dovecot"
  tree_unpack "$new" || no "the packages of Postfix and Dovecot cannot be unpacked into $new"
  tree_furnish "$new" || no "Postfix and Dovecot need a /dev/null of their own: mknod is not allowed here"
  rm -rf "$debs" "$tree"; mv "$new" "$tree"
  touch "$tree/ready"
}

tree_unpack() {
  local name deb
  for name in bin sbin lib lib64; do mkdir -p "$1/usr/$name" && ln -s "usr/$name" "$1/$name" || return 1; done
  for deb in "$1"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$1" \
      --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' || return 1
  done
}

tree_furnish() {
  mkdir -p "$1/dev" "$1/proc" "$1/run" "$1/t" "$1/tmp" "$1/outside" "$1$(dirname "$tree")" || return 1
  chmod 1777 "$1/tmp"
  mknod -m 666 "$1/dev/null" c 1 3 && mknod -m 666 "$1/dev/urandom" c 1 9 || return 1
  ln -rs "$1" "$1$tree"
  [ -e "$1/bin/sh" ] || ln -s dash "$1/bin/sh"
  printf '%s\n' root:x:0:0::/:/bin/sh nobody:x:65534:65534::/:/bin/false postfix:x:65421:65421::/:/bin/false \
    dovecot:x:65423:65423::/:/bin/false dovenull:x:65424:65424::/:/bin/false gatepost:x:65425:65425::/:/bin/false >"$1/etc/passwd"
  printf '%s\n' root:x:0: nogroup:x:65534: postfix:x:65421: postdrop:x:65422: dovecot:x:65423: dovenull:x:65424: \
    gatepost:x:65425: >"$1/etc/group"
  printf '127.0.0.1 localhost\n' >"$1/etc/hosts"
  printf 'smtp 25/tcp\nsubmission 587/tcp\nimap2 143/tcp\n' >"$1/etc/services"
  printf 'passwd: files\ngroup: files\nhosts: files\nservices: files\n' >"$1/etc/nsswitch.conf"
  printf 'compatibility_level = 3.6\n' >"$1/etc/postfix/main.cf"
  : >"$1/etc/resolv.conf"; : >"$1/etc/postfix/master.cf"
  tree_maps "$1"; tree_callers "$1"
}

# The package lists no table type; the packages of single types add theirs when they are installed.
tree_maps() {
  local type
  [ ! -e "$1/usr/share/postfix/dynamicmaps.cf" ] || cp "$1/usr/share/postfix/dynamicmaps.cf" "$1/etc/postfix/"
  for type in lmdb cdb; do
    [ ! -e "$1/usr/lib/postfix/postfix-$type.so" ] || grep -qs "^$type" "$1/etc/postfix/dynamicmaps.cf" ||
      printf '%s\tpostfix-%s.so\tdict_%s_open\tmkmap_%s_open\n' $type $type $type $type >>"$1/etc/postfix/dynamicmaps.cf"
  done
}

# Programs for the outside, to put in front of PATH.
tree_callers() {
  local name
  for name in postmap postconf postfix postqueue postsuper postcat doveadm doveconf; do
    printf '#!/bin/sh\nexec chroot "%s" /usr/bin/env -i PATH=/usr/sbin:/usr/bin %s "$@"\n' "$tree" $name >"$1/outside/$name"
    chmod 755 "$1/outside/$name"
  done
}
