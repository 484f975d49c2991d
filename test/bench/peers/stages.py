"""The Python peer of `npm run bench`, asked over standard input.

One JSON object a line comes in, one goes out:
  {"stage": "...", "iterations": n, ...}  ->  {"ms": [per iteration]}
The process stays up, so that its rounds and ours can take turns in one run. One thread everywhere.
"""

import json
import os
import sys
import time

from detector import Letterbox, Model, Network, best_boxes, cv2, np, read_frames, usual_boxes

FRAME_COUNT = 8  # taken in turn, so that no frame is still in the cache
state = {}


def kept(key, make):
    if key not in state:
        state[key] = make()
    return state[key]


def noise(shape, seed=7):
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, shape, dtype=np.uint8) for _ in range(FRAME_COUNT)]


def letterbox(ask):
    width, height = ask["width"], ask["height"]
    box = kept("box", lambda: Letterbox(width, height, ask["side"], ask["side"]))
    step = box.usual if ask["way"] == "usual" else box.best
    kind = ask["encoding"]
    shape = {"rgb8": (height, width, 3), "nv12": (height * 3 // 2, width), "yuyv": (height, width, 2)}[kind]
    pictures = kept(("noise", kind), lambda: noise(shape))
    code = {"nv12": cv2.COLOR_YUV2BGR_NV12, "yuyv": cv2.COLOR_YUV2BGR_YUYV}.get(kind)

    def one(index):
        picture = pictures[index % FRAME_COUNT]
        step(picture if code is None else cv2.cvtColor(picture, code))

    return one


def jpeg(ask):
    with open(ask["file"], "rb") as file:
        data = np.frombuffer(file.read(), np.uint8)
    parts, flag = {"full": (1, cv2.IMREAD_COLOR), "half": (2, cv2.IMREAD_REDUCED_COLOR_2)}[ask["way"]]
    box = kept(
        ("box-jpeg", parts), lambda: Letterbox(ask["width"] // parts, ask["height"] // parts, ask["side"], ask["side"])
    )
    return lambda _: box.best(cv2.imdecode(data, flag))


def postprocess(ask):
    output = kept(("output", ask["file"]), lambda: np.fromfile(ask["file"], np.float32).reshape(ask["shape"]))
    step = usual_boxes if ask["way"] == "usual" else best_boxes
    return lambda _: len(step(output[0])[0])


def network(ask):
    net = kept(("net", ask["model"]), lambda: Network(ask["model"]))
    tensor = kept(("input", ask["input"]), lambda: np.fromfile(ask["input"], np.float32).reshape(net.input.shape))
    if ask["way"] == "usual":
        return lambda _: net.plain(tensor)
    net.bind(tensor)
    return lambda _: net.bound()


def whole(ask):
    """A frame to detections. Gives the seconds inside the network and the number of boxes."""
    model = Model(ask)
    net = kept(("net", model.path), lambda: Network(model.path))
    box = kept(("box-whole", model.path), lambda: model.letterbox(net, ask["width"], ask["height"]))
    cells = kept(("cells", model.path), lambda: model.cells(net))
    pictures = kept(("frames", ask["frames"]), lambda: read_frames(ask))
    usual = ask["way"] == "usual"

    def one(index):
        picture = pictures[index % len(pictures)]
        if usual:
            tensor = box.usual(picture)
            begin = time.perf_counter()
            raw = net.plain(tensor)
            inside = time.perf_counter() - begin
            return inside, len(usual_boxes(raw[0], cells)[0])
        net.bind(box.best(picture))
        begin = time.perf_counter()
        raw = net.bound()
        inside = time.perf_counter() - begin
        return inside, len(best_boxes(raw[0], cells)[0])

    return one


def load(ask):
    """A session made and let go of."""

    def one(_):
        net = Network(ask["model"])
        net.bind(np.zeros(net.input.shape, np.float32))
        net.bound()

    return one


STAGES = {
    "letterbox": letterbox,
    "jpeg": jpeg,
    "postprocess": postprocess,
    "network": network,
    "whole": whole,
    "load": load,
}


def main():
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        ask = json.loads(line)
        one = STAGES[ask["stage"]](ask)
        spent, results = [], []
        clock = time.process_time if ask.get("clock") == "cpu" else time.perf_counter
        for index in range(ask["iterations"]):
            begin = clock()
            result = one(index)
            taken = clock() - begin
            if ask.get("share") == "outside":
                taken -= result[0]
            spent.append(taken * 1000)
            results.append(result)
        answer = {"ms": spent}
        if ask["stage"] in ("whole", "postprocess"):
            answer["boxes"] = [result[1] if isinstance(result, tuple) else result for result in results]
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


main()
