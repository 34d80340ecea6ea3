#!/bin/sh
# Runs the kernel tests under the address and undefined-behaviour sanitizers, and cross-compiled for 64-bit ARM under qemu.
# (`mvn verify` runs them as they are shipped.) Needs CMake, Ninja, GoogleTest; for ARM g++-aarch64-linux-gnu and qemu-user-static.
set -eu
cd "$(dirname "$0")"

check() {
  echo "native: tests, preset $1"
  cmake --preset "$1" >/dev/null
  cmake --build --preset "$1"
  ctest --preset "$1"
}

check sanitize
if command -v aarch64-linux-gnu-g++ >/dev/null 2>&1 && command -v qemu-aarch64-static >/dev/null 2>&1; then
  check aarch64
else
  echo "native: no ARM cross compiler or no qemu-aarch64-static here, the ARM tests are not run"
fi
