"""What models/recovery learns from beside its teacher: the labels of the drawn streets.

    python3 ../recovery/recover.py --task labelled.py --teacher base.onnx --pruned pruned.onnx --train DIR [DIR ...] --held-out DIR \\
        --out recovered.onnx
"""
import pathlib
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from data import INPUT_HEIGHT, INPUT_WIDTH, Pictures, targets  # noqa: E402
from evaluate import LABELS, average_precision, detections, summary, truth_of  # noqa: E402
from loss import loss  # noqa: E402
from net import STRIDES  # noqa: E402

BOX = 0.15


def anchors_of(net):
    """[3, 3, 2]: net.py's decode multiplies sigmoid(wh)^2 by 4 * anchors, one constant per head; larger strides have larger ones."""
    found = [value for value in net.buffers() if value.shape == (1, 3, 1, 1, 2)]
    return torch.stack(sorted((value.reshape(3, 2) / 4 for value in found), key=lambda value: float(value.prod())))


class Samples(Pictures):
    """Pictures of data.py as the network takes them."""

    def plain(self, at):
        return prepared(*super().plain(at))

    def augmented(self, at, random):
        return prepared(*super().augmented(at, random))


def prepared(picture, rows):
    return np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32) / 255, rows


class Task:
    def __init__(self, options, student):
        self.heads = [node.output[0] for node in student.heads()]
        self.anchors, self.classes = anchors_of(student), len(LABELS)

    def pictures(self, folders):
        return Samples(folders)

    def maps(self, values):
        """[B, 3, H, W, 5 + classes] of each head."""
        return [values[name].unflatten(1, (3, 5 + self.classes)).permute(0, 1, 3, 4, 2) for name in self.heads]

    def loss(self, values, labels):
        return loss(self.maps(values), targets(labels), self, BOX)

    @torch.no_grad()
    def measure(self, student, pictures):
        found, truth = [], []
        for begin in range(0, len(pictures), 16):
            samples = [pictures.plain(i) for i in range(begin, min(begin + 16, len(pictures)))]
            values = student.run(torch.from_numpy(np.stack([picture for picture, _ in samples])), self.heads)
            for rows, (_, labels) in zip(self.decode(self.maps(values)).numpy(), samples):
                found.append(detections(rows))
                truth.append(truth_of(labels, INPUT_WIDTH, INPUT_HEIGHT))
        return summary(average_precision(found, truth, len(LABELS)))

    def decode(self, maps):
        """Rows [B, N, 5 + classes] in input pixels, as the tail of the exported graph computes them."""
        rows = []
        for y, stride, sizes in zip(maps, STRIDES, self.anchors):
            y = y.sigmoid()
            gy, gx = torch.meshgrid(torch.arange(y.shape[2]), torch.arange(y.shape[3]), indexing='ij')
            corner = torch.stack((gx, gy), 2).float() - 0.5
            xy = (y[..., :2] * 2 + corner) * stride
            wh = (y[..., 2:4] * 2) ** 2 * sizes.view(1, 3, 1, 1, 2)
            rows.append(torch.cat((xy, wh, y[..., 4:]), 4).flatten(1, 3))
        return torch.cat(rows, 1)
