#!/usr/bin/python3
"""COCO accuracy of a detector, computed without any code of Goshawk: the yardstick for `goshawk model evaluate`.

    /usr/bin/python3 test/bench/independent_evaluation.py yolox      ../shared/data/models/yolox-nano/yolox_nano.onnx
    /usr/bin/python3 test/bench/independent_evaluation.py fastestdet ../shared/data/models/fastestdet/FastestDet.onnx

Needs Debian's python3-onnxruntime, python3-opencv and python3-numpy. Options: --images, --labels (YOLO text), --json,
--goshawk BUNDLE also runs `goshawk model evaluate` on the bundle and exits with 1 when mAP differs by more than 0.5.

Rules (pycocotools' COCOeval, area "all"): every class of a box with a score above 0.01, NMS per class at IoU 0.65, at
most 100 boxes per picture, IoU .50 to .95 in steps of .05, precision at 101 recalls, classes without ground truth left
out, no crowd regions.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

import cv2
import numpy as np

# Debian's build registers its operators twice and writes 2,000 lines about it.
stderr, silent = os.dup(2), os.open(os.devnull, os.O_WRONLY)
os.dup2(silent, 2)
import onnxruntime  # noqa: E402

os.dup2(stderr, 2)

SCORE, NMS_IOU, MAX_BOXES = 0.01, 0.65, 100
IOUS = np.arange(10) * 0.05 + 0.5
RECALLS = np.linspace(0, 1, 101)
ROOT = pathlib.Path(__file__).resolve().parents[2]


def yolox(session, image):
    """Letterbox at the upper left, pad 114, BGR 0..255; boxes in cells of strides 8, 16, 32."""
    _, _, height, width = session.get_inputs()[0].shape
    ratio = min(width / image.shape[1], height / image.shape[0])
    size = (round(image.shape[1] * ratio), round(image.shape[0] * ratio))
    canvas = np.full((height, width, 3), 114, np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    blob = np.ascontiguousarray(canvas.transpose(2, 0, 1)[None].astype(np.float32))
    rows = session.run(None, {session.get_inputs()[0].name: blob})[0][0].astype(np.float64)
    cells = []
    for stride in (8, 16, 32):
        ys, xs = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack([xs.ravel(), ys.ravel(), np.full(xs.size, stride)], 1))
    cells = np.concatenate(cells)
    centre = (rows[:, :2] + cells[:, :2]) * cells[:, 2:]
    extent = np.exp(rows[:, 2:4]) * cells[:, 2:]
    scale = [image.shape[1] / size[0], image.shape[0] / size[1]] * 2
    boxes = np.concatenate([centre - extent / 2, centre + extent / 2], 1) * scale
    return boxes, rows[:, 4:5] * rows[:, 5:]


def fastestdet(session, image):
    """Plain resize, BGR / 255; score = objectness^0.6 * class^0.4 (the author's example/onnx-runtime/main.py)."""
    _, _, height, width = session.get_inputs()[0].shape
    blob = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR).transpose(2, 0, 1)[None]
    grid = session.run(None, {session.get_inputs()[0].name: blob.astype(np.float32) / 255})[0][0]
    rows_high, columns = grid.shape[1:]
    rows = grid.reshape(grid.shape[0], -1).T.astype(np.float64)
    ys, xs = np.mgrid[:rows_high, :columns]
    centre = np.stack([(xs.ravel() + np.tanh(rows[:, 1])) / columns, (ys.ravel() + np.tanh(rows[:, 2])) / rows_high], 1)
    extent = 1 / (1 + np.exp(-rows[:, 3:5]))
    scale = [image.shape[1], image.shape[0]] * 2
    boxes = np.concatenate([centre - extent / 2, centre + extent / 2], 1) * scale
    return boxes, rows[:, :1] ** 0.6 * rows[:, 5:] ** 0.4


def overlap(a, b):
    """IoU of every box of a with every box of b."""
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    inner = np.prod(np.clip(high - low, 0, None), 2)
    area = lambda boxes: np.prod(boxes[:, 2:] - boxes[:, :2], 1)
    return inner / np.maximum(area(a)[:, None] + area(b)[None] - inner, 1e-12)


