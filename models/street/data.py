"""Pictures that render.ts wrote (320 x 180 rgb8) as letterboxed and augmented batches."""
import json
import pathlib

import cv2
import numpy as np
import torch

WIDTH, HEIGHT = 320, 180
INPUT_WIDTH, INPUT_HEIGHT = 320, 192
PAD = 114
cv2.setNumThreads(1)


class Pictures:
    def __init__(self, folders):
        self.images, self.labels = [], []
        for folder in map(pathlib.Path, folders):
            lines = (folder / 'labels.jsonl').read_text().splitlines()
            pixels = np.fromfile(folder / 'images.bin', np.uint8).reshape(-1, HEIGHT, WIDTH, 3)
            for image, line in zip(pixels, lines):
                self.images.append(image)
                self.labels.append(np.array(json.loads(line), np.float32).reshape(-1, 5))

    def __len__(self):
        return len(self.images)

    def plain(self, i):
        """Letterboxed picture and rows (class, cx, cy, w, h) in 0..1 of the input."""
        canvas = np.full((INPUT_HEIGHT, INPUT_WIDTH, 3), PAD, np.uint8)
        top = (INPUT_HEIGHT - HEIGHT) // 2
        canvas[top : top + HEIGHT] = self.images[i]
        rows = self.labels[i].copy()
        rows[:, 2] = (rows[:, 2] * HEIGHT + top) / INPUT_HEIGHT
        rows[:, 4] = rows[:, 4] * HEIGHT / INPUT_HEIGHT
        return canvas, rows

    def augmented(self, i, random):
        image, rows = self.images[i], self.labels[i].copy()
        if random.random() < 0.5:
            image, rows[:, 1] = image[:, ::-1], 1 - rows[:, 1]
        scale = float(np.exp(random.uniform(-0.12, 0.4))) if random.random() < 0.7 else 1.0
        slack = np.array([INPUT_WIDTH - WIDTH * scale, INPUT_HEIGHT - HEIGHT * scale])
        shift = slack / 2 if scale == 1.0 else slack * random.uniform(0, 1, 2)
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        image = cv2.warpAffine(
            image, matrix, (INPUT_WIDTH, INPUT_HEIGHT), flags=cv2.INTER_LINEAR, borderValue=(PAD, PAD, PAD)
        )
        if random.random() < 0.6:
            gain = random.uniform(0.75, 1.25) * random.uniform(0.94, 1.06, 3)
            table = np.clip(np.arange(256)[:, None] * gain + random.uniform(-12, 12), 0, 255).astype(np.uint8)
            image = cv2.LUT(image, table.reshape(1, 256, 3))
        # warpAffine counts from the middle of the first pixel, boxes from its edge.
        edge = shift + 0.5 * (1 - scale)
        cx, cy = rows[:, 1] * WIDTH * scale + edge[0], rows[:, 2] * HEIGHT * scale + edge[1]
        w, h = rows[:, 3] * WIDTH * scale, rows[:, 4] * HEIGHT * scale
        x1, x2 = np.clip(cx - w / 2, 0, INPUT_WIDTH), np.clip(cx + w / 2, 0, INPUT_WIDTH)
        y1, y2 = np.clip(cy - h / 2, 0, INPUT_HEIGHT), np.clip(cy + h / 2, 0, INPUT_HEIGHT)
        # Half of an object must be left, and enough pixels of it.
        keep = ((x2 - x1) * (y2 - y1) > 0.4 * w * h) & (np.maximum(x2 - x1, y2 - y1) > 4) & (np.minimum(x2 - x1, y2 - y1) > 2)
        out = np.stack((rows[:, 0], (x1 + x2) / 2 / INPUT_WIDTH, (y1 + y2) / 2 / INPUT_HEIGHT,
                        (x2 - x1) / INPUT_WIDTH, (y2 - y1) / INPUT_HEIGHT), 1)[keep]
        return image, out


def batch(samples):
    """uint8 pictures and rows to a float tensor [B, 3, H, W] in 0..1 and targets [n, 6] with the picture's number first."""
    images = torch.from_numpy(np.ascontiguousarray(np.stack([s[0] for s in samples]).transpose(0, 3, 1, 2))).float().div_(255)
    return images, targets([s[1] for s in samples])


def targets(labels):
    """Rows of each picture to targets [n, 6]."""
    rows = [np.concatenate((np.full((len(of), 1), i), of), 1) for i, of in enumerate(labels)]
    return torch.from_numpy(np.concatenate(rows).astype(np.float32))


def anchors(pictures, random, count=9):
    """k-means over log sizes of all boxes, sorted by area."""
    sizes = np.concatenate([r[:, 3:5] for r in pictures.labels]) * (WIDTH, HEIGHT)
    logs = np.log(sizes)
    centres = logs[np.argsort(sizes.prod(1))[np.linspace(0, len(logs) - 1, count + 2).astype(int)[1:-1]]]
    for _ in range(30):
        nearest = ((logs[:, None] - centres[None]) ** 2).sum(2).argmin(1)
        centres = np.array([logs[nearest == k].mean(0) if (nearest == k).any() else centres[k] for k in range(count)])
    found = np.exp(centres)
    return found[np.argsort(found.prod(1))].round(1)
