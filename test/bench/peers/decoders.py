"""Decode and NMS as numpy and OpenCV do it: a question names a formula of test/conformance/forms/oracle.py and its tensors, the
answer has the CPU time of each run. What many scripts do is done, too, where the rows allow it (FIRST): weak rows go before their
boxes are computed. Without "threshold" the answer is the score that so many rows reach."""
import json
import pathlib
import sys
import time

import cv2
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "conformance/forms"))
from oracle import FORMULAS, sigmoid, xywh2xyxy  # noqa: E402

cv2.setNumThreads(1)


def kept(boxes, scores, threshold, convert):
    k = np.flatnonzero(scores.max(1) >= threshold)
    s = scores[k]
    return convert(boxes[k]), s.argmax(1), s.max(1)


def same(b):
    return b


def yolov5(t, w, h, threshold):
    p = t["rows"][0][0]
    p = p[p[:, 4] >= threshold]
    return kept(p[:, :4], p[:, 5:] * p[:, 4:5], threshold, xywh2xyxy)


def yolov8(t, w, h, threshold):
    p = t["rows"][0][0]
    k = np.flatnonzero(p[4:].max(0) >= threshold)
    p = p[:, k].T
    return xywh2xyxy(p[:, :4]), p[:, 4:].argmax(1), p[:, 4:].max(1)


def rtdetr(t, w, h, threshold):
    boxes, classes, logits = kept(
        t["boxes"][0][0], t["logits"][0][0], np.log(threshold / (1 - threshold)), lambda b: xywh2xyxy(b) * np.float32([w, h, w, h]))
    return boxes, classes, sigmoid(logits)


FIRST = {
    "yolov5": yolov5, "yolov8": yolov8, "rtdetr": rtdetr,
    "corners": lambda t, w, h, s: kept(t["boxes"][0][0], t["scores"][0][0], s, same),
    "pp-yoloe": lambda t, w, h, s: kept(t["boxes"][0][0], t["scores"][0][0].T, s, same),
    "pp-yoloe-joined": lambda t, w, h, s: kept(t["rows"][0][0][:, :4], t["rows"][0][0][:, 4:], s, same),
    "yolov4": lambda t, w, h, s: kept(t["boxes"][0][0][:, 0], t["scores"][0][0], s, lambda b: b * np.float32([w, h, w, h])),
    "ultraface": lambda t, w, h, s: kept(t["boxes"][0][0], t["scores"][0][0][:, 1:], s, lambda b: b * np.float32([w, h, w, h])),
    "rtdetr-ultralytics": lambda t, w, h, s: kept(
        t["rows"][0][0][:, :4], t["rows"][0][0][:, 4:], s, lambda b: xywh2xyxy(b) * np.float32([w, h, w, h])),
}


def once(t, o, first):
    w, h, threshold = o["width"], o["height"], o["threshold"]
    if first:
        boxes, classes, scores = FIRST[o["formula"]](t, w, h, threshold)
    else:
        boxes, classes, scores = FORMULAS[o["formula"]](t, w, h, o["classes"])
        k = scores >= threshold
        boxes, classes, scores = boxes[k], classes[k], scores[k]
    if o["final"]:
        return len(scores)
    sides = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)
    return len(cv2.dnn.NMSBoxesBatched(sides.tolist(), scores.tolist(), classes.astype(int).tolist(), threshold, o["iou"]))


def answer(o):
    t = {
        role: [np.fromfile(x["file"], "<f4").reshape(x["dims"]) for x in given]
        for role, given in o["tensors"].items()
    }
    if "threshold" not in o:
        scores = np.sort(FORMULAS[o["formula"]](t, o["width"], o["height"], o["classes"])[2])[::-1]
        return {"score": float(scores[min(len(scores), o["rows"]) - 1])}
    ways = {}
    for name, first in [("formula", False)] + ([("first", True)] if o["formula"] in FIRST else []):
        found, ms = once(t, o, first), []
        for _ in range(o["iterations"]):
            begin = time.process_time()
            once(t, o, first)
            ms.append((time.process_time() - begin) * 1e3)
        ways[name] = {"boxes": found, "ms": ms}
    return ways


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
