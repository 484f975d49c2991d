import type { DecoderName } from '../../model/index.ts';
import { logits, softmax } from './classifier.ts';
import type { Decoder } from './decoder.ts';
import { fastestdet } from './fastestdet.ts';
import { yolov5 } from './yolov5.ts';
import { yolov8 } from './yolov8.ts';
import { yolov10 } from './yolov10.ts';
import { yolox } from './yolox.ts';

export const decoders: Readonly<Record<DecoderName, Decoder>> = {
  yolov5,
  yolov8,
  yolov10,
  yolox,
  fastestdet,
  logits,
  softmax,
};
