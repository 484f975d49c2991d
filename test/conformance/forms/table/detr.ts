import type { Form } from '../form.ts';

const fed = 'rgb 1/255 stretch';
const imagenet = 'rgb 1/255 stretch 0.485';
const pair = (formula: string, logits: string, boxes: string) => ({
  formula,
  tensors: { logits: [logits], boxes: [boxes] },
});
const final = {
  formula: 'detr-final',
  tensors: { labels: ['labels'], boxes: ['boxes'], scores: ['scores'] },
};

export const detrForms: readonly Form[] = [
  {
    name: 'RT-DETR with its postprocessor',
    from: 'lyuwenyu/RT-DETR rtdetrv2_pytorch/tools/export_onnx.py',
    inputs: ['images float32[N,3,640,640]', 'orig_target_sizes int64[N,2]'],
    outputs: ['labels int64[N,300]', 'boxes float32[N,300,4]', 'scores float32[N,300]'],
    labels: 80,
    reads: { ways: ['detr-final'], fed, oracle: final },
  },
  {
    name: 'D-FINE with its postprocessor, whose outputs have open sides',
    from: 'Peterande/D-FINE tools/deployment/export_onnx.py',
    inputs: ['images float32[N,3,640,640]', 'orig_target_sizes int64[N,2]'],
    outputs: [
      'labels int64[N,Modlabels_dim_1]',
      'boxes float32[N,GatherElementsboxes_dim_1,4]',
      'scores float32[N,TopKscores_dim_1]',
    ],
    labels: 80,
    reads: {
      ways: ['detr-final'],
      ...{ fed, open: { Modlabels_dim_1: 300, GatherElementsboxes_dim_1: 300, TopKscores_dim_1: 300 } },
      oracle: final,
    },
  },
  {
    name: 'DEIMv2 with the axis of pictures squeezed away',
    from: 'a published deimv2-atto (Intellindust-AI-Lab/DEIMv2 tools/deployment/export_onnx.py)',
    inputs: ['images float32[batch,3,320,320]', 'orig_target_sizes int64[batch,2]'],
    outputs: [
      'labels int64[Squeezelabels_dim_0]',
      'boxes float32[Squeezeboxes_dim_0,Squeezeboxes_dim_1]',
      'scores float32[Squeezeboxes_dim_0]',
    ],
    labels: 80,
    reads: {
      ways: ['detr-final'],
      ...{ fed, open: { Squeezelabels_dim_0: 100, Squeezeboxes_dim_0: 100, Squeezeboxes_dim_1: 4 } },
      oracle: final,
    },
  },
  {
    name: 'D-FINE without its postprocessor',
    from: 'Peterande/D-FINE src/zoo/dfine/dfine.py',
    inputs: ['images float32[1,3,640,640]'],
    outputs: ['pred_logits float32[1,300,80]', 'pred_boxes float32[1,300,4]'],
    labels: 80,
    reads: {
      ways: ['rtdetr', 'rfdetr'],
      ...{ fed, oracle: pair('rtdetr', 'pred_logits', 'pred_boxes') },
    },
  },
  {
    name: 'RT-DETR of Hugging Face, all sides open',
    from: 'huggingface/optimum optimum/exporters/onnx, VisionOnnxConfig and TasksManager object-detection',
    inputs: ['pixel_values float32[batch_size,num_channels,height,width]'],
    outputs: ['logits float32[batch_size,num_queries,80]', 'pred_boxes float32[batch_size,num_queries,4]'],
    labels: 80,
    overrides: { width: 640, height: 640 },
    reads: {
      ways: ['rtdetr', 'rfdetr', 'yolo-nas'],
      ...{ fed, open: { num_queries: 300 } },
      oracle: pair('rtdetr', 'logits', 'pred_boxes'),
    },
  },
  {
    name: 'YOLOS of Hugging Face: one more value for nothing',
    from: 'huggingface/transformers models/yolos, post_process_object_detection',
    inputs: ['pixel_values float32[batch_size,3,512,864]'],
    outputs: ['logits float32[batch_size,100,92]', 'pred_boxes float32[batch_size,100,4]'],
    labels: 91,
    reads: { ways: ['detr'], fed: imagenet, oracle: pair('detr', 'logits', 'pred_boxes') },
  },
  {
    name: 'RF-DETR',
    from: 'roboflow/rf-detr rfdetr/deploy/export.py',
    inputs: ['input float32[1,3,560,560]'],
    outputs: ['dets float32[1,300,4]', 'labels float32[1,300,91]'],
    labels: 91,
    reads: { ways: ['rfdetr'], fed: imagenet, oracle: pair('rtdetr', 'labels', 'dets') },
  },
  {
    name: 'RF-DETR dynamic batch',
    from: 'roboflow/rf-detr rfdetr/export, dynamic_batch',
    inputs: ['input float32[batch,3,384,384]'],
    outputs: ['dets float32[batch,300,4]', 'labels float32[batch,300,3]'],
    labels: 3,
    reads: { ways: ['rfdetr'], fed: imagenet, oracle: pair('rtdetr', 'labels', 'dets') },
  },
];
