#!/bin/sh
# assemble.sh ROOT PACKAGE…: lays Debian packages out below ROOT, without their scripts, and what a container needs besides.
set -eu
root=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" "$root/var/lib/dpkg/status.d" "$root/etc/ssl/certs" "$root/etc/kongruent" \
  "$root/proc" "$root/sys" "$root/dev"
mkdir -p -m 1777 "$root/tmp"
for folder in bin sbin lib lib64; do ln -sfn "usr/$folder" "$root/$folder"; done

# _apt may not write here, and need not
(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "$@")
for package in "$work"/*.deb; do
  name=$(dpkg-deb -f "$package" Package)
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --keep-directory-symlink --no-same-owner --exclude='./usr/share/doc/*/changelog*' \
    --exclude=./usr/share/man --exclude=./usr/share/locale --exclude=./usr/share/lintian --exclude=./usr/share/bug --exclude='*/gconv' \
    --exclude=./usr/sbin --exclude=./etc/ca-certificates
  # where scanners look for what an image consists of when it has no dpkg
  { dpkg-deb -f "$package" && sha256sum "$package" | sed 's/^\([0-9a-f]*\) .*/SHA256: \1/'; } >"$root/var/lib/dpkg/status.d/$name"
  dpkg-deb --ctrl-tarfile "$package" | tar -xO ./md5sums >"$root/var/lib/dpkg/status.d/$name.md5sums"
done

# what the scripts of base-files, base-passwd and ca-certificates would have done
cat "$root"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
printf 'root:x:0:0:root:/:/\nnonroot:x:65532:65532:nonroot:/:/\n' >"$root/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
printf '127.0.0.1 localhost\n::1 localhost\n' >"$root/etc/hosts"
printf 'PRETTY_NAME="kongruent on Debian 12"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n' >"$root/etc/os-release"
