import { type Form, ultralytics } from '../form.ts';

const exporter = 'ultralytics/ultralytics ultralytics/engine/exporter.py, export_onnx';
const picture = 'images float32[1,3,640,640]';
const fed = 'rgb 1/255 center';

/** Boxes with masks or points, and maps of classes. What is beside the boxes is compared in test/unit/perception. */
export const partForms: readonly Form[] = [
  {
    name: 'YOLO11-seg',
    from: `${exporter}; compared with a published yolo11n-seg`,
    inputs: [picture],
    outputs: ['output0 float32[1,116,8400]', 'output1 float32[1,32,160,160]'],
    metadata: ultralytics('segment', 640, 80),
    said: { ways: ['yolov8-seg'], fed },
  },
  {
    name: 'YOLOv5-seg, which notes no task',
    from: 'ultralytics/yolov5 export.py, SegmentationModel',
    inputs: [picture],
    outputs: ['output0 float32[1,25200,117]', 'output1 float32[1,32,160,160]'],
    metadata: { stride: '32', names: ultralytics('segment', 640, 80).names! },
    said: { ways: ['yolov5-seg'], fed },
  },
  {
    name: 'YOLO26-seg',
    from: exporter,
    inputs: [picture],
    outputs: ['output0 float32[1,300,38]', 'output1 float32[1,32,160,160]'],
    metadata: ultralytics('segment', 640, 80, { end2end: 'True' }),
    said: { ways: ['yolov10-seg'], fed },
  },
  {
    name: 'YOLO11-pose',
    from: exporter,
    inputs: [picture],
    outputs: ['output0 float32[1,56,8400]'],
    metadata: ultralytics('pose', 640, 1, { kpt_shape: '[17, 3]' }),
    reads: { ways: ['yolov8-pose'], fed, oracle: { formula: 'yolo-pose', tensors: { rows: ['output0'] } } },
  },
  {
    name: 'YOLOv8-pose whose notes are lost',
    from: exporter,
    inputs: [picture],
    outputs: ['output0 float32[1,56,8400]'],
    labels: 1,
    said: { ways: ['yolov8-pose'], fed },
  },
  {
    name: 'DeepLab of TensorFlow, NHWC',
    from: 'a published deeplab_v3_mnv2_dm05 (tf2onnx)',
    inputs: ['sub_7 float32[1,257,257,3]'],
    outputs: ['ResizeBilinear_3 float32[1,257,257,21]'],
    labels: 21,
    said: { ways: ['semantic-nhwc'], fed: 'rgb 1/255 stretch 0.5' },
  },
  {
    name: 'SegFormer of Hugging Face',
    from: 'huggingface/optimum optimum/exporters/onnx, semantic-segmentation',
    inputs: ['pixel_values float32[1,3,512,512]'],
    outputs: ['logits float32[1,150,128,128]'],
    labels: 150,
    said: { ways: ['semantic'], fed: 'rgb 1/255 stretch 0.485' },
  },
  {
    name: 'YOLO26-pose',
    from: exporter,
    inputs: [picture],
    outputs: ['output0 float32[1,300,57]'],
    metadata: ultralytics('pose', 640, 1, { kpt_shape: '[17, 3]', end2end: 'True' }),
    said: { ways: ['yolov10-pose'], fed },
  },
  {
    name: 'PP-LiteSeg with argmax inside',
    from: 'PaddlePaddle/PaddleSeg tools/export.py, --output_op argmax',
    inputs: ['x float32[1,3,512,1024]'],
    outputs: ['argmax_0.tmp_0 int64[1,512,1024]'],
    labels: 19,
    said: { ways: ['semantic-argmax'], fed: 'rgb 1/255 stretch 0.5' },
  },
  {
    name: 'MiDaS small, whose output has a number for its name',
    from: 'isl-org/MiDaS tf/make_onnx_model.py (model-small.onnx)',
    inputs: ['0 float32[1,3,256,256]'],
    outputs: ['797 float32[1,256,256]'],
    decoder: 'depth-relative',
    reads: {
      ...{ ways: ['depth-relative'], fed: 'rgb 1/255 stretch 0.485' },
      oracle: { formula: 'depth', tensors: { map: ['797'] } },
    },
  },
  {
    name: 'Depth Anything',
    from: 'fabio-sim/Depth-Anything-ONNX',
    inputs: ['image float32[1,3,518,518]'],
    outputs: ['depth float32[1,1,518,518]'],
    reads: {
      ...{ ways: ['depth-relative'], fed: 'rgb 1/255 stretch 0.485' },
      oracle: { formula: 'depth', tensors: { map: ['depth'] } },
    },
  },
  {
    name: 'Depth Anything V2 of Hugging Face, with metres',
    from: 'huggingface/optimum optimum/exporters/onnx, depth-estimation',
    inputs: ['pixel_values float32[batch_size,3,518,518]'],
    outputs: ['predicted_depth float32[batch_size,518,518]'],
    decoder: 'depth-metric',
    reads: {
      ...{ ways: ['depth-metric'], fed: 'rgb 1/255 stretch 0.485' },
      oracle: { formula: 'depth', tensors: { map: ['predicted_depth'] } },
    },
  },
  {
    name: 'Lite-Mono',
    from: 'noahzn/Lite-Mono networks/depth_decoder.py (its three scales), torch.onnx.export',
    inputs: ['input float32[1,3,192,640]'],
    outputs: [...['disp_0 float32[1,1,192,640]', 'disp_1 float32[1,1,96,320]', 'disp_2 float32[1,1,48,160]']],
    reads: {
      ...{ ways: ['monodepth'], fed: 'rgb 1/255 stretch' },
      oracle: { formula: 'monodepth2', tensors: { map: ['disp_0'] } },
    },
  },
  {
    name: 'YOLO11-obb',
    from: exporter,
    inputs: ['images float32[1,3,256,256]'],
    outputs: ['output0 float32[1,20,1344]'],
    metadata: ultralytics('obb', 256, 15),
    reads: { ways: ['yolov8-obb'], fed, oracle: { formula: 'yolo-obb', tensors: { rows: ['output0'] } } },
  },
  {
    name: 'YOLOv8-obb whose notes are lost, and which its user names',
    from: exporter,
    inputs: ['images float32[1,3,256,256]'],
    outputs: ['output0 float32[1,7,1344]'],
    ...{ labels: 2, decoder: 'yolov8-obb' },
    reads: { ways: ['yolov8-obb'], fed, oracle: { formula: 'yolo-obb', tensors: { rows: ['output0'] } } },
  },
  {
    name: 'YOLO11-obb with nms=True, of two classes, as many values as a row of YOLOv5 has',
    from: `${exporter}, NMSModel`,
    inputs: [picture],
    outputs: ['output0 float32[1,300,7]'],
    metadata: ultralytics('obb', 640, 2),
    reads: {
      ...{ ways: ['yolov10-obb'], fed },
      oracle: { formula: 'yolo-obb-final', tensors: { rows: ['output0'] } },
    },
  },
  {
    name: 'RTMPose',
    from: 'open-mmlab/mmdeploy configs/mmpose/pose-detection_simcc_onnxruntime_dynamic.py',
    inputs: ['input float32[batch,3,256,192]'],
    outputs: ['simcc_x float32[batch,17,384]', 'simcc_y float32[batch,17,512]'],
    reads: {
      ...{ ways: ['rtmpose'], fed: 'rgb 1 center 123.675' },
      oracle: { formula: 'rtmpose', tensors: { x: ['simcc_x'], y: ['simcc_y'] } },
    },
  },
  {
    name: 'MoveNet Lightning, whose input holds int32',
    from: 'tensorflow hub movenet/singlepose/lightning by tf2onnx',
    inputs: ['input int32[1,192,192,3]'],
    outputs: ['output_0 float32[1,1,17,3]'],
    reads: {
      ...{ ways: ['movenet'], fed: 'rgb 1 center' },
      oracle: { formula: 'movenet', tensors: { points: ['output_0'] } },
    },
  },
  {
    name: 'MoveNet multipose, with open sides',
    from: 'tensorflow hub movenet/multipose/lightning by tf2onnx',
    inputs: ['input int32[1,unk__1,unk__2,3]'],
    outputs: ['output_0 float32[1,6,56]'],
    overrides: { width: 256, height: 256 },
    reads: {
      ...{ ways: ['movenet-multipose'], fed: 'rgb 1 center' },
      oracle: { formula: 'movenet-multi', tensors: { rows: ['output_0'] } },
    },
  },
  {
    name: 'A detector for grey pictures',
    from: `${exporter}, a network with ch: 1`,
    inputs: ['images float32[1,1,640,640]'],
    outputs: ['output0 float32[1,84,8400]'],
    metadata: ultralytics('detect', 640, 80, { channels: '1' }),
    said: { ways: ['yolov8'], fed: 'grey 1/255 center' },
  },
];
