"""COCO-style accuracy: 101-point interpolation, IoU .5 to .95, every class of a box with a score above 0.01, class-wise NMS at
IoU 0.65, at most 100 detections per picture.

    python3 evaluate.py --data DIR --model street.onnx [--threads 1]
"""
import argparse
import json
import pathlib

import numpy as np

LABELS = pathlib.Path(__file__).with_name('labels.txt').read_text().split()


def overlap(a, b):
    """IoU of boxes a [n, 4] with b [m, 4], corners."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = np.clip(high - low, 0, None).prod(2)
    area = lambda x: (x[:, 2] - x[:, 0]) * (x[:, 3] - x[:, 1])
    return inter / (area(a)[:, None] + area(b)[None] - inter + 1e-9)


def detections(rows, least=0.01, iou=0.65, most=100):
    """Rows [N, 5 + classes] to (class, score, x1, y1, x2, y2) after NMS."""
    scores = rows[:, 5:] * rows[:, 4:5]
    row, label = np.nonzero(scores > least)
    score = scores[row, label]
    order = np.argsort(-score, kind='stable')[:1500]
    row, label, score = row[order], label[order], score[order]
    centre, size = rows[row, :2], rows[row, 2:4]
    boxes = np.concatenate((centre - size / 2, centre + size / 2), 1)
    kept = []
    for c in np.unique(label):
        index = np.flatnonzero(label == c)
        matrix = overlap(boxes[index], boxes[index])
        alive = np.ones(len(index), bool)
        for k in range(len(index)):
            if alive[k]:
                kept.append(index[k])
                alive[k + 1 :] &= matrix[k, k + 1 :] <= iou
    kept = np.array(sorted(kept, key=lambda k: -score[k])[:most], int)
    return np.concatenate((label[kept, None], score[kept, None], boxes[kept]), 1)


def average_precision(found, truth, classes):
    """found: list per picture of (class, score, box); truth: list of (class, box). Gives AP [classes, 10]."""
    thresholds = np.linspace(0.5, 0.95, 10)
    result = np.full((classes, 10), np.nan)
    for c in range(classes):
        total, scores, hits = 0, [], []
        for f, t in zip(found, truth):
            f, t = f[f[:, 0] == c], t[t[:, 0] == c]
            total += len(t)
            if not len(f):
                continue
            scores.append(f[:, 1])
            hit = np.zeros((len(f), 10), bool)
            if len(t):
                matrix = overlap(f[:, 2:], t[:, 1:])
                for k, threshold in enumerate(thresholds):
                    free = np.ones(len(t), bool)
                    for d in range(len(f)):
                        best = np.where(free, matrix[d], -1)
                        g = best.argmax()
                        if best[g] >= threshold:
                            hit[d, k], free[g] = True, False
            hits.append(hit)
        if not total:
            continue
        if not scores:
            result[c] = 0
            continue
        order = np.argsort(-np.concatenate(scores), kind='stable')
        hit = np.concatenate(hits)[order]
        positive = hit.cumsum(0)
        recall, precision = positive / total, positive / np.arange(1, len(hit) + 1)[:, None]
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        for k in range(10):
            at = np.searchsorted(recall[:, k], np.linspace(0, 1, 101), side='left')
            result[c, k] = np.append(precision[:, k], 0)[np.minimum(at, len(hit))].mean()
    return result


def truth_of(rows, width, height):
    """Rows (class, cx, cy, w, h) in 0..1 to (class, corners in pixels)."""
    c, s = rows[:, 1:3] * (width, height), rows[:, 3:5] * (width, height)
    return np.concatenate((rows[:, :1], c - s / 2, c + s / 2), 1)


def summary(ap):
    return {
        'mAP': round(float(np.nanmean(ap)) * 100, 2),
        'AP50': round(float(np.nanmean(ap[:, 0])) * 100, 2),
        'classes': {n: [round(float(a.mean()) * 100, 1), round(float(a[0]) * 100, 1)] for n, a in zip(LABELS, ap)},
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--data', required=True)
    parser.add_argument('--model', default=str(pathlib.Path(__file__).with_name('street.onnx')))
    parser.add_argument('--threads', type=int, default=1)
    options = parser.parse_args()
    import onnxruntime

    from data import INPUT_HEIGHT, INPUT_WIDTH, Pictures, batch

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(options.model, settings, providers=['CPUExecutionProvider'])
    pictures = Pictures([options.data])
    found, truth = [], []
    for i in range(len(pictures)):
        image, rows = pictures.plain(i)
        x, _ = batch([(image, rows)])
        found.append(detections(session.run(None, {'images': x.numpy()})[0][0]))
        truth.append(truth_of(rows, INPUT_WIDTH, INPUT_HEIGHT))
    print(json.dumps({'pictures': len(pictures), 'objects': sum(map(len, truth)), **summary(average_precision(found, truth, len(LABELS)))}))


if __name__ == '__main__':
    main()
