"""YOLOv5's loss: CIoU for boxes, BCE for objectness (target is the IoU) and classes; targets go to every anchor of a
similar size in the cell of the centre and its two nearest neighbours."""
import math

import torch
import torch.nn.functional as F

from net import STRIDES

BALANCE = (4.0, 1.0, 0.4)
OBJECT, CLASS = 0.4, 0.06
OFFSETS = torch.tensor([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]], dtype=torch.float32) * 0.5


def ciou(a, b):
    """Complete IoU of boxes [n, 4] given as centre and size."""
    ax1, ay1, ax2, ay2 = a[:, 0] - a[:, 2] / 2, a[:, 1] - a[:, 3] / 2, a[:, 0] + a[:, 2] / 2, a[:, 1] + a[:, 3] / 2
    bx1, by1, bx2, by2 = b[:, 0] - b[:, 2] / 2, b[:, 1] - b[:, 3] / 2, b[:, 0] + b[:, 2] / 2, b[:, 1] + b[:, 3] / 2
    inter = (torch.min(ax2, bx2) - torch.max(ax1, bx1)).clamp(0) * (torch.min(ay2, by2) - torch.max(ay1, by1)).clamp(0)
    iou = inter / (a[:, 2] * a[:, 3] + b[:, 2] * b[:, 3] - inter + 1e-7)
    cw, ch = torch.max(ax2, bx2) - torch.min(ax1, bx1), torch.max(ay2, by2) - torch.min(ay1, by1)
    rho = (a[:, 0] - b[:, 0]) ** 2 + (a[:, 1] - b[:, 1]) ** 2
    v = 4 / math.pi**2 * (torch.atan(b[:, 2] / (b[:, 3] + 1e-7)) - torch.atan(a[:, 2] / (a[:, 3] + 1e-7))) ** 2
    with torch.no_grad():
        alpha = v / (v - iou + 1 + 1e-7)
    return iou - (rho / (cw**2 + ch**2 + 1e-7) + v * alpha)


def assign(target, anchors, h, w):
    """Target rows (picture, class, cx, cy, w, h in 0..1) to (picture, anchor, gy, gx, class, box in cells, anchor size)."""
    gain = torch.tensor([1, 1, w, h, w, h], dtype=torch.float32)
    t = target * gain
    count = t.shape[0]
    index = torch.arange(3).view(3, 1).expand(3, count)
    t = torch.cat((t.unsqueeze(0).expand(3, count, 6), index.unsqueeze(2)), 2)
    ratio = t[:, :, 4:6] / anchors.unsqueeze(1)
    t = t[torch.max(ratio, 1 / ratio).max(2).values < 4.0]
    xy = t[:, 2:4]
    back = torch.tensor([w, h]) - xy
    j, k = ((xy % 1 < 0.5) & (xy > 1)).T
    l, m = ((back % 1 < 0.5) & (back > 1)).T
    near = torch.stack((torch.ones_like(j), j, k, l, m))
    t = t.unsqueeze(0).expand(5, -1, -1)[near]
    offset = OFFSETS.unsqueeze(1).expand(5, xy.shape[0], 2)[near]
    cell = (t[:, 2:4] - offset).long()
    gx, gy = cell[:, 0].clamp(0, w - 1), cell[:, 1].clamp(0, h - 1)
    anchor = t[:, 6].long()
    box = torch.cat((t[:, 2:4] - torch.stack((gx, gy), 1), t[:, 4:6]), 1)
    return t[:, 0].long(), anchor, gy, gx, t[:, 1].long(), box, anchors[anchor]


def loss(maps, target, net, box_weight):
    total_box = total_object = total_class = torch.zeros(())
    for y, stride, anchors, balance in zip(maps, STRIDES, net.anchors, BALANCE):
        want = torch.zeros(y.shape[:4])
        if len(target):
            b, a, gy, gx, label, box, size = assign(target, anchors / stride, y.shape[2], y.shape[3])
            if len(b):
                p = y[b, a, gy, gx]
                found = torch.cat((p[:, :2].sigmoid() * 2 - 0.5, (p[:, 2:4].sigmoid() * 2) ** 2 * size), 1)
                overlap = ciou(found, box)
                total_box = total_box + (1 - overlap).mean()
                value = overlap.detach().clamp(0)
                order = value.argsort()
                want[b[order], a[order], gy[order], gx[order]] = value[order]
                total_class = total_class + F.binary_cross_entropy_with_logits(
                    p[:, 5:], F.one_hot(label, net.classes).float()
                )
        total_object = total_object + balance * F.binary_cross_entropy_with_logits(y[..., 4], want)
    return box_weight * total_box + OBJECT * total_object + CLASS * total_class
