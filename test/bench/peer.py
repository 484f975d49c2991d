"""The peer of `npm run bench`: OpenCV and ONNX Runtime as Python users run them, asked over standard input.

One JSON object a line comes in, one goes out:
  {"stage": "...", "iterations": n, ...}  ->  {"ms": [per iteration]}
The process stays up, so that its rounds and ours can take turns in one run. One thread everywhere.
"""

import json
import os
import resource
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import cv2  # noqa: E402
import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402

cv2.setNumThreads(1)
FRAME_COUNT = 8  # taken in turn, so that no frame is still in the cache


def frames(shape, seed=7):
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, shape, dtype=np.uint8) for _ in range(FRAME_COUNT)]


class Letterbox:
    """Resize with the aspect kept, pad 114, RGB planes, float32 0..1."""

    def __init__(self, width, height, side_w, side_h):
        self.scale = min(side_w / width, side_h / height)
        self.w, self.h = round(width * self.scale), round(height * self.scale)
        self.side_w, self.side_h = side_w, side_h
        self.left, self.top = (side_w - self.w) // 2, (side_h - self.h) // 2
        self.canvas = np.full((side_h, side_w, 3), 114, np.uint8)

    def usual(self, image):
        """The operations of Ultralytics' LetterBox and predictor, one by one."""
        resized = cv2.resize(image, (self.w, self.h), interpolation=cv2.INTER_LINEAR)
        bottom, right = self.side_h - self.h - self.top, self.side_w - self.w - self.left
        padded = cv2.copyMakeBorder(
            resized, self.top, bottom, self.left, right, cv2.BORDER_CONSTANT, value=(114, 114, 114)
        )
        chw = np.ascontiguousarray(padded[..., ::-1].transpose(2, 0, 1))
        return (chw.astype(np.float32) / 255.0)[None]

    def best(self, image):
        """The fastest way with OpenCV alone: resize into a kept canvas, then blobFromImage."""
        view = self.canvas[self.top : self.top + self.h, self.left : self.left + self.w]
        cv2.resize(image, (self.w, self.h), dst=view, interpolation=cv2.INTER_LINEAR)
        return cv2.dnn.blobFromImage(self.canvas, 1 / 255.0, swapRB=True)


def postprocess_best(output, threshold=0.25, iou=0.45):
    """Objectness first, then classes, then OpenCV's NMS with a class offset."""
    rows = output[0]
    rows = rows[rows[:, 4] > threshold]
    scores = rows[:, 5:] * rows[:, 4:5]
    classes = scores.argmax(1)
    best = scores[np.arange(len(scores)), classes]
    keep = best >= threshold
    rows, classes, best = rows[keep], classes[keep], best[keep]
    if len(rows) == 0:
        return rows, classes, best
    boxes = np.empty((len(rows), 4), np.float32)
    boxes[:, :2] = rows[:, :2] - rows[:, 2:4] / 2
    boxes[:, 2:] = rows[:, 2:4]
    chosen = cv2.dnn.NMSBoxesBatched(boxes, best, classes, threshold, iou)
    return boxes[chosen], classes[chosen], best[chosen]


def postprocess_usual(output, threshold=0.25, iou=0.45):
    """As in many scripts: every row through numpy, then NMS in Python."""
    rows = output[0]
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


class Network:
    """One session; `plain` as most scripts call it, `bound` with IoBinding and kept buffers."""

    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0]
        self.output = self.session.get_outputs()[0]
        self.tensor = np.zeros(self.input.shape, np.float32)
        self.result = np.zeros(self.output.shape, np.float32)
        self.binding = self.session.io_binding()
        self.binding.bind_cpu_input(self.input.name, self.tensor)
        self.binding.bind_output(
            self.output.name, "cpu", 0, np.float32, list(self.output.shape), self.result.ctypes.data
        )

    def bound(self):
        self.session.run_with_iobinding(self.binding)
        return self.result

    def plain(self, tensor):
        return self.session.run(None, {self.input.name: tensor})[0]


state = {}


def kept(key, make):
    if key not in state:
        state[key] = make()
    return state[key]


