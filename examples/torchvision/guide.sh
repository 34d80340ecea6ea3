#!/bin/sh
# Every command of docs/guide.md, in its order: from a torchvision checkpoint to a gated, pruned detector in a Java program.
#
#     examples/torchvision/guide.sh PHOTOS INSTANCES.json OUT [CHECKPOINT.pth]
#
# PHOTOS is a folder of photos of the kind that the detector will see, INSTANCES.json marks the objects in some of them (COCO's format),
# OUT takes what is made. Without a checkpoint the weights are random: the way is walked, but nothing useful is detected.
# GATE_MINUTES (default 20) bounds the training of the gate, LIMIT (default 1000) the photos that are looked at, FOVEA_JAVA names
# a JDK 25's java where /usr/lib/jvm has none.
# LABELS names a text file with the checkpoint's classes, one a line, the background first.
# With MODEL=FILE.onnx the first step copies that detector (and its FILE.json) instead of exporting one.
set -eu
[ $# -ge 3 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
fovea="$here/../../fovea"
photos=$1
boxes=$2
out=$3
checkpoint=${4:-}
python=${PYTHON:-python3}
name=${NAME:-ssdlite320_mobilenet_v3_large}
limit=${LIMIT:-1000}
java=${FOVEA_JAVA:-}
for home in "${JAVA_HOME:-}" "${JAVA25_HOME:-}" /usr/lib/jvm/*; do
    if [ -z "$java" ] && grep -qs '^JAVA_VERSION="\(2[5-9]\|[3-9][0-9]\)' "$home/release"; then java=$home/bin/java; fi
done
mkdir -p "$out"
say() { printf '\n== %s\n' "$*"; }

say "1. export"
if [ -n "${MODEL:-}" ]; then
    name=$(basename "${MODEL%.onnx}")
    cp "$MODEL" "$out/$name.onnx"
    [ ! -e "${MODEL%.onnx}.json" ] || cp "${MODEL%.onnx}.json" "$out/$name.json"
else
    "$python" "$here/export.py" "$name" --out "$out" ${checkpoint:+--checkpoint "$checkpoint"} ${LABELS:+--classes "$LABELS"}
fi
model="$out/$name.onnx"

say "2. is it read as its exporter meant it?"
"$fovea" inspect "$model"
"$fovea" verify "$model" --kernels cpp,vector

say "3. calibrate: what inactive sites read as, and which head rows matter"
"$fovea" calibrate --model "$model" --images "$photos" --limit "$limit" --out "$out/calibrated.onnx"

say "4. prune anchors that the detector can do without"
"$fovea" prune --model "$out/calibrated.onnx" --data "$boxes" --images "$photos" --limit "$limit" --out "$out/pruned"

say "5. train an objectness gate"
"$fovea" train-gate --model "$out/pruned/pruned.onnx" --images "$photos" --limit "$limit" --data "$boxes" --minutes "${GATE_MINUTES:-20}" \
    --out "$out/pruned/pruned.gate.onnx"

say "6. what does it cost, what does it find?"
"$fovea" eval --model "$out/pruned/pruned.onnx" --data "$boxes" --images "$photos" --limit "$limit" --gate none
"$fovea" eval --model "$out/pruned/pruned.onnx" --data "$boxes" --images "$photos" --limit "$limit" --gate auto

say "7. serve"
photo=$(find "$photos" -name '*.jpg' | sort | head -n 1)
"${java:-java}" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -cp "$here/../../target/launcher/lib/*" \
    "$here/../src/main/java/io/fovea/examples/DetectService.java" "$out/pruned/pruned.onnx" "${PORT:-8087}" &
service=$!
trap 'kill $service' EXIT
tries=0
while [ $tries -lt 90 ] && kill -0 $service; do # the program is compiled, and at its first start kernels are measured
    sleep 1
    tries=$((tries + 1))
    if curl -sf --data-binary "@$photo" "localhost:${PORT:-8087}/detect"; then exit 0; fi
done
echo "the service did not answer" >&2
exit 1
