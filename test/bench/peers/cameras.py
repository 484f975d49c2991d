"""Cameras, a pipeline in threads and a detector, in Python: the peer of the stages "cameras" and "memory".

    cameras.py '{"cameras": 4, "fps": 30, "seconds": 8, "workers": 2, "way": "newest", "model": ..., "frames": ...}'

`newest`: a slot per camera holds its newest frame, the workers take the camera that has waited longest: as good as it
gets. `queue`: one queue.Queue of eight frames for all cameras, the oldest thrown out when it is full, as many scripts
do. Latency counts from the moment a camera should have given its frame. The last line is JSON.
"""

import collections
import json
import os
import queue
import resource
import sys
import threading
import time

from detector import Model, Network, best_boxes, memory_mb, read_frames

ask = json.loads(sys.argv[1])
model = Model(ask)
first = Network(model.path, threads=ask["threads"])
pictures = read_frames(ask)
cells = model.cells(first)
stopped = threading.Event()


class Newest:
    def __init__(self, cameras):
        self.slots = collections.OrderedDict((camera, None) for camera in range(cameras))
        self.ready = threading.Condition()

    def put(self, camera, frame):
        with self.ready:
            self.slots[camera] = frame
            self.ready.notify()

    def take(self):
        with self.ready:
            while not stopped.is_set():
                for camera, frame in self.slots.items():
                    if frame is not None:
                        self.slots[camera] = None
                        self.slots.move_to_end(camera)
                        return frame
                self.ready.wait(0.1)
        return None


class Queued:
    def __init__(self, _):
        self.frames = queue.Queue(8)

    def put(self, _, frame):
        while True:
            try:
                return self.frames.put_nowait(frame)
            except queue.Full:
                try:
                    self.frames.get_nowait()
                except queue.Empty:
                    pass

    def take(self):
        while not stopped.is_set():
            try:
                return self.frames.get(timeout=0.1)
            except queue.Empty:
                pass
        return None


line = (Newest if ask["way"] == "newest" else Queued)(ask["cameras"])
latencies, offered, boxes = [], [0] * ask["cameras"], [0] * ask["workers"]
measure_from = None


def camera(index, start):
    count, period = 0, 1 / ask["fps"]
    while not stopped.is_set():
        due = start + (count + index / ask["cameras"]) * period
        wait = due - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        line.put(index, (due, pictures[(count + index) % len(pictures)]))
        count += 1
        if measure_from is not None:
            offered[index] += 1


def worker(index, net):
    box = model.letterbox(net, ask["width"], ask["height"])
    while True:
        frame = line.take()
        if frame is None:
            return
        due, picture = frame
        net.bind(box.best(picture))
        found = best_boxes(net.bound()[0], cells)
        if measure_from is not None:
            latencies.append((time.perf_counter() - due) * 1000)
            boxes[index] += len(found[0])


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


# One session for all, as ONNX Runtime allows; a binding for each.
networks = [first] + [Network(model.path, first.session) for _ in range(ask["workers"] - 1)]
start = time.perf_counter() + 0.05
threads = [threading.Thread(target=camera, args=(i, start)) for i in range(ask["cameras"])]
threads += [threading.Thread(target=worker, args=(i, net)) for i, net in enumerate(networks)]
for thread in threads:
    thread.start()
time.sleep(ask["warmSeconds"])
used, measure_from = cpu_seconds(), time.perf_counter()
time.sleep(ask["seconds"])
used, taken = cpu_seconds() - used, time.perf_counter() - measure_from
count = len(latencies)
rss, peak = memory_mb()
stopped.set()
latencies = sorted(latencies[:count])
print(
    json.dumps(
        {
            "offered": sum(offered),
            "frames": count,
            "boxes": sum(boxes),
            "seconds": taken,
            "cpuSeconds": used,
            "p50Ms": latencies[count // 2] if count else None,
            "p99Ms": latencies[min(count - 1, int(count * 0.99))] if count else None,
            "rssMb": rss,
            "peakMb": peak,
        }
    )
)
sys.stdout.flush()
os._exit(0)