def letterbox(ask):
    width, height = ask["width"], ask["height"]
    box = kept(("box", width, height, ask["sideWidth"], ask["sideHeight"]),
               lambda: Letterbox(width, height, ask["sideWidth"], ask["sideHeight"]))
    step = box.usual if ask["way"] == "usual" else box.best
    kind = ask["encoding"]
    shape = {"rgb8": (height, width, 3), "nv12": (height * 3 // 2, width), "yuyv": (height, width, 2)}[kind]
    pictures = kept(("frames", kind, shape), lambda: frames(shape))
    code = {"nv12": cv2.COLOR_YUV2BGR_NV12, "yuyv": cv2.COLOR_YUV2BGR_YUYV}.get(kind)

    def one(index):
        picture = pictures[index % FRAME_COUNT]
        step(picture if code is None else cv2.cvtColor(picture, code))

    return one


def jpeg(ask):
    with open(ask["file"], "rb") as file:
        data = np.frombuffer(file.read(), np.uint8)
    box = kept(("box-jpeg", ask["sideWidth"], ask["sideHeight"]), lambda: None) or Letterbox(
        ask["width"], ask["height"], ask["sideWidth"], ask["sideHeight"]
    )
    half = Letterbox(ask["width"] // 2, ask["height"] // 2, ask["sideWidth"], ask["sideHeight"])

    def one(_):
        if ask["way"] == "half":
            half.best(cv2.imdecode(data, cv2.IMREAD_REDUCED_COLOR_2))
        else:
            box.best(cv2.imdecode(data, cv2.IMREAD_COLOR))

    return one


def postprocess(ask):
    output = kept(("output", ask["file"]), lambda: np.fromfile(ask["file"], np.float32).reshape(ask["shape"]))
    step = postprocess_usual if ask["way"] == "usual" else postprocess_best
    return lambda _: step(output)


def network(ask):
    net = kept(("net", ask["model"]), lambda: Network(ask["model"]))
    return (lambda _: net.plain(net.tensor)) if ask["way"] == "usual" else (lambda _: net.bound())


def yolox_decode(net, raw):
    """YOLOX's raw grid to the [cx cy w h obj class...] rows that the postprocess functions take."""
    grids = kept(("grid", net.input.shape[2], net.input.shape[3]), lambda: yolox_grid(*net.input.shape[2:4]))
    rows = raw.copy()
    rows[0, :, :2] = (rows[0, :, :2] + grids[0]) * grids[1]
    rows[0, :, 2:4] = np.exp(rows[0, :, 2:4]) * grids[1]
    return rows


def yolox_grid(height, width):
    cells, strides = [], []
    for stride in (8, 16, 32):
        ys, xs = np.mgrid[0 : height // stride, 0 : width // stride]
        cells.append(np.stack([xs.ravel(), ys.ravel()], 1))
        strides.append(np.full((xs.size, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def whole(ask):
    """A frame to detections; the time spent inside the network is taken out when `outside` is asked."""
    net = kept(("net", ask["model"]), lambda: Network(ask["model"]))
    width, height = ask["width"], ask["height"]
    box = kept(("whole-box", width, height), lambda: Letterbox(width, height, net.input.shape[3], net.input.shape[2]))
    pictures = kept(("frames", "rgb8", (height, width, 3)), lambda: frames((height, width, 3)))
    usual = ask["way"] == "usual"
    decoded = yolox_decode if ask["decoder"] == "yolox" else (lambda _, raw: raw)

    def one(index):
        picture = pictures[index % FRAME_COUNT]
        if usual:
            tensor = box.usual(picture)
            begin = time.perf_counter()
            raw = net.plain(tensor)
            inside = time.perf_counter() - begin
            postprocess_usual(decoded(net, raw))
        else:
            np.copyto(net.tensor, box.best(picture))
            begin = time.perf_counter()
            raw = net.bound()
            inside = time.perf_counter() - begin
            postprocess_best(decoded(net, raw))
        return inside

    return one


STAGES = {"letterbox": letterbox, "jpeg": jpeg, "postprocess": postprocess, "network": network, "whole": whole}


def main():
    for line in sys.stdin:
        ask = json.loads(line)
        if ask["stage"] == "memory":
            answer = {"bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
        else:
            one = STAGES[ask["stage"]](ask)
            spent = []
            for index in range(ask["iterations"]):
                begin = time.perf_counter()
                inside = one(index)
                taken = time.perf_counter() - begin
                if ask.get("outside"):
                    taken -= inside
                spent.append(taken * 1000)
            answer = {"ms": spent}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


main()
