"""Cameras, two detectors and a classifier by hand: threads, OpenCV and ONNX Runtime. The peer of `npm run bench -- graph`.

Each worker takes the newest frame of the camera that has waited longest; it detects, cuts out the strongest boxes and
classifies them, and lets the second detector look at every other frame. Latency counts from the moment a frame was due.
"""

import json
import os
import resource
import sys
import threading
import time

from detector import Letterbox, Model, Network, best_boxes, cv2, np, read_frames

ask = json.loads(sys.argv[1])
models = {name: Model(ask["models"][name]) for name in ("main", "second")}
sessions = {name: Network(model.path).session for name, model in models.items()}
kind_session = Network(ask["models"]["kind"]["model"]).session
pictures = read_frames(ask)
cells = {name: model.cells(Network(model.path, sessions[name])) for name, model in models.items()}
stopped, counting = threading.Event(), threading.Event()
ready = threading.Condition()
waiting = dict.fromkeys(range(ask["cameras"]))
latencies = {"detect": [], "second": []}
crops = [0] * ask["workers"]


def take():
    with ready:
        while not stopped.is_set():
            for camera, frame in waiting.items():
                if frame is not None:
                    del waiting[camera]
                    waiting[camera] = None
                    return frame
            ready.wait(0.1)
    return None


def camera(index, start):
    count, period = 0, 1 / ask["fps"]
    while not stopped.is_set():
        due = start + (count + index / ask["cameras"]) * period
        wait = due - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        with ready:
            waiting[index] = (due, count, pictures[(count + index) % len(pictures)])
            ready.notify()
        count += 1


def detect(net, box, name, picture):
    net.bind(box.best(picture))
    return best_boxes(net.bound()[0], cells[name])


def worker(index):
    nets = {name: Network(models[name].path, sessions[name]) for name in models}
    kind = Network(ask["models"]["kind"]["model"], kind_session)
    boxes = {name: models[name].letterbox(net, ask["width"], ask["height"]) for name, net in nets.items()}
    while True:
        frame = take()
        if frame is None:
            return
        due, count, picture = frame
        box = boxes["main"]
        found, _, scores = detect(nets["main"], box, "main", picture)
        scale = box.w / ask["width"]
        for left, top, w, h in found[np.argsort(-scores)[: ask["maxCrops"]]]:
            x1, y1 = max(0, int((left - box.left) / scale)), max(0, int((top - box.top) / scale))
            x2, y2 = int((left + w - box.left) / scale) + 1, int((top + h - box.top) / scale) + 1
            crop = picture[y1:y2, x1:x2]
            if min(crop.shape[:2]) < 4:
                continue
            small = cv2.resize(crop, (kind.width, kind.height), interpolation=cv2.INTER_LINEAR)
            kind.bind(cv2.dnn.blobFromImage(small, 1 / 255))
            values = np.exp(kind.bound()[0] - kind.result[0].max())
            (values / values.sum()).argmax()
            if counting.is_set():
                crops[index] += 1
        if counting.is_set():
            latencies["detect"].append((time.perf_counter() - due) * 1000)
        if count % 2 == 0:
            detect(nets["second"], boxes["second"], "second", picture)
            if counting.is_set():
                latencies["second"].append((time.perf_counter() - due) * 1000)


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def answer(values):
    values = sorted(values)
    at = lambda q: values[min(len(values) - 1, int(q * len(values)))] if values else None  # noqa: E731
    in_time = sum(ms <= ask["deadlineMs"] for ms in values)
    return {"frames": len(values), "inTime": in_time, "p50Ms": at(0.5), "p99Ms": at(0.99)}


start = time.perf_counter() + 0.05
threads = [threading.Thread(target=camera, args=(i, start)) for i in range(ask["cameras"])]
threads += [threading.Thread(target=worker, args=(i,)) for i in range(ask["workers"])]
for thread in threads:
    thread.start()
time.sleep(ask["warmSeconds"])
used, begun = cpu_seconds(), time.perf_counter()
counting.set()
time.sleep(ask["seconds"])
counting.clear()
used, taken = cpu_seconds() - used, time.perf_counter() - begun
stopped.set()
nodes = {name: answer(list(values)) for name, values in latencies.items()}
print(json.dumps({"cpuSeconds": used, "seconds": taken, "crops": sum(crops), "nodes": nodes}))
sys.stdout.flush()
os._exit(0)
