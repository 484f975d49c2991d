import { type Form, ultralytics } from '../form.ts';

const ways = ['logits', 'softmax'];
const logits = 'rgb 1/255 stretch 0.485';
const of = (formula: string, tensor: string) => ({ formula, tensors: { scores: [tensor] } });

/** One value per class for the whole picture. */
export const classifierForms: readonly Form[] = [
  {
    name: 'torchvision ResNet',
    from: 'pytorch/vision by torch.onnx.export',
    inputs: ['input float32[batch_size,3,224,224]'],
    outputs: ['output float32[batch_size,1000]'],
    labels: 1000,
    reads: { ways, fed: logits, oracle: of('logits', 'output') },
  },
  {
    name: 'SqueezeNet of Caffe2, whose pooling kept its axes',
    from: 'ONNX model zoo, squeezenet',
    inputs: ['data_0 float32[1,3,224,224]'],
    outputs: ['softmaxout_1 float32[1,1000,1,1]'],
    labels: 1000,
    reads: {
      ways,
      family: 'softmax',
      ...{ fed: 'rgb 1/255 stretch', oracle: of('softmax', 'softmaxout_1') },
    },
  },
  {
    name: 'timm with its global pooling kept',
    from: 'huggingface/pytorch-image-models onnx_export.py',
    inputs: ['input0 float32[1,3,256,256]'],
    outputs: ['output0 float32[1,7,1,1]'],
    labels: 7,
    reads: { ways, fed: logits, oracle: of('logits', 'output0') },
  },
  {
    name: 'YOLO11-cls',
    from: 'ultralytics/ultralytics ultralytics/nn/modules/head.py, Classify',
    inputs: ['images float32[1,3,224,224]'],
    outputs: ['output0 float32[1,1000]'],
    metadata: ultralytics('classify', 224, 1000),
    reads: {
      ways,
      family: 'softmax',
      ...{ fed: 'rgb 1/255 stretch', oracle: of('softmax', 'output0') },
    },
  },
  {
    name: 'Keras MobileNet by tf2onnx, NHWC',
    from: 'onnx/tensorflow-onnx, keras.applications',
    inputs: ['input_1 float32[unk__300,224,224,3]'],
    outputs: ['predictions float32[unk__301,1000]'],
    labels: 1000,
    reads: {
      ways,
      family: 'softmax',
      ...{ fed: 'rgb 1/255 stretch', oracle: of('softmax', 'predictions') },
    },
  },
  {
    name: 'a classifier of Hugging Face, all sides open',
    from: 'huggingface/optimum optimum/exporters/onnx, image-classification',
    inputs: ['pixel_values float32[batch_size,num_channels,height,width]'],
    outputs: ['logits float32[batch_size,10]'],
    labels: 10,
    overrides: { width: 224, height: 224 },
    reads: { ways, fed: logits, oracle: of('logits', 'logits') },
  },
];
