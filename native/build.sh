#!/bin/sh
# Called by Maven: builds the library, or builds and runs its tests, when the machine has what that needs.
#
#   build.sh library BUILD_FOLDER TARGET_FOLDER
#   build.sh test BUILD_FOLDER MAVEN_TEST_SKIP SKIP_TESTS
set -eu
source=$(cd "$(dirname "$0")" && pwd)
task=$1
build=$2

skip() {
  printf '%s\n' "native: $1"
  exit 0
}

if ! command -v cmake >/dev/null 2>&1; then
  skip "no CMake here, nothing is compiled; Fovea then runs on its Java kernels"
fi
if ! command -v "${CXX:-c++}" >/dev/null 2>&1; then
  skip "no C++ compiler here, nothing is compiled; Fovea then runs on its Java kernels"
fi
mkdir -p "$build"
log=$build/build.log

# Runs a command quietly; on failure shows the end of what it said.
quietly() {
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    printf '%s\n' "native: failed: $* (all of it in $log)" >&2
    exit 1
  fi
}

# Compiles with at most as many jobs as the machine has processors.
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
configure() {
  quietly cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DFOVEA_BENCH=OFF "$@"
}

case $task in
  library)
    target=$3
    configure -DFOVEA_TESTS=OFF
    quietly cmake --build "$build" --parallel "$jobs" --target fovea_native
    mkdir -p "$target"
    for library in "$build"/libfovea_native.so "$build"/libfovea_native.dylib; do
      if [ -f "$library" ] && ! cmp -s "$library" "$target/$(basename "$library")"; then
        cp "$library" "$target/"
      fi
    done
    ;;
  test)
    if [ "$3" = true ] || [ "$4" = true ]; then
      exit 0
    fi
    if [ ! -f /usr/include/gtest/gtest.h ] && [ ! -d /usr/src/googletest/googletest ] &&
      ! echo '#include <gtest/gtest.h>' | "${CXX:-c++}" -E -x c++ - >/dev/null 2>&1; then
      skip "no GoogleTest here (Debian: libgtest-dev), the kernel tests are not run"
    fi
    configure -DFOVEA_TESTS=ON
    quietly cmake --build "$build" --parallel "$jobs"
    if ! (cd "$build" && ctest --output-on-failure >"$log" 2>&1); then
      cat "$log" >&2
      exit 1
    fi
    ;;
  *)
    echo "native: unknown task $task" >&2
    exit 2
    ;;
esac
