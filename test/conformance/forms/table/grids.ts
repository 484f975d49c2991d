import type { Form } from '../form.ts';

const rows = (formula: string, tensor: string) => ({ formula, tensors: { rows: [tensor] } });
const rawYolox = ['yolov5', 'yolox', 'yolox-decoded'];
const nanodetM = 'bgr 1 center 103.53';
const picodet = 'rgb 1/255 stretch 0.485';
const at = (name: string, strides: readonly number[]) => strides.map((stride) => `${name}_${stride}`);

/** Boxes that are counted from cells. */
export const gridForms: readonly Form[] = [
  {
    name: 'YOLOX',
    from: 'Megvii-BaseDetection/YOLOX tools/export_onnx.py; compared with the published yolox_nano',
    inputs: ['images float32[1,3,416,416]'],
    outputs: ['output float32[1,3549,85]'],
    labels: 80,
    reads: { ways: rawYolox, family: 'yolox', fed: 'bgr 1 top-left', oracle: rows('yolox', 'output') },
  },
  {
    name: 'YOLOX --dynamic',
    from: 'Megvii-BaseDetection/YOLOX tools/export_onnx.py, --dynamic',
    inputs: ['images float32[batch,3,256,416]'],
    outputs: ['output float32[batch,2184,85]'],
    labels: 80,
    reads: { ways: rawYolox, family: 'yolox', fed: 'bgr 1 top-left', oracle: rows('yolox', 'output') },
  },
  {
    name: 'YOLOX --decode_in_inference',
    from: 'Megvii-BaseDetection/YOLOX yolox/models/yolo_head.py, decode_outputs',
    inputs: ['images float32[1,3,416,416]'],
    outputs: ['output float32[1,3549,85]'],
    labels: 80,
    reads: {
      ways: rawYolox,
      family: 'yolox-decoded',
      fed: 'bgr 1 top-left',
      oracle: rows('yolov5', 'output'),
    },
  },
  {
    name: 'FastestDet',
    from: 'dog-qiuqiu/FastestDet, its published FastestDet.onnx',
    inputs: ['input.1 float32[1,3,352,352]'],
    outputs: ['758 float32[1,85,22,22]'],
    labels: 80,
    reads: {
      ways: ['fastestdet'],
      fed: 'bgr 1/255 stretch',
      oracle: { formula: 'fastestdet', tensors: { planes: ['758'] } },
    },
  },
  {
    name: 'YOLOv8 as raw heads',
    from: 'ultralytics/ultralytics ultralytics/nn/modules/head.py, Detect.forward in training',
    inputs: ['images float32[1,3,640,640]'],
    outputs: [...['output0 float32[1,144,80,80]', '357 float32[1,144,40,40]', '371 float32[1,144,20,20]']],
    labels: 80,
    reads: {
      ways: ['yolov8-raw'],
      fed: 'rgb 1/255 center',
      oracle: { formula: 'yolov8-raw', tensors: { planes: ['output0', '357', '371'] } },
    },
  },
  {
    name: 'YOLO11 for boards of Rockchip, with the sums of its scores',
    from: 'airockchip/ultralytics_yolov8 ultralytics/nn/modules/head.py, Detect.forward with export and rknn',
    inputs: ['images float32[1,3,320,192]'],
    outputs: [
      ...['318 float32[1,64,40,24]', 'onnx::ReduceSum_326 float32[1,5,40,24]', '331 float32[1,1,40,24]'],
      ...['338 float32[1,64,20,12]', 'onnx::ReduceSum_346 float32[1,5,20,12]', '350 float32[1,1,20,12]'],
      ...['357 float32[1,64,10,6]', 'onnx::ReduceSum_365 float32[1,5,10,6]', '369 float32[1,1,10,6]'],
    ],
    labels: 5,
    reads: {
      ways: ['yolov8-raw'],
      fed: 'rgb 1/255 center',
      oracle: {
        formula: 'yolov8-rknn',
        tensors: {
          boxes: ['318', '338', '357'],
          scores: ['onnx::ReduceSum_326', 'onnx::ReduceSum_346', 'onnx::ReduceSum_365'],
        },
      },
    },
  },
  {
    name: 'YOLOv8 with boxes and classes apart, not decoded',
    from: 'hailo-ai/hailo_model_zoo, end nodes of yolov8n: cv2 and cv3 of each stride',
    inputs: ['images float32[1,3,640,640]'],
    outputs: [
      ...['reg0 float32[1,64,80,80]', 'cls0 float32[1,3,80,80]', 'reg1 float32[1,64,40,40]'],
      ...['cls1 float32[1,3,40,40]', 'reg2 float32[1,64,20,20]', 'cls2 float32[1,3,20,20]'],
    ],
    labels: 3,
    reads: {
      ways: ['yolov8-raw'],
      fed: 'rgb 1/255 center',
      oracle: {
        formula: 'yolov8-apart',
        tensors: { boxes: ['reg0', 'reg1', 'reg2'], scores: ['cls0', 'cls1', 'cls2'] },
      },
    },
  },
  {
    name: 'NanoDet-m',
    from: 'RangiLyu/nanodet tools/export_onnx.py of 0.x; compared with a published nanodet_m_416',
    inputs: ['input.1 float32[1,3,416,416]'],
    outputs: [
      'cls_pred_stride_8 float32[1,2704,80]',
      'cls_pred_stride_16 float32[1,676,80]',
      'cls_pred_stride_32 float32[1,169,80]',
      'dis_pred_stride_8 float32[1,2704,32]',
      'dis_pred_stride_16 float32[1,676,32]',
      'dis_pred_stride_32 float32[1,169,32]',
    ],
    labels: 80,
    reads: {
      ways: ['nanodet-m'],
      fed: nanodetM,
      oracle: {
        formula: 'nanodet-m',
        tensors: {
          scores: at('cls_pred_stride', [8, 16, 32]),
          boxes: at('dis_pred_stride', [8, 16, 32]),
        },
      },
    },
  },
  {
    name: 'NanoDet-m without the axis of pictures, its outputs named by the wrong stride',
    from: 'a published nanodet.onnx for OpenCV',
    inputs: ['image float32[1,3,320,320]'],
    outputs: [
      'cls_score0 float32[1600,80]',
      'bbox_pred0 float32[400,80]',
      'cls_score1 float32[100,80]',
      'bbox_pred1 float32[1600,32]',
      'cls_score2 float32[400,32]',
      'bbox_pred2 float32[100,32]',
    ],
    labels: 80,
    reads: {
      ways: ['nanodet-m'],
      fed: nanodetM,
      oracle: {
        formula: 'nanodet-m',
        tensors: {
          scores: ['cls_score0', 'bbox_pred0', 'cls_score1'],
          boxes: ['bbox_pred1', 'cls_score2', 'bbox_pred2'],
        },
      },
    },
  },
  {
    name: 'NanoDet-Plus',
    from: 'RangiLyu/nanodet tools/export_onnx.py and nanodet/model/head/nanodet_plus_head.py',
    inputs: ['data float32[1,3,416,416]'],
    outputs: ['output float32[1,3598,112]'],
    labels: 80,
    reads: { ways: ['nanodet'], fed: 'bgr 1 stretch 103.53', oracle: rows('nanodet-plus', 'output') },
  },
  {
    name: 'PicoDet without postprocessing',
    from: 'PaddleDetection ppdet/modeling/heads/pico_head.py; compared with a published picodet_s_320_coco',
    inputs: ['image float32[1,3,320,320]'],
    outputs: [
      'save_infer_model/scale_0.tmp_1 float32[1,1600,80]',
      'save_infer_model/scale_1.tmp_1 float32[1,400,80]',
      'save_infer_model/scale_2.tmp_1 float32[1,100,80]',
      'save_infer_model/scale_3.tmp_1 float32[1,25,80]',
      'save_infer_model/scale_4.tmp_1 float32[1,1600,32]',
      'save_infer_model/scale_5.tmp_1 float32[1,400,32]',
      'save_infer_model/scale_6.tmp_1 float32[1,100,32]',
      'save_infer_model/scale_7.tmp_1 float32[1,25,32]',
    ],
    labels: 80,
    reads: {
      ways: ['picodet'],
      fed: picodet,
      oracle: {
        formula: 'picodet',
        tensors: {
          scores: [0, 1, 2, 3].map((level) => `save_infer_model/scale_${level}.tmp_1`),
          boxes: [4, 5, 6, 7].map((level) => `save_infer_model/scale_${level}.tmp_1`),
        },
      },
    },
  },
  {
    name: 'YuNet, fixed axes',
    from: 'ShiqiYu/libfacedetection.train onnx/yunet_n_320_320.onnx',
    inputs: ['input float32[1,3,320,320]'],
    outputs: [
      ...['cls_8 float32[1,1600,1]', 'cls_16 float32[1,400,1]', 'cls_32 float32[1,100,1]'],
      ...['obj_8 float32[1,1600,1]', 'obj_16 float32[1,400,1]', 'obj_32 float32[1,100,1]'],
      ...['bbox_8 float32[1,1600,4]', 'bbox_16 float32[1,400,4]', 'bbox_32 float32[1,100,4]'],
      ...['kps_8 float32[1,1600,10]', 'kps_16 float32[1,400,10]', 'kps_32 float32[1,100,10]'],
    ],
    labels: 1,
    reads: { ways: ['yunet'], fed: 'bgr 1 top-left', oracle: yunet() },
  },
  {
    name: 'YuNet, one name for the rows of all strides',
    from: 'a published face_detection_yunet',
    inputs: ['input float32[1,3,height,width]'],
    outputs: ['cls', 'obj', 'bbox', 'kps'].flatMap((name, at) =>
      [8, 16, 32].map((stride) => `${name}_${stride} float32[1,anchors,${[1, 1, 4, 10][at]}]`),
    ),
    labels: 1,
    overrides: { width: 320, height: 320 },
    reads: {
      ways: ['yunet'],
      fed: 'bgr 1 top-left',
      really: Object.fromEntries(
        [8, 16, 32].flatMap((stride) => {
          const cells = (320 / stride) ** 2;
          return [
            [`cls_${stride}`, [1, cells, 1]],
            [`obj_${stride}`, [1, cells, 1]],
            [`bbox_${stride}`, [1, cells, 4]],
            [`kps_${stride}`, [1, cells, 10]],
          ];
        }),
      ),
      oracle: yunet(),
    },
  },
  {
    name: 'SCRFD with points',
    from: 'deepinsight/insightface detection/scrfd/tools/scrfd.py; compared with a published scrfd_500m_kps',
    inputs: ['images float32[1,3,320,320]'],
    outputs: [
      ...['out0 float32[1,3200,1]', 'out1 float32[1,800,1]', 'out2 float32[1,200,1]'],
      ...['out3 float32[1,3200,4]', 'out4 float32[1,800,4]', 'out5 float32[1,200,4]'],
      ...['out6 float32[1,3200,10]', 'out7 float32[1,800,10]', 'out8 float32[1,200,10]'],
    ],
    labels: 1,
    reads: {
      ways: ['scrfd'],
      fed: 'rgb 1 top-left 127.5',
      oracle: {
        formula: 'scrfd',
        tensors: { scores: ['out0', 'out1', 'out2'], boxes: ['out3', 'out4', 'out5'] },
      },
    },
  },
  {
    name: 'SCRFD without points, its pictures of any size',
    from: 'deepinsight/insightface detection/scrfd/tools/scrfd2onnx.py',
    inputs: ['input.1 float32[1,3,?,?]'],
    outputs: [
      ...['443 float32[12800,1]', '468 float32[3200,1]', '493 float32[800,1]'],
      ...['446 float32[12800,4]', '471 float32[3200,4]', '496 float32[800,4]'],
    ],
    labels: 1,
    overrides: { width: 640, height: 640 },
    reads: {
      ways: ['scrfd'],
      fed: 'rgb 1 top-left 127.5',
      oracle: {
        formula: 'scrfd',
        tensors: { scores: ['443', '468', '493'], boxes: ['446', '471', '496'] },
      },
    },
  },
];

function yunet() {
  const strides = [8, 16, 32];
  return {
    formula: 'yunet',
    tensors: { cls: at('cls', strides), obj: at('obj', strides), bbox: at('bbox', strides) },
  };
}
