"""A detector as Python users write one, twice: the usual way, and the best that OpenCV and ONNX Runtime allow."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
import cv2  # noqa: E402
import numpy as np  # noqa: E402

import onnxruntime  # noqa: E402

cv2.setNumThreads(1)


class Letterbox:
    """Resize with the aspect kept, pad 114, planes of float32. `unit` is 1/255 or 1; `swap` turns the colours round."""

    def __init__(self, width, height, side_w, side_h, fit="center", unit=1 / 255, swap=True):
        scale = min(side_w / width, side_h / height)
        self.w, self.h = round(width * scale), round(height * scale)
        self.side_w, self.side_h = side_w, side_h
        centred = fit == "center"
        self.left = (side_w - self.w) // 2 if centred else 0
        self.top = (side_h - self.h) // 2 if centred else 0
        self.unit, self.swap = unit, swap
        self.canvas = np.full((side_h, side_w, 3), 114, np.uint8)

    def usual(self, image):
        """The operations of Ultralytics' LetterBox and predictor, one by one."""
        resized = cv2.resize(image, (self.w, self.h), interpolation=cv2.INTER_LINEAR)
        bottom, right = self.side_h - self.h - self.top, self.side_w - self.w - self.left
        padded = cv2.copyMakeBorder(
            resized, self.top, bottom, self.left, right, cv2.BORDER_CONSTANT, value=(114, 114, 114)
        )
        chw = np.ascontiguousarray((padded[..., ::-1] if self.swap else padded).transpose(2, 0, 1))
        values = chw.astype(np.float32)
        return (values / 255.0 if self.unit != 1 else values)[None]

    def best(self, image):
        """The fastest way with OpenCV alone: resize into a kept canvas, then blobFromImage."""
        view = self.canvas[self.top : self.top + self.h, self.left : self.left + self.w]
        cv2.resize(image, (self.w, self.h), dst=view, interpolation=cv2.INTER_LINEAR)
        return cv2.dnn.blobFromImage(self.canvas, self.unit, swapRB=self.swap)


def grid(height, width):
    cells, strides = [], []
    for stride in (8, 16, 32):
        ys, xs = np.mgrid[0 : height // stride, 0 : width // stride]
        cells.append(np.stack([xs.ravel(), ys.ravel()], 1))
        strides.append(np.full((xs.size, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def best_boxes(rows, cells=None, threshold=0.25, iou=0.45):
    """Objectness first, so that everything after it sees few rows; then OpenCV's NMS with a class offset."""
    strong = np.flatnonzero(rows[:, 4] > threshold)
    few = rows[strong]
    scores = few[:, 5:] * few[:, 4:5]
    classes = scores.argmax(1)
    best = scores[np.arange(len(scores)), classes]
    keep = best >= threshold
    few, classes, best, strong = few[keep], classes[keep], best[keep], strong[keep]
    if len(few) == 0:
        return few, classes, best
    if cells is not None:
        few[:, :2] = (few[:, :2] + cells[0][strong]) * cells[1][strong]
        few[:, 2:4] = np.exp(few[:, 2:4]) * cells[1][strong]
    boxes = np.empty((len(few), 4), np.float32)
    boxes[:, :2] = few[:, :2] - few[:, 2:4] / 2
    boxes[:, 2:] = few[:, 2:4]
    chosen = cv2.dnn.NMSBoxesBatched(boxes, best, classes, threshold, iou)
    return boxes[chosen], classes[chosen], best[chosen]


def usual_boxes(rows, cells=None, threshold=0.25, iou=0.45):
    """As in many scripts: every row through numpy, then NMS in Python."""
    if cells is not None:
        rows = rows.copy()
        rows[:, :2] = (rows[:, :2] + cells[0]) * cells[1]
        rows[:, 2:4] = np.exp(rows[:, 2:4]) * cells[1]
    scores = rows[:, 5:] * rows[:, 4:5]
    classes = scores.argmax(1)
    best = scores.max(1)
    boxes = np.concatenate([rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2], 1)
    keep = best >= threshold
    boxes, classes, best = boxes[keep], classes[keep], best[keep]
    offset = boxes + classes[:, None] * 4096.0
    order = best.argsort()[::-1]
    chosen = []
    while order.size:
        first, rest = order[0], order[1:]
        chosen.append(first)
        lt = np.maximum(offset[first, :2], offset[rest, :2])
        rb = np.minimum(offset[first, 2:], offset[rest, 2:])
        inter = np.prod(np.clip(rb - lt, 0, None), 1)
        area = np.prod(offset[:, 2:] - offset[:, :2], 1)
        order = rest[inter / (area[first] + area[rest] - inter + 1e-9) <= iou]
    return boxes[chosen], classes[chosen], best[chosen]


class Quiet:
    """Debian's build registers its operators twice and writes 2,000 lines about it, past Python, to descriptor 2."""

    def __enter__(self):
        self.kept, silent = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 2)
        os.close(silent)

    def __exit__(self, *_):
        os.dup2(self.kept, 2)
        os.close(self.kept)


class Network:
    """One session; `plain` as most scripts call it, `bound` with IoBinding and a kept output."""

    def __init__(self, path, session=None, threads=1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        if session is None:
            with Quiet():
                session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.session = session
        self.input = self.session.get_inputs()[0]
        self.output = self.session.get_outputs()[0]
        self.height, self.width = self.input.shape[2:4]
        # A batch that is free is one here.
        shape = [side if isinstance(side, int) else 1 for side in self.output.shape]
        self.result = np.zeros(shape, np.float32)
        self.binding = self.session.io_binding()
        self.binding.bind_output(self.output.name, "cpu", 0, np.float32, shape, self.result.ctypes.data)

    def bind(self, tensor):
        """No copy: the session reads the array where it lies."""
        self.tensor = tensor
        self.binding.bind_cpu_input(self.input.name, tensor)

    def bound(self):
        self.session.run_with_iobinding(self.binding)
        return self.result

    def plain(self, tensor):
        return self.session.run(None, {self.input.name: tensor})[0]


class Model:
    """What the bench says of the model: path, decoder, fit, scale, colour order; frames are rgb."""

    def __init__(self, ask):
        self.path, self.decoder = ask["model"], ask["decoder"]
        self.fit, self.unit, self.swap = ask["fit"], ask["unit"], ask["swap"]

    def letterbox(self, network, width, height):
        return Letterbox(width, height, network.width, network.height, self.fit, self.unit, self.swap)

    def cells(self, network):
        return grid(network.height, network.width) if self.decoder == "yolox" else None


def read_frames(ask):
    """The pictures that the other side takes too, one after the other in one file."""
    pixels = np.fromfile(ask["frames"], np.uint8)
    return list(pixels.reshape(-1, ask["height"], ask["width"], 3))


def memory_mb():
    """Resident memory now and at its highest."""
    fields = {}
    with open("/proc/self/status") as status:
        for line in status:
            key, _, value = line.partition(":")
            fields[key] = value
    return int(fields["VmRSS"].split()[0]) / 1024, int(fields["VmHWM"].split()[0]) / 1024
