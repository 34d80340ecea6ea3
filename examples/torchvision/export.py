#!/usr/bin/env python3
"""Writes a torchvision detector as NAME.onnx (raw head outputs) and NAME.json (what Fovea must know about it).

    python3 export.py ssdlite320_mobilenet_v3_large --checkpoint my_weights.pth --classes labels.txt --out models/

Needs torch and torchvision (0.12 or newer). Without --checkpoint the weights are random: good for trying the way, not for detecting.
Works with ssdlite320_mobilenet_v3_large, ssd300_vgg16 and retinanet_resnet50_fpn (the latter at --size, default 640, since torchvision
itself resizes every photo differently and an ONNX file for Fovea has one input size).
"""
import argparse
import json
import os

import torch
import torchvision

SIZES = {'ssdlite320_mobilenet_v3_large': 320, 'ssd300_vgg16': 300, 'retinanet_resnet50_fpn': 640}


class RawHead(torch.nn.Module):
    """The net up to its raw outputs: encoded boxes and class logits, one row per anchor; boxes are decoded by Fovea."""

    def __init__(self, model):
        super().__init__()
        self.backbone = model.backbone
        self.head = model.head

    def forward(self, image):
        out = self.head(list(self.backbone(image).values()))
        return out['bbox_regression'], out['cls_logits']


def feature_maps(model, size):
    """Anchors of every feature map in input pixels; torchvision orders rows by map, y, x, anchor, as Fovea does."""
    with torch.no_grad():
        maps = list(model.backbone(torch.zeros(1, 3, size, size)).values())
    generator = model.anchor_generator
    result = []
    for i, values in enumerate(maps):
        height, width = values.shape[-2:]
        if hasattr(generator, '_wh_pairs'):  # SSD: shares of the input; centres at (x + .5) / step, or of the map
            pairs = generator._wh_pairs[i]
            if generator.clip:
                pairs = pairs.clamp(0, 1)
            anchors = [[w * size, h * size] for w, h in pairs.tolist()]
            steps = generator.steps
            stride = (steps[i], steps[i]) if steps is not None else (size / height, size / width)
            offset = 0.5
        else:  # RetinaNet: whole pixels around the corner of the cell
            cells = generator.cell_anchors[i]
            anchors = [[x1 - x0, y1 - y0] for x0, y0, x1, y1 in cells.tolist()]
            stride = (size // height, size // width)
            offset = 0.0
        result.append({'height': height, 'width': width, 'strideY': stride[0], 'strideX': stride[1], 'offset': offset,
                       'anchors': anchors})
    return result


def spec(name, model, size, classes):
    retina = name.startswith('retinanet')
    weights = model.box_coder.weights
    transform = model.transform
    return {
        'name': name,
        'input': {'name': 'image', 'width': size, 'height': size, 'colorOrder': 'RGB', 'resize': 'BILINEAR',
                  'mean': [255 * m for m in transform.image_mean], 'scale': [1 / (255 * s) for s in transform.image_std]},
        'outputs': {'boxes': {'name': 'boxes'}, 'scores': {'name': 'scores'}},
        'classes': classes,
        'backgroundIndex': -1 if retina else 0,
        'scoreActivation': 'sigmoid' if retina else 'softmax',
        'codeType': 'CENTER_SIZE',
        'variances': [1 / w for w in weights],
        'featureMaps': feature_maps(model, size),
        'detectionOutput': {'confidenceThreshold': model.score_thresh, 'nmsThreshold': model.nms_thresh,
                            'topK': model.topk_candidates, 'keepTopK': model.detections_per_img},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('name', choices=sorted(SIZES))
    parser.add_argument('--checkpoint', help='a state_dict saved with torch.save')
    parser.add_argument('--classes', help='text file, one label a line, the background first')
    parser.add_argument('--num-classes', type=int, default=91)
    parser.add_argument('--size', type=int, help='input size; only for retinanet_resnet50_fpn')
    parser.add_argument('--seed', type=int, default=1, help='of random weights')
    parser.add_argument('--out', default='.')
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    size = args.size or SIZES[args.name]
    if args.size and not args.name.startswith('retinanet'):
        parser.error('--size: %s has a fixed input of %d' % (args.name, size))
    classes = ['class %d' % i for i in range(args.num_classes)]
    if args.classes:
        with open(args.classes) as f:
            classes = [line.strip() for line in f if line.strip()]
    build = getattr(torchvision.models.detection, args.name)
    model = build(weights=None, weights_backbone=None, num_classes=len(classes)).eval()
    if args.checkpoint:
        model.load_state_dict(torch.load(args.checkpoint, map_location='cpu'))
    os.makedirs(args.out, exist_ok=True)
    path = os.path.join(args.out, args.name)
    torch.onnx.export(RawHead(model).eval(), torch.zeros(1, 3, size, size), path + '.onnx', opset_version=13,
                      input_names=['image'], output_names=['boxes', 'scores'])
    with open(path + '.json', 'w') as f:
        json.dump(spec(args.name, model, size, classes), f, indent=1)
    print('wrote %s.onnx and %s.json' % (path, path))


if __name__ == '__main__':
    main()
