#!/bin/sh
# Runs the Java tests of kernels, tables and nets on a 64-bit ARM Java under qemu: with NEON alone (Neoverse N1), then with SVE, and with
# the compiled kernels of the cross build. Emulation is slow: of KernelTest's cases every fifth is run, with SVE every eleventh and without
# the plain loops in Java. Needs what `mvn test-compile` makes, qemu-user-static and g++-aarch64-linux-gnu.
# Prints one line and succeeds where the ARM Java cannot be had.
set -eu
cd "$(dirname "$0")/.."

skip() {
  echo "SKIPPED Java on ARM: $1"
  exit 0
}

command -v qemu-aarch64-static >/dev/null 2>&1 || skip "no qemu-aarch64-static here"
root=$(native/arm-jvm.sh 2>&1) || skip "$root"
[ -d java/core/target/test-classes ] || { echo "no compiled tests: run mvn test-compile first" >&2; exit 1; }

library=native/build/aarch64/libfovea_native.so
if command -v aarch64-linux-gnu-g++ >/dev/null 2>&1; then
  (cd native && cmake --preset aarch64 >/dev/null && cmake --build --preset aarch64 --target fovea_native >/dev/null)
fi
[ -f $library ] || skip "no ARM cross compiler here"

work=$(mktemp -d "${TMPDIR:-/tmp}/fovea-arm.XXXXXX")
trap 'rm -rf "$work"' EXIT
mvn -q -B -ntp -pl java/core org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath \
  -Dmdep.includeScope=test -Dmdep.outputFile="$work/class-path"
classes=$PWD/java/core/target/test-classes:$PWD/java/core/target/classes:$(cat "$work/class-path")
library=$PWD/$library

# run CPU OPTIONS CLASS...
run() {
  cpu=$1
  thin=$2
  shift 2
  mkdir "$work/$cpu"
  cd "$work/$cpu"
  java="qemu-aarch64-static -cpu $cpu -L $root $root/java/bin/java"
  vectors=$($java -XX:+PrintFlagsFinal -version 2>/dev/null |
    sed -n 's/^ *[a-z]* *\(MaxVectorSize\|UseSVE\) *= *\([0-9]*\).*/\1=\2/p' | xargs)
  $java -Xmx1g --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Dfovea.native.path="$library" \
    $thin \
    -cp "$classes" io.fovea.testing.TestRun "$@" >log 2>&1 || { grep -v '^SKIPPED' log | tail -100; return 1; }
  echo "Java on ARM, processor $cpu, $vectors"
  grep '^TESTS' log
}

# One after the other would leave a core idle: most tests have one thread.
kernels="io.fovea.kernel.KernelTest io.fovea.kernel.cpp.CppBlockTest"
run max "-Dfovea.test.every=11 -Dfovea.test.tier=vector,cpp,winograd,winograd2" $kernels >"$work/sve" 2>&1 &
sve=$!
run neoverse-n1 -Dfovea.test.every=5 $kernels io.fovea.sites.MaskTest io.fovea.sites.SiteTableTest \
  io.fovea.head.HeadPartsTest io.fovea.run.RandomNetTest io.fovea.run.MaskedRunTest || { wait "$sve" || :; exit 1; }
wait "$sve" || { cat "$work/sve"; exit 1; }
cat "$work/sve"
