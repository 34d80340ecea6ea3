#!/usr/bin/env bash
# Walks docs/guide.md as a whole with examples/torchvision/guide.sh: a checkpoint of seeded random weights, drawn photos, a gate trained for
# some seconds. Skipped with one line where no Python has torch, torchvision and onnx; the guide's other commands run in the build anyway (GuideTest).
set -euo pipefail
cd "$(dirname "$0")/.."

python=
for candidate in python3 /usr/bin/python3; do
  if "$candidate" -c 'import onnx, torch, torchvision' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "SKIPPED examples/torchvision/guide.sh: no python3 with torch, torchvision and onnx here"
  exit 0
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/fovea-guide.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$python" - "$work" <<'EOF'
import json, os, random, sys
import torch, torchvision
from PIL import Image, ImageDraw

work = sys.argv[1]
torch.manual_seed(5)
with open(os.path.join(work, 'labels.txt'), 'w') as file:
    file.write('background\nperson\ncar\n')
model = torchvision.models.detection.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=3)
# Batch norms as after training: what noise makes of these weights is normalised, so that outputs differ from place to place.
for module in model.modules():
    if isinstance(module, torch.nn.BatchNorm2d):
        module.reset_running_stats()
        module.momentum = 0.5
model.train()
with torch.no_grad():
    for _ in range(4):
        model.head(list(model.backbone(torch.randn(2, 3, 320, 320)).values()))
torch.save(model.state_dict(), os.path.join(work, 'checkpoint.pth'))

random.seed(5)
os.mkdir(os.path.join(work, 'photos'))
images, objects = [], []
for number in range(1, 41):
    photo = Image.effect_noise((320, 240), 60).convert('RGB')
    draw = ImageDraw.Draw(photo)
    for _ in range(random.randrange(1, 4)):
        w, h = random.randrange(30, 120), random.randrange(30, 120)
        x, y = random.randrange(0, 320 - w), random.randrange(0, 240 - h)
        draw.rectangle((x, y, x + w, y + h), fill=(220, random.randrange(60), 40))
        objects.append({'id': len(objects) + 1, 'image_id': number, 'category_id': 1, 'bbox': [x, y, w, h], 'area': w * h})
    photo.save(os.path.join(work, 'photos', f'{number:03}.jpg'))
    images.append({'id': number, 'file_name': f'{number:03}.jpg', 'width': 320, 'height': 240})
with open(os.path.join(work, 'instances.json'), 'w') as file:
    json.dump({'images': images, 'annotations': objects, 'categories': [{'id': 1, 'name': 'person'}]}, file)
EOF
if ! PYTHON=$python LABELS=$work/labels.txt GATE_MINUTES=0.3 examples/torchvision/guide.sh "$work/photos" "$work/instances.json" "$work/out" "$work/checkpoint.pth" \
  >"$work/log" 2>&1; then
  tail -n 40 "$work/log"
  exit 1
fi
echo "examples/torchvision/guide.sh: went through in $SECONDS s; the service answered:"
tail -n 1 "$work/log"
