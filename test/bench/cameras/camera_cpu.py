"""Frames of one RTSP camera through OpenCV's VideoCapture: milliseconds of processor time per frame, printed as JSON.

    python3 camera_cpu.py rtsp://127.0.0.1:8554/x 300
"""
import json
import os
import resource
import sys

os.environ['OPENCV_FFMPEG_CAPTURE_OPTIONS'] = 'rtsp_transport;tcp'
import cv2  # noqa: E402

capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
count = int(sys.argv[2])
for _ in range(30):
    capture.read()
before = resource.getrusage(resource.RUSAGE_SELF)
for _ in range(count):
    ok, frame = capture.read()
    assert ok
after = resource.getrusage(resource.RUSAGE_SELF)
used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps({'ms': used * 1000 / count, 'shape': frame.shape}))
