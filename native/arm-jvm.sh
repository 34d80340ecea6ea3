#!/bin/sh
# Unpacks a Java 25 for 64-bit ARM and the C libraries it needs into a folder, from Debian's packages, for qemu-aarch64-static:
#
#   root=$(native/arm-jvm.sh) && qemu-aarch64-static -L "$root" "$root/java/bin/java" -version
#
# Prints the folder, which is kept for the next time. Takes the mirror that apt itself uses here, with a configuration and a state of
# its own, so that nothing of this machine's apt changes. Fails with one line when the packages cannot be had.
set -eu

root=${XDG_CACHE_HOME:-$HOME/.cache}/fovea/ci/arm64
packages="openjdk-25-jre-headless libc6 libstdc++6 libgcc-s1 zlib1g liblcms2-2 libjpeg62-turbo"

fail() {
  echo "no arm64 Java: $1" >&2
  exit 1
}

if [ -x "$root/java/bin/java" ]; then
  echo "$root"
  exit 0
fi
command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || fail "this is not a Debian"
mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
  sed -n 's/ main$//p' | grep -v security | head -1)
if [ -z "$mirror" ]; then # its lists were never fetched, so their origin is not known
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    sed -n 's/ main$//p' | grep '/debian/*$' | head -1)
fi
[ -n "$mirror" ] || fail "apt knows no Debian mirror"

mkdir -p "$(dirname "$root")"
work=$(mktemp -d "$root.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/parts" "$work/debs" "$work/root"
: >"$work/status"
cat >"$work/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "$work/parts";
Dir::State "$work";
Dir::State::Lists "$work/lists";
Dir::State::Status "$work/status";
Dir::Cache "$work/cache";
CONF
export APT_CONFIG="$work/apt.conf"

key=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$key" ] && options="[arch=arm64 signed-by=$key]" || options="[arch=arm64]"
got=
for suite in trixie forky sid; do
  echo "deb $options $mirror $suite main" >"$work/sources.list"
  apt-get update -qq >"$work/log" 2>&1 || continue
  # shellcheck disable=SC2086
  if (cd "$work/debs" && apt-get download -qq $packages >"$work/log" 2>&1); then
    got=$suite
    break
  fi
done
[ -n "$got" ] || fail "$(grep -m1 '^[EW]:' "$work/log" || echo "apt cannot fetch $packages")"

for deb in "$work"/debs/*.deb; do
  dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/root" --exclude='./usr/share/*'
done
# Older packages put the dynamic linker into /lib, newer ones into /usr/lib.
[ -e "$work/root/lib" ] || ln -s usr/lib "$work/root/lib"
home=$(cd "$work/root" && echo usr/lib/jvm/java-25-openjdk-*)
[ -x "$work/root/$home/bin/java" ] || fail "the package of $got holds no bin/java"
ln -s "$home" "$work/root/java"
# Its settings live in /etc, where the links of the package lead: of the machine, not of this folder.
find "$work/root/$home/" -type l | while read -r link; do
  target=$(readlink "$link")
  case $target in /etc/*) [ ! -e "$work/root$target" ] || ln -sfn "$root$target" "$link" ;; esac
done
mv "$work/root" "$root" 2>/dev/null || [ -x "$root/java/bin/java" ] || fail "cannot write $root"
echo "$root"
