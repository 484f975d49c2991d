import type { Form } from '../form.ts';

const pair = (formula: string, boxes: string, scores: string) => ({
  formula,
  tensors: { boxes: [boxes], scores: [scores] },
});
const ultraface = 'rgb 1 stretch 127';
const tensorflow = (suffix: string) => ({
  formula: 'tensorflow',
  tensors: {
    ...{ boxes: [`detection_boxes${suffix}`], scores: [`detection_scores${suffix}`] },
    ...{ classes: [`detection_classes${suffix}`], count: [`num_detections${suffix}`] },
  },
});

/** Boxes in one output and scores in another one; and networks with their NMS inside. */
export const pairForms: readonly Form[] = [
  {
    name: 'YOLO-NAS without NMS',
    from: 'Deci-AI/super-gradients, YoloNAS by torch.onnx.export',
    inputs: ['input.1 float32[1,3,640,640]'],
    outputs: ['904 float32[1,8400,4]', '888 float32[1,8400,80]'],
    labels: 80,
    reads: { ways: ['yolo-nas'], fed: 'rgb 1/255 center', oracle: pair('corners', '904', '888') },
  },
  {
    name: 'PP-YOLOE without postprocessing',
    from: 'PaddleDetection ppdet/modeling/heads/ppyoloe_head.py, post_process',
    inputs: ['image float32[1,3,640,640]'],
    outputs: ['tmp_17 float32[1,8400,4]', 'concat_14.tmp_0 float32[1,80,8400]'],
    labels: 80,
    reads: {
      ways: ['pp-yoloe'],
      fed: 'rgb 1/255 stretch 0.485',
      oracle: pair('pp-yoloe', 'tmp_17', 'concat_14.tmp_0'),
    },
  },
  {
    name: 'PP-YOLOE with exclude_post_process',
    from: 'PaddleDetection ppdet/modeling/heads/ppyoloe_head.py, post_process',
    inputs: ['image float32[1,3,640,640]'],
    outputs: ['concat_15.tmp_0 float32[1,8400,84]'],
    labels: 80,
    reads: {
      ways: ['pp-yoloe-joined'],
      fed: 'rgb 1/255 stretch 0.485',
      oracle: { formula: 'pp-yoloe-joined', tensors: { rows: ['concat_15.tmp_0'] } },
    },
  },
  {
    name: 'PicoDet with its boxes decoded',
    from: 'PaddleDetection deploy/third_engine/demo_onnxruntime, export.benchmark',
    inputs: ['image float32[1,3,320,320]'],
    outputs: ['tmp_16 float32[1,2125,4]', 'concat_4.tmp_0 float32[1,80,2125]'],
    labels: 80,
    reads: {
      ways: ['pp-yoloe'],
      fed: 'rgb 1/255 stretch 0.485',
      oracle: pair('pp-yoloe', 'tmp_16', 'concat_4.tmp_0'),
    },
  },
  {
    name: 'YOLOv4',
    from: 'Tianxiaomo/pytorch-YOLOv4 demo_pytorch2onnx.py and tool/yolo_layer.py',
    inputs: ['input float32[1,3,416,416]'],
    outputs: ['boxes float32[1,10647,1,4]', 'confs float32[1,10647,80]'],
    labels: 80,
    reads: { ways: ['yolov4'], fed: 'rgb 1/255 stretch', oracle: pair('yolov4', 'boxes', 'confs') },
  },
  {
    name: 'YOLOv4 with a free batch',
    from: 'Tianxiaomo/pytorch-YOLOv4 demo_pytorch2onnx.py, batch_size 0',
    inputs: ['input float32[batch_size,3,320,512]'],
    outputs: ['boxes float32[batch_size,10080,1,4]', 'confs float32[batch_size,10080,2]'],
    labels: 2,
    reads: { ways: ['yolov4'], fed: 'rgb 1/255 stretch', oracle: pair('yolov4', 'boxes', 'confs') },
  },
  {
    name: 'UltraFace',
    from: 'Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB models/onnx/version-RFB-320.onnx',
    inputs: ['input float32[1,3,240,320]'],
    outputs: ['scores float32[1,4420,2]', 'boxes float32[1,4420,4]'],
    labels: 1,
    reads: {
      ways: ['ssd', 'ultraface-raw'],
      fed: ultraface,
      oracle: pair('ultraface', 'boxes', 'scores'),
    },
  },
  {
    name: 'UltraFace without its boxes decoded',
    from: 'Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB version-RFB-320_without_postprocessing.onnx',
    inputs: ['input float32[1,3,240,320]'],
    outputs: ['scores float32[1,4420,2]', 'boxes float32[1,4420,4]'],
    labels: 1,
    reads: {
      ways: ['ssd', 'ultraface-raw'],
      family: 'ultraface-raw',
      fed: ultraface,
      oracle: pair('ultraface-raw', 'boxes', 'scores'),
    },
  },
  {
    name: 'SSD MobileNet of TensorFlow 2 by tf2onnx',
    from: 'tensorflow/models object_detection, exporter_lib_v2',
    inputs: ['input_tensor uint8[1,?,?,3]'],
    outputs: [
      ...['detection_anchor_indices float32[1,100]', 'detection_boxes float32[1,100,4]'],
      ...['detection_classes float32[1,100]', 'detection_multiclass_scores float32[1,100,91]'],
      ...['detection_scores float32[1,100]', 'num_detections float32[1]'],
      ...['raw_detection_boxes float32[1,12804,4]', 'raw_detection_scores float32[1,12804,91]'],
    ],
    labels: 90,
    overrides: { width: 320, height: 320 },
    reads: { ways: ['tf-detection'], fed: 'rgb 1 stretch', oracle: tensorflow('') },
  },
  {
    name: 'SSD of TensorFlow 1 by tf2onnx',
    from: 'tensorflow/models object_detection, export_inference_graph.py',
    inputs: ['image_tensor:0 uint8[unk__1,300,300,3]'],
    outputs: [
      ...['raw_detection_boxes:0 float32[unk__1,1917,4]', 'raw_detection_scores:0 float32[unk__1,1917,91]'],
      ...['detection_boxes:0 float32[unk__1,100,4]', 'detection_classes:0 float32[unk__1,100]'],
      ...['detection_scores:0 float32[unk__1,100]', 'num_detections:0 float32[unk__1]'],
    ],
    labels: 90,
    reads: { ways: ['tf-detection'], fed: 'rgb 1 stretch', oracle: tensorflow(':0') },
  },
  {
    name: 'YOLOv8 with EfficientNMS',
    from: 'triple-Mu/YOLOv8-TensorRT export-det.py',
    inputs: ['images float32[1,3,640,640]'],
    outputs: [
      ...['num_dets int32[1,1]', 'bboxes float32[1,100,4]'],
      ...['scores float32[1,100]', 'labels int32[1,100]'],
    ],
    labels: 80,
    reads: {
      ways: ['efficient-nms'],
      fed: 'rgb 1/255 center',
      oracle: {
        formula: 'efficient-nms',
        tensors: {
          ...{ count: ['num_dets'], boxes: ['bboxes'] },
          ...{ scores: ['scores'], classes: ['labels'] },
        },
      },
    },
  },
  {
    name: 'MMDetection, dynamic',
    from: 'open-mmlab/mmdeploy configs/mmdet/_base_/base_dynamic.py, RTMDet',
    inputs: ['input float32[batch,3,height,width]'],
    outputs: ['dets float32[batch,num_dets,5]', 'labels int64[batch,num_dets]'],
    labels: 80,
    overrides: { width: 640, height: 640 },
    reads: {
      ways: ['mmdetection'],
      ...{ fed: 'bgr 1 top-left 103.53', open: { num_dets: 57 } },
      oracle: { formula: 'mmdetection', tensors: { dets: ['dets'], labels: ['labels'] } },
    },
  },
  {
    name: 'MMDetection, static',
    from: 'open-mmlab/mmdeploy configs/mmdet/_base_/base_static.py, RTMDet',
    inputs: ['input float32[1,3,640,640]'],
    outputs: ['dets float32[1,100,5]', 'labels int64[1,100]'],
    labels: 80,
    reads: {
      ways: ['mmdetection'],
      fed: 'bgr 1 top-left 103.53',
      oracle: { formula: 'mmdetection', tensors: { dets: ['dets'], labels: ['labels'] } },
    },
  },
  {
    name: 'Faster R-CNN of torchvision',
    from: 'pytorch/vision torchvision/models/detection by torch.onnx.export, torch.rand(1, 3, H, W)',
    inputs: ['images float32[1,3,640,640]'],
    outputs: ['boxes float32[num,4]', 'labels int64[num]', 'scores float32[num]'],
    labels: 91,
    reads: {
      ways: ['torchvision'],
      fed: 'rgb 1/255 center',
      open: { num: 73 },
      oracle: {
        formula: 'torchvision',
        tensors: { boxes: ['boxes'], labels: ['labels'], scores: ['scores'] },
      },
    },
  },
  {
    name: 'SSD of torchvision, outputs in another order and without names',
    from: 'pytorch/vision torchvision/models/detection/ssd.py, postprocess_detections',
    inputs: ['input float32[1,3,300,300]'],
    outputs: ['2153 float32[d0,4]', '2166 float32[d0]', '2160 int64[d0]'],
    labels: 21,
    reads: {
      ways: ['torchvision'],
      fed: 'rgb 1/255 center',
      open: { d0: 40 },
      oracle: { formula: 'torchvision', tensors: { boxes: ['2153'], labels: ['2160'], scores: ['2166'] } },
    },
  },
  {
    name: 'YOLOv7 --end2end for ONNX Runtime',
    from: 'WongKinYiu/yolov7 models/experimental.py, ONNX_ORT',
    inputs: ['images float32[1,3,640,640]'],
    outputs: ['output float32[Concatoutput_dim_0,7]'],
    labels: 80,
    reads: {
      ways: ['yolov7-nms'],
      fed: 'rgb 1/255 center',
      open: { Concatoutput_dim_0: 57 },
      oracle: { formula: 'yolov7-nms', tensors: { rows: ['output'] } },
    },
  },
  {
    name: 'PP-YOLOE with NMS',
    from: 'PaddleDetection tools/export_model.py and paddle2onnx',
    inputs: ['image float32[1,3,640,640]', 'scale_factor float32[1,2]'],
    outputs: [
      'multiclass_nms3_0.tmp_0 float32[p2o.DynamicDimension.0,6]',
      'multiclass_nms3_0.tmp_2 int32[1]',
    ],
    labels: 80,
    reads: {
      ways: ['paddle-nms'],
      fed: 'rgb 1/255 stretch 0.485',
      open: { 'p2o.DynamicDimension.0': 44 },
      oracle: { formula: 'paddle-nms', tensors: { rows: ['multiclass_nms3_0.tmp_0'] } },
    },
  },
  {
    name: 'PicoDet with NMS and the size of its picture',
    from: 'PaddleDetection configs/picodet, tools/export_model.py and paddle2onnx',
    inputs: ['im_shape float32[1,2]', 'image float32[1,3,320,320]', 'scale_factor float32[1,2]'],
    outputs: ['multiclass_nms3_0.tmp_0 float32[rows,6]', 'multiclass_nms3_0.tmp_2 int32[1]'],
    labels: 3,
    reads: {
      ways: ['paddle-nms'],
      fed: 'rgb 1/255 stretch 0.485',
      open: { rows: 31 },
      oracle: { formula: 'paddle-nms', tensors: { rows: ['multiclass_nms3_0.tmp_0'] } },
    },
  },
];
