"""Decodes outputs of networks with numpy, each family by the formula that its authors publish; the second opinion beside
HeadDecoder. Shares nothing with Goshawk. Reads one JSON line per form, `{"formula", "width", "height", "classes", "threshold",
"tensors": {role: [{"dims", "file"}]}}`, and writes one line with `[[class, score, x1, y1, x2, y2], ...]` in the order of rows:
the best class of each box that reaches the threshold, in pixels of the input, before clipping and NMS. Of the formulas in PARTS the
numbers behind the score are other ones."""
import json
import sys

import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def xywh2xyxy(b):
    return np.concatenate([b[:, :2] - b[:, 2:] / 2, b[:, :2] + b[:, 2:] / 2], 1)


def best(scores):
    return scores.argmax(1), scores.max(1)


def grid(width, height, stride):
    """x and y of each cell, line by line; make_grid of each of these projects."""
    nx, ny = -(-width // stride), -(-height // stride)
    y, x = np.meshgrid(np.arange(ny), np.arange(nx), indexing="ij")
    return np.stack([x.ravel(), y.ravel()], 1).astype(np.float64)


def distance2bbox(points, d):
    return np.concatenate([points - d[:, :2], points + d[:, 2:]], 1)


def integral(x, bins):
    """GFL's Integral: the mean of a softmax over the bins."""
    return softmax(x.reshape(-1, bins)) @ np.arange(bins).astype(np.float64)


# ultralytics/yolov5 utils/general.py non_max_suppression: conf = obj * cls, xywh2xyxy.
def yolov5(t, w, h, classes):
    p = t["rows"][0][0]
    return xywh2xyxy(p[:, :4]), *best(p[:, 5:] * p[:, 4:5])


# ultralytics/ultralytics utils/nms.py non_max_suppression, without objectness.
def yolov8(t, w, h, classes):
    p = t["rows"][0][0].T
    return xywh2xyxy(p[:, :4]), *best(p[:, 4:])


# The same for end2end: rows x1, y1, x2, y2, score, class.
def end_to_end(t, w, h, classes):
    p = t["rows"][0][0]
    return p[:, :4], p[:, 5], p[:, 4]


# Megvii-BaseDetection/YOLOX yolox/utils/demo_utils.py demo_postprocess.
def yolox(t, w, h, classes):
    p = t["rows"][0][0]
    strides = [8, 16, 32]
    grids = np.concatenate([grid(w, h, s) for s in strides])
    expanded = np.concatenate([np.full((len(grid(w, h, s)), 1), s) for s in strides])
    boxes = np.concatenate([(p[:, :2] + grids) * expanded, np.exp(p[:, 2:4]) * expanded], 1)
    return xywh2xyxy(boxes), *best(p[:, 4:5] * p[:, 5:])


# ultralytics/yolov5 models/yolo.py Detect.forward.
def yolov5_raw(t, w, h, classes):
    anchors = np.array([[10, 13, 16, 30, 33, 23], [30, 61, 62, 45, 59, 119], [116, 90, 156, 198, 373, 326]])
    z = []
    for level, (p, stride) in enumerate(zip(t["planes"], [8, 16, 32])):
        y = sigmoid(p[0])
        na, ny, nx, no = y.shape
        g = grid(w, h, stride).reshape(1, ny, nx, 2)
        xy = (y[..., 0:2] * 2 - 0.5 + g) * stride
        wh = (y[..., 2:4] * 2) ** 2 * anchors[level].reshape(na, 1, 1, 2)
        z.append(np.concatenate([xy, wh, y[..., 4:]], -1).reshape(-1, no))
    p = np.concatenate(z)
    return xywh2xyxy(p[:, :4]), *best(p[:, 5:] * p[:, 4:5])


# dog-qiuqiu/FastestDet utils/tool.py handle_preds.
def fastestdet(t, w, h, classes):
    p = t["planes"][0][0].transpose(1, 2, 0)
    rows, columns, _ = p.shape
    gy, gx = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    bw, bh = sigmoid(p[..., 3]), sigmoid(p[..., 4])
    bcx, bcy = (np.tanh(p[..., 1]) + gx) / columns, (np.tanh(p[..., 2]) + gy) / rows
    boxes = np.stack([bcx - 0.5 * bw, bcy - 0.5 * bh, bcx + 0.5 * bw, bcy + 0.5 * bh], -1).reshape(-1, 4)
    score = p[..., 0] ** 0.6 * p[..., 5:].max(-1) ** 0.4
    return boxes * [w, h, w, h], p[..., 5:].argmax(-1).ravel(), score.ravel()


# RangiLyu/nanodet nanodet/model/head/gfl_head.py get_bboxes_single: the middle of each cell.
def gfl(t, w, h, strides):
    boxes, scores = [], []
    for s, b, stride in zip(t["scores"], t["boxes"], strides):
        s, b = s.reshape(-1, s.shape[-1]), b.reshape(-1, b.shape[-1])
        points = (grid(w, h, stride) + 0.5) * stride
        d = integral(b, b.shape[1] // 4).reshape(-1, 4) * stride
        boxes.append(distance2bbox(points, d))
        scores.append(s)
    return np.concatenate(boxes), *best(np.concatenate(scores))


def nanodet_m(t, w, h, classes):
    return gfl(t, w, h, [8, 16, 32])


# PaddleDetection ppdet/modeling/heads/gfl_head.py get_single_level_center_point, cell_offset 0.5.
def picodet(t, w, h, classes):
    return gfl(t, w, h, [8, 16, 32, 64])


# RangiLyu/nanodet nanodet/model/head/nanodet_plus_head.py get_bboxes: the corner of each cell.
def nanodet_plus(t, w, h, classes):
    p = t["rows"][0][0]
    strides = [8, 16, 32, 64]
    points = np.concatenate([grid(w, h, s) * s for s in strides])
    expanded = np.concatenate([np.full((len(grid(w, h, s)), 1), s) for s in strides])
    d = integral(p[:, classes:], (p.shape[1] - classes) // 4).reshape(-1, 4) * expanded
    return distance2bbox(points, d), *best(p[:, :classes])


# opencv/opencv modules/objdetect/src/face_detect.cpp postProcess.
def yunet(t, w, h, classes):
    boxes, scores = [], []
    for cls, obj, bbox, stride in zip(t["cls"], t["obj"], t["bbox"], [8, 16, 32]):
        cls, obj, bbox = np.clip(cls.ravel(), 0, 1), np.clip(obj.ravel(), 0, 1), bbox.reshape(-1, 4)
        c = (grid(w, h, stride) + bbox[:, :2]) * stride
        boxes.append(xywh2xyxy(np.concatenate([c, np.exp(bbox[:, 2:]) * stride], 1)))
        scores.append(np.sqrt(cls * obj))
    scores = np.concatenate(scores)
    return np.concatenate(boxes), np.zeros(len(scores)), scores


# deepinsight/insightface detection/scrfd/tools/scrfd.py forward: two anchors, the corner of each cell.
def scrfd(t, w, h, classes):
    boxes, scores = [], []
    for s, b, stride in zip(t["scores"], t["boxes"], [8, 16, 32]):
        centers = np.stack([grid(w, h, stride) * stride] * 2, 1).reshape(-1, 2)
        boxes.append(distance2bbox(centers, b.reshape(-1, 4) * stride))
        scores.append(s.ravel())
    scores = np.concatenate(scores)
    return np.concatenate(boxes), np.zeros(len(scores)), scores


# Deci-AI/super-gradients ppyolo_post_prediction_callback.py: corners, scores.
def corners(t, w, h, classes):
    return t["boxes"][0][0], *best(t["scores"][0][0])


# PaddleDetection ppdet/modeling/layers.py MultiClassNMS takes scores as classes x boxes.
def ppyoloe(t, w, h, classes):
    return t["boxes"][0][0], *best(t["scores"][0][0].T)


# PaddleDetection ppdet/modeling/heads/ppyoloe_head.py post_process, exclude_post_process: boxes and scores side by side.
def ppyoloe_joined(t, w, h, classes):
    rows = t["rows"][0][0]
    return rows[:, :4], *best(rows[:, 4:])


# Tianxiaomo/pytorch-YOLOv4 tool/utils.py post_processing and plot_boxes_cv2.
def yolov4(t, w, h, classes):
    return t["boxes"][0][0][:, 0] * [w, h, w, h], *best(t["scores"][0][0])


# Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB run_video_face_detect_onnx.py predict: class 0 is the background.
def ultraface(t, w, h, classes):
    return t["boxes"][0][0] * [w, h, w, h], *best(t["scores"][0][0][:, 1:])


# The same project, vision/utils/box_utils.py generate_priors and convert_locations_to_boxes.
def ultraface_raw(t, w, h, classes):
    min_boxes = [[10, 16, 24], [32, 48], [64, 96], [128, 192, 256]]
    priors = []
    for stride, sides in zip([8, 16, 32, 64], min_boxes):
        for j in range(-(-h // stride)):
            for i in range(-(-w // stride)):
                for s in sides:
                    priors.append([(i + 0.5) / (w / stride), (j + 0.5) / (h / stride), s / w, s / h])
    priors = np.clip(np.array(priors), 0.0, 1.0)
    loc = t["boxes"][0][0]
    boxes = np.concatenate([loc[:, :2] * 0.1 * priors[:, 2:] + priors[:, :2], np.exp(loc[:, 2:] * 0.2) * priors[:, 2:]], 1)
    return xywh2xyxy(boxes) * [w, h, w, h], *best(t["scores"][0][0][:, 1:])


# tensorflow/models research/object_detection/utils/visualization_utils.py: ymin, xmin, ymax, xmax; classes from 1.
def tensorflow(t, w, h, classes):
    n = int(t["count"][0].ravel()[0])
    b = t["boxes"][0][0][:n]
    boxes = np.stack([b[:, 1] * w, b[:, 0] * h, b[:, 3] * w, b[:, 2] * h], 1)
    return boxes, t["classes"][0][0][:n] - 1, t["scores"][0][0][:n]


# NVIDIA/TensorRT plugin/efficientNMSPlugin/README.md.
def efficient_nms(t, w, h, classes):
    n = int(t["count"][0].ravel()[0])
    return t["boxes"][0][0][:n], t["classes"][0][0][:n], t["scores"][0][0][:n]


# open-mmlab/mmdeploy mmdeploy/codebase/mmdet/deploy/object_detection_model.py End2EndModel.
def mmdetection(t, w, h, classes):
    d = t["dets"][0][0]
    return d[:, :4], t["labels"][0][0], d[:, 4]


# lyuwenyu/RT-DETR rtdetrv2_pytorch references/deploy/rtdetrv2_onnxruntime.py.
def detr_final(t, w, h, classes):
    return t["boxes"][0].reshape(-1, 4), t["labels"][0].ravel(), t["scores"][0].ravel()


# lyuwenyu/RT-DETR src/zoo/rtdetr/rtdetr_postprocessor.py; one class for each query.
def rtdetr(t, w, h, classes):
    return xywh2xyxy(t["boxes"][0][0]) * [w, h, w, h], *best(sigmoid(t["logits"][0][0]))


# facebookresearch/detr models/detr.py PostProcess: the last value is "no object".
def detr(t, w, h, classes):
    return xywh2xyxy(t["boxes"][0][0]) * [w, h, w, h], *best(softmax(t["logits"][0][0])[:, :-1])


# ultralytics/ultralytics models/rtdetr/predict.py postprocess.
def rtdetr_ultralytics(t, w, h, classes):
    p = t["rows"][0][0]
    return xywh2xyxy(p[:, :4]) * [w, h, w, h], *best(p[:, 4:])


# torchvision and timm: the softmax of the logits.
def logits(t, w, h, classes):
    return np.array([[0.0, 0.0, w, h]]), *best(softmax(t["scores"][0].reshape(1, -1)))


def probabilities(t, w, h, classes):
    return np.array([[0.0, 0.0, w, h]]), *best(t["scores"][0].reshape(1, -1))


# isl-org/MiDaS run.py: the network's value as it is, larger where it is nearer.
def depth(t, w, h, classes):
    return [[0, 1, *t["map"][0].ravel()]]


# nianticlabs/monodepth2 layers.py disp_to_depth(disp, 0.1, 100): scaled_disp, whose inverse is the depth.
def monodepth2(t, w, h, classes):
    min_disp, max_disp = 1 / 100, 1 / 0.1
    return [[0, 1, *(min_disp + (max_disp - min_disp) * t["map"][0].ravel())]]


# ultralytics/ultralytics models/yolo/pose/predict.py: x, y, visibility of each point behind the classes.
def yolo_pose(t, w, h, classes):
    p = t["rows"][0][0].T
    labels, scores = best(p[:, 4:4 + classes])
    return [[c, s, *points] for c, s, points in zip(labels, scores, p[:, 4 + classes:])]


# ultralytics/ultralytics models/yolo/obb/predict.py: xywh in front, the angle behind the classes.
def yolo_obb(t, w, h, classes):
    p = t["rows"][0][0].T
    labels, scores = best(p[:, 4:4 + classes])
    return [[c, s, *box, angle] for c, s, box, angle in zip(labels, scores, p[:, :4], p[:, 4 + classes])]


# ultralytics/ultralytics engine/exporter.py NMSModel: xywh, score, class, angle.
def yolo_obb_final(t, w, h, classes):
    return [[p[5], p[4], *p[:4], p[6]] for p in t["rows"][0][0]]


def figure(points):
    """Class 0, the mean of the scores, and x, y, score of each point."""
    return [[0, points[:, 2].mean(), *points.ravel()]]


# tensorflow/hub movenet tutorial: y, x, score of each point, in parts of the (square) input.
def movenet(t, w, h, classes):
    p = t["points"][0][0, 0]
    return figure(np.stack([p[:, 1] * w, p[:, 0] * h, p[:, 2]], 1))


# The same page, multipose: 51 numbers of points, ymin, xmin, ymax, xmax, score.
def movenet_multi(t, w, h, classes):
    rows = []
    for p in t["rows"][0][0]:
        k = p[:51].reshape(17, 3)
        rows.append([0, p[55], *np.stack([k[:, 1] * w, k[:, 0] * h, k[:, 2]], 1).ravel()])
    return rows


# open-mmlab/mmpose mmpose/codecs/utils/post_processing.py get_simcc_maximum, and codecs/simcc_label.py decode: the smaller one of
# both maxima; places divided by simcc_split_ratio, 2.
def rtmpose(t, w, h, classes):
    x, y = t["x"][0][0], t["y"][0][0]
    score = np.minimum(x.max(1), y.max(1))
    return figure(np.stack([x.argmax(1) / 2, y.argmax(1) / 2, score], 1))


# KaiyangZhou/deep-person-reid torchreid/utils/feature_extractor.py, and F.normalize(p=2).
def embedding(t, w, h, classes):
    v = t["vector"][0].ravel().astype(np.float64)
    return [[0, 1, *(v / np.linalg.norm(v))]]


# PaddlePaddle/PaddleOCR ppocr/postprocess/rec_postprocess.py CTCLabelDecode: argmax, duplicates and blanks out, mean of the rest.
def ctc(t, w, h, classes):
    p = t["steps"][0][0]
    ids, probabilities = p.argmax(1), p.max(1)
    selection = np.ones(len(ids), bool)
    selection[1:] = ids[1:] != ids[:-1]
    selection &= ids != 0
    return [[0, probabilities[selection].astype(np.float64).mean(), *(ids[selection] - 1)]]


# PaddlePaddle/PaddleOCR ppocr/postprocess/db_postprocess.py boxes_from_bitmap, with its minAreaRect and box_score_fast done here: the
# least box over 18,000 directions, then over finer ones about the best.
def db(t, w, h, classes):
    m = t["map"][0][0, 0]
    seen = m <= 0.3
    rows = []
    for y, x in zip(*np.nonzero(~seen)):
        if seen[y, x]:
            continue
        stack, points = [(y, x)], []
        seen[y, x] = True
        while stack:
            cy, cx = stack.pop()
            points.append((cx, cy))
            for ny in range(max(0, cy - 1), min(h, cy + 2)):
                for nx in range(max(0, cx - 1), min(w, cx + 2)):
                    if not seen[ny, nx]:
                        seen[ny, nx] = True
                        stack.append((ny, nx))
        points = np.array(points, np.float64)

        def sides(angles):
            u = points @ np.stack([np.cos(angles), np.sin(angles)])
            v = points @ np.stack([-np.sin(angles), np.cos(angles)])
            return u.min(0), u.max(0), v.min(0), v.max(0)

        def least(angles):
            u0, u1, v0, v1 = sides(angles)
            return angles[((u1 - u0) * (v1 - v0)).argmin()]

        angle = least(np.linspace(0, np.pi / 2, 2000, endpoint=False))
        for reach in (1e-3, 1e-5, 1e-7, 1e-9):
            angle = least(angle + np.linspace(-reach, reach, 401))
        u0, u1, v0, v1 = (side[0] for side in sides(np.array([angle])))
        u, v, width, height = (u0 + u1) / 2, (v0 + v1) / 2, u1 - u0, v1 - v0
        cx, cy = u * np.cos(angle) - v * np.sin(angle), u * np.sin(angle) + v * np.cos(angle)
        if min(width, height) < 3:
            continue
        yy, xx = np.mgrid[0:h, 0:w]
        pu = (xx - cx) * np.cos(angle) + (yy - cy) * np.sin(angle)
        pv = (yy - cy) * np.cos(angle) - (xx - cx) * np.sin(angle)
        score = m[(np.abs(pu) <= width / 2 + 1e-5) & (np.abs(pv) <= height / 2 + 1e-5)].astype(np.float64).mean()
        if height > width:
            width, height, angle = height, width, angle + np.pi / 2
        # From -90 (not itself) to 90 degrees: to the right, or straight down.
        angle = (angle + np.pi / 2 - 1e-9) % np.pi - np.pi / 2 + 1e-9
        distance = width * height * 1.5 / (2 * (width + height))
        if min(width, height) + 2 * distance >= 5:
            rows.append([0, score, cx, cy, width + 2 * distance, height + 2 * distance, angle])
    return rows


# Each row: class, score, then the numbers of its parts; boxes are compared elsewhere.
PARTS = {"embedding": embedding, "ctc": ctc, "db": db, "depth": depth, "monodepth2": monodepth2, "yolo-pose": yolo_pose, "yolo-obb": yolo_obb,
         "yolo-obb-final": yolo_obb_final, "movenet": movenet,
         "movenet-multi": movenet_multi, "rtmpose": rtmpose}

# pytorch/vision torchvision/models/detection/roi_heads.py: boxes of the picture, labels with the background as 0.
def torchvision(t, w, h, classes):
    return t["boxes"][0], t["labels"][0], t["scores"][0]


# WongKinYiu/yolov7 models/experimental.py ONNX_ORT: number of the picture, corners, class, score.
def yolov7_nms(t, w, h, classes):
    rows = t["rows"][0]
    return rows[:, 1:5], rows[:, 5], rows[:, 6]


# PaddleDetection ppdet/modeling/post_process.py, multiclass_nms: class, score, corners.
def paddle_nms(t, w, h, classes):
    rows = t["rows"][0]
    return rows[:, 2:6], rows[:, 0], rows[:, 1]


# ultralytics/ultralytics ultralytics/utils/tal.py make_anchors (offset 0.5), dist2bbox, and nn/modules/block.py DFL.
def yolov8_levels(w, h, reg, cls, activate):
    boxes, scores = [], []
    for r, c, s in zip(reg, cls, [8, 16, 32]):
        d = integral(r.reshape(64, -1).T, 16).reshape(-1, 4)
        boxes.append(distance2bbox(grid(w, h, s) + 0.5, d) * s)
        scores.append(activate(c.reshape(c.shape[0], -1).T))
    return np.concatenate(boxes), *best(np.concatenate(scores))


def yolov8_raw(t, w, h, classes):
    planes = [p[0] for p in t["planes"]]
    return yolov8_levels(w, h, [p[:64] for p in planes], [p[64:] for p in planes], sigmoid)


def yolov8_apart(t, w, h, classes):
    return yolov8_levels(w, h, [p[0] for p in t["boxes"]], [p[0] for p in t["scores"]], sigmoid)


# airockchip/rknn_model_zoo examples/yolov8/python/yolov8.py post_process: the scores as they are.
def yolov8_rknn(t, w, h, classes):
    return yolov8_levels(w, h, [p[0] for p in t["boxes"]], [p[0] for p in t["scores"]], lambda p: p)


FORMULAS = {
    "torchvision": torchvision, "yolov7-nms": yolov7_nms, "paddle-nms": paddle_nms, "yolov8-raw": yolov8_raw, "yolov8-apart": yolov8_apart, "yolov8-rknn": yolov8_rknn,
    "yolov5": yolov5, "yolov8": yolov8, "end-to-end": end_to_end, "yolox": yolox, "yolov5-raw": yolov5_raw,
    "fastestdet": fastestdet, "nanodet-m": nanodet_m, "picodet": picodet, "nanodet-plus": nanodet_plus,
    "yunet": yunet, "scrfd": scrfd, "corners": corners, "pp-yoloe": ppyoloe, "pp-yoloe-joined": ppyoloe_joined, "yolov4": yolov4,
    "ultraface": ultraface, "ultraface-raw": ultraface_raw, "tensorflow": tensorflow,
    "efficient-nms": efficient_nms, "mmdetection": mmdetection, "detr-final": detr_final, "rtdetr": rtdetr,
    "detr": detr, "rtdetr-ultralytics": rtdetr_ultralytics, "logits": logits, "softmax": probabilities,
}


def decode(job):
    tensors = {
        role: [np.fromfile(x["file"], "<f4").reshape(x["dims"]).astype(np.float64) for x in given]
        for role, given in job["tensors"].items()
    }
    if job["formula"] in PARTS:
        rows = PARTS[job["formula"]](tensors, job["width"], job["height"], job["classes"])
        return [np.asarray(row, np.float64).tolist() for row in rows if row[1] >= job["threshold"]]
    boxes, classes, scores = FORMULAS[job["formula"]](tensors, job["width"], job["height"], job["classes"])
    boxes = boxes.astype(np.float32)
    keep = (scores >= job["threshold"]) & (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    rows = np.concatenate([np.asarray(classes, np.float64)[:, None], scores[:, None], boxes], 1)[keep]
    return rows.tolist()


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(decode(json.loads(line))), flush=True)