def detect(read, session, image):
    """(class, score, box) of one picture after NMS, strongest first."""
    boxes, scores = read(session, image)
    height, width = image.shape[:2]
    found = []
    for kind in range(scores.shape[1]):
        strong = np.flatnonzero(scores[:, kind] > SCORE)
        strong = strong[np.argsort(-scores[strong, kind], kind="stable")]
        overlaps = overlap(boxes[strong], boxes[strong])
        alive = np.ones(len(strong), bool)
        for i in range(len(strong)):
            if not alive[i]:
                continue
            alive[i + 1 :] &= overlaps[i, i + 1 :] <= NMS_IOU
            box = np.clip(boxes[strong[i]], 0, [width, height, width, height])
            found.append((kind, scores[strong[i], kind], box))
    found.sort(key=lambda entry: -entry[1])
    return found[:MAX_BOXES]


def truth(path, image):
    """(class, box) in pixels from YOLO text."""
    if not path.exists():
        return []
    height, width = image.shape[:2]
    entries = []
    for line in path.read_text().splitlines():
        if line.strip():
            kind, cx, cy, w, h = map(float, line.split())
            box = np.array([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]) * [width, height, width, height]
            entries.append((int(kind), box))
    return entries


def average_precision(pictures, kind):
    """AP of one class at each of the ten IoUs; pictures = [(truth, detections)]."""
    hits, scores, positives = [], [], 0
    for known, found in pictures:
        boxes = np.array([box for k, box in known if k == kind]).reshape(-1, 4)
        guesses = [(score, box) for k, score, box in found if k == kind]
        positives += len(boxes)
        taken = np.zeros((len(IOUS), len(boxes)), bool)
        ious = overlap(np.array([box for _, box in guesses]).reshape(-1, 4), boxes)
        for d, (score, _) in enumerate(guesses):
            hit = np.zeros(len(IOUS), bool)
            for t, limit in enumerate(IOUS):
                free = np.where(taken[t], -1.0, ious[d]) if len(boxes) else np.array([])
                if len(free) and free.max() >= limit:
                    taken[t, int(free.argmax())] = hit[t] = True
            hits.append(hit)
            scores.append(score)
    order = np.argsort(-np.array(scores), kind="stable")
    result = []
    for t in range(len(IOUS)):
        right = np.array(hits).reshape(-1, len(IOUS))[order, t]
        positive = np.cumsum(right)
        recall, precision = positive / positives, positive / (np.arange(len(right)) + 1)
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        at = np.searchsorted(recall, RECALLS, side="left")
        result.append(np.mean([precision[i] if i < len(precision) else 0.0 for i in at]))
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("family", choices=["yolox", "fastestdet"])
    parser.add_argument("model")
    parser.add_argument("--images", default=ROOT / "../shared/data/coco-evaluation/images", type=pathlib.Path)
    parser.add_argument("--labels", default=ROOT / "../shared/data/coco-evaluation/labels", type=pathlib.Path)
    parser.add_argument("--goshawk", metavar="BUNDLE")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(arguments.model, options, providers=["CPUExecutionProvider"])
    read = {"yolox": yolox, "fastestdet": fastestdet}[arguments.family]
    pictures = []
    for path in sorted(arguments.images.glob("*.jpg")):
        image = cv2.imread(str(path))
        pictures.append((truth(arguments.labels / f"{path.stem}.txt", image), detect(read, session, image)))
    kinds = sorted({kind for known, _ in pictures for kind, _ in known})
    table = np.array([average_precision(pictures, kind) for kind in kinds])
    result = {"images": len(pictures), "map": table.mean(), "ap50": table[:, 0].mean()}

    if arguments.goshawk:
        command = [ROOT / "node_modules/.bin/tsx", ROOT / "src/cli/main.ts", "model", "evaluate", arguments.goshawk]
        command += ["--images", arguments.images, "--labels", arguments.labels, "--json"]
        said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        result["goshawk"] = {"map": said["map"], "ap50": said["ap50"], "engine": said["engine"]}
    if arguments.json:
        print(json.dumps(result))
    else:
        print(f"independent: mAP {result['map'] * 100:.2f}  AP50 {result['ap50'] * 100:.2f}  ({len(pictures)} pictures)")
        if arguments.goshawk:
            print(f"goshawk:     mAP {said['map'] * 100:.2f}  AP50 {said['ap50'] * 100:.2f}  ({said['engine']})")
    if arguments.goshawk and abs(said["map"] - result["map"]) * 100 > 0.5:
        sys.exit(1)


if __name__ == "__main__":
    main()
