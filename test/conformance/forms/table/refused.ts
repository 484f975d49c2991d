import type { Form } from '../form.ts';

const family = (words: RegExp) => ({ code: 'model-family', words });
const picture = 'images float32[1,3,640,640]';

/** Networks of families that nothing here reads; each refusal names its family. */
export const refusedForms: readonly Form[] = [
  {
    name: 'MoveNet with labels for its points',
    from: 'tensorflow hub movenet/singlepose/lightning by tf2onnx',
    inputs: ['input int32[1,192,192,3]'],
    outputs: ['output_0 float32[1,1,17,3]'],
    labels: 17,
    refused: family(/pose estimation \(MoveNet\)/),
  },
  {
    name: 'CRNN of PP-OCR with another dictionary',
    from: 'a published ch_PP-OCRv4_rec_infer (paddle2onnx)',
    inputs: ['x float32[p2o.DynamicDimension.0,3,48,p2o.DynamicDimension.1]'],
    outputs: ['softmax_11.tmp_0 float32[p2o.DynamicDimension.2,p2o.DynamicDimension.3,6625]'],
    labels: 80,
    overrides: { width: 320 },
    refused: family(/text recognition \(CRNN, PP-OCR\)/),
  },
  {
    name: 'DeepLab of torchvision, NCHW',
    from: 'pytorch/vision torchvision/models/segmentation',
    inputs: ['input float32[1,3,520,520]'],
    outputs: ['out float32[1,21,520,520]', 'aux float32[1,21,520,520]'],
    labels: 21,
    refused: { code: 'model-output', words: /2 outputs; of them "out" .* fits the decoder semantic/ },
  },
  {
    name: 'MiDaS',
    from: 'isl-org/MiDaS tf/make_onnx_model.py',
    inputs: ['0 float32[1,3,256,256]'],
    outputs: ['797 float32[1,256,256]'],
    labels: 80,
    refused: family(/depth estimation \(MiDaS, Depth Anything, Lite-Mono\)/),
  },
  {
    name: 'YOLOv5 as planes, before its views',
    from: 'airockchip/yolov5 export.py, --rknpu',
    inputs: [picture],
    outputs: [...['output0 float32[1,255,80,80]', '337 float32[1,255,40,40]', '339 float32[1,255,20,20]']],
    labels: 80,
    refused: family(/raw heads with anchors \(YOLOv3, YOLOv4, YOLOv5, YOLOv7\)/),
  },
  {
    name: 'Yolo-FastestV2',
    from: 'dog-qiuqiu/Yolo-FastestV2, a published yolo-fastestv2',
    inputs: ['input.1 float32[1,3,352,352]'],
    outputs: [
      ...['753 float32[1,12,22,22]', '754 float32[1,3,22,22]', '755 float32[1,80,22,22]'],
      ...['756 float32[1,12,11,11]', '757 float32[1,3,11,11]', '758 float32[1,80,11,11]'],
    ],
    labels: 80,
    refused: family(/raw heads, one output per grid/),
  },
  {
    name: 'Faster R-CNN of torchvision, its picture without that axis',
    from: 'pytorch/vision test/test_onnx.py',
    inputs: ['images_tensors float32[3,images_height,images_width]'],
    outputs: ['outputs float32[num,4]', 'levels int64[num]', '3570 float32[num]'],
    labels: 91,
    refused: family(/torchvision/),
  },
  {
    name: 'YuNet of 2021',
    from: 'a published face_detection_yunet_120x160 of 2021',
    inputs: ['input float32[1,3,120,160]'],
    outputs: ['loc float32[1076,14]', 'conf float32[1076,2]', 'iou float32[1076,1]'],
    labels: 1,
    refused: family(/YuNet before 2023/),
  },
  {
    name: 'RF-DETR with labels of COCO without its gaps',
    from: 'roboflow/rf-detr rfdetr/deploy/export.py',
    inputs: ['input float32[1,3,560,560]'],
    outputs: ['dets float32[1,300,4]', 'labels float32[1,300,91]'],
    labels: 80,
    refused: family(/a DETR.*300 queries with 91 scores each, where 80 labels were given/),
  },
  {
    name: 'SSD of torchvision by its raw heads',
    from: 'qfgaohao/pytorch-ssd convert_to_caffe2_models.py',
    inputs: ['input float32[1,3,300,300]'],
    outputs: ['scores float32[1,3000,21]', 'boxes float32[1,3000,4]'],
    labels: 80,
    refused: family(/an SSD, a RetinaNet or YOLO-NAS/),
  },
];
