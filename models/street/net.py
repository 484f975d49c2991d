"""A small YOLOv5: CSP backbone, SPPF, PAN neck, three anchors on strides 8, 16 and 32. Dense convolutions and ReLU, so that
it can be pruned by channels and quantized to int8."""
import torch
import torch.nn as nn

STRIDES = (8, 16, 32)


class Conv(nn.Module):
    def __init__(self, c1, c2, k=1, s=1):
        super().__init__()
        self.conv = nn.Conv2d(c1, c2, k, s, k // 2, bias=False)
        self.bn = nn.BatchNorm2d(c2, eps=1e-3, momentum=0.03)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


class Bottleneck(nn.Module):
    def __init__(self, c, shortcut):
        super().__init__()
        self.cv1 = Conv(c, c, 1)
        self.cv2 = Conv(c, c, 3)
        self.add = shortcut

    def forward(self, x):
        y = self.cv2(self.cv1(x))
        return x + y if self.add else y


class C3(nn.Module):
    def __init__(self, c1, c2, n=1, shortcut=True):
        super().__init__()
        c = c2 // 2
        self.cv1 = Conv(c1, c)
        self.cv2 = Conv(c1, c)
        self.cv3 = Conv(2 * c, c2)
        self.m = nn.Sequential(*(Bottleneck(c, shortcut) for _ in range(n)))

    def forward(self, x):
        return self.cv3(torch.cat((self.m(self.cv1(x)), self.cv2(x)), 1))


class SPPF(nn.Module):
    def __init__(self, c1, c2):
        super().__init__()
        c = c1 // 2
        self.cv1 = Conv(c1, c)
        self.cv2 = Conv(c * 4, c2)
        self.pool = nn.MaxPool2d(5, 1, 2)

    def forward(self, x):
        x = self.cv1(x)
        a = self.pool(x)
        b = self.pool(a)
        return self.cv2(torch.cat((x, a, b, self.pool(b)), 1))


class Street(nn.Module):
    """`forward` gives three maps [B, 3, H, W, 5 + classes] of logits."""

    def __init__(self, classes, anchors, width=16, size=(192, 320)):
        super().__init__()
        self.classes = classes
        self.size = size
        self.register_buffer('anchors', torch.as_tensor(anchors, dtype=torch.float32).view(3, 3, 2))
        w = width
        c = (w, 2 * w, 4 * w, 8 * w, 12 * w)
        self.stem = Conv(3, c[0], 3, 2)
        self.d1, self.c1 = Conv(c[0], c[1], 3, 2), C3(c[1], c[1], 1)
        self.d2, self.c2 = Conv(c[1], c[2], 3, 2), C3(c[2], c[2], 2)
        self.d3, self.c3 = Conv(c[2], c[3], 3, 2), C3(c[3], c[3], 2)
        self.d4, self.c4 = Conv(c[3], c[4], 3, 2), C3(c[4], c[4], 1)
        self.sppf = SPPF(c[4], c[4])
        self.l5, self.u4 = Conv(c[4], c[3]), C3(2 * c[3], c[3], 1, False)
        self.l4, self.u3 = Conv(c[3], c[2]), C3(2 * c[2], c[2], 1, False)
        self.p4, self.n4 = Conv(c[2], c[2], 3, 2), C3(2 * c[2], c[3], 1, False)
        self.p5, self.n5 = Conv(c[3], c[3], 3, 2), C3(2 * c[3], c[4], 1, False)
        self.up = nn.Upsample(scale_factor=2, mode='nearest')
        self.heads = nn.ModuleList(nn.Conv2d(x, 3 * (5 + classes), 1) for x in (c[2], c[3], c[4]))
        # Plain constants, so that the exported graph holds no arithmetic on shapes.
        self.corners, self.scales = [], []
        for stride, anchor in zip(STRIDES, self.anchors):
            gy, gx = torch.meshgrid(torch.arange(size[0] // stride), torch.arange(size[1] // stride), indexing='ij')
            self.corners.append(((torch.stack((gx, gy), 2).float() - 0.5) * stride)[None, None])
            self.scales.append(4 * anchor.clone().view(1, 3, 1, 1, 2))
        for head, stride in zip(self.heads, STRIDES):
            # A picture holds about 12 objects at first guess; classes are about equally likely.
            bias = head.bias.detach().view(3, -1)
            cells = (size[0] / stride) * (size[1] / stride)
            bias[:, 4] = torch.log(torch.tensor(12 / cells))
            bias[:, 5:] = torch.log(torch.tensor(0.6 / (classes - 0.99)))

    def forward(self, x):
        x = self.c2(self.d2(self.c1(self.d1(self.stem(x)))))
        p3 = x
        p4 = self.c3(self.d3(p3))
        p5 = self.sppf(self.c4(self.d4(p4)))
        t5 = self.l5(p5)
        t4 = self.l4(self.u4(torch.cat((self.up(t5), p4), 1)))
        o3 = self.u3(torch.cat((self.up(t4), p3), 1))
        o4 = self.n4(torch.cat((self.p4(o3), t4), 1))
        o5 = self.n5(torch.cat((self.p5(o4), t5), 1))
        out = []
        for head, feature in zip(self.heads, (o3, o4, o5)):
            y = head(feature)
            b, _, h, w = y.shape
            out.append(y.view(b, 3, 5 + self.classes, h, w).permute(0, 1, 3, 4, 2))
        return out

    def decode(self, maps):
        """[B, N, 5 + classes]: centre, width and height in input pixels, then sigmoid scores."""
        rows = []
        for y, stride, corner, anchor in zip(maps, STRIDES, self.corners, self.scales):
            b, n = y.shape[0], y.shape[4]
            y = y.sigmoid()
            xy = y[..., 0:2] * (2 * stride) + corner
            wh = y[..., 2:4] ** 2 * anchor
            rows.append(torch.cat((xy, wh, y[..., 4:]), 4).reshape(b, -1, n))
        return torch.cat(rows, 1)


class Decoded(nn.Module):
    """What is exported: picture in, rows out."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net.decode(self.net(x))
