import {
  efficientNms,
  mmdetection,
  ppyoloe,
  ppyoloeJoined,
  ssd,
  tensorflow,
  ultrafaceRaw,
  yolonas,
  yolov4,
} from './boxes-and-scores.ts';
import { logits, softmax } from './classifiers.ts';
import { depthMetric, depthRelative, monodepth } from './depth.ts';
import { detr, detrFinal, rfdetr, rtdetr, rtdetrUltralytics } from './detr.ts';
import { embedding } from './embedding.ts';
import type { Family } from './family.ts';
import { fastestdet } from './fastestdet.ts';
import { nanodet, nanodetM, picodet, scrfd, yolov5Raw, yunet } from './per-grid.ts';
import { paddleNms, yolov7Nms } from './rows-with-nms.ts';
import { semantic, semanticArgmax, semanticNhwc } from './semantic.ts';
import { movenet, movenetMulti, rtmpose } from './single-pose.ts';
import { tensor } from './tensor.ts';
import { ctc, db } from './text.ts';
import { torchvision } from './torchvision.ts';
import { yolov8Obb, yolov10Obb } from './yolo-obb.ts';
import { yolov8Pose, yolov10Pose } from './yolo-pose.ts';
import { yolov5Seg, yolov8Seg, yolov10Seg } from './yolo-seg.ts';
import { yolov5 } from './yolov5.ts';
import { yolov8 } from './yolov8.ts';
import { yolov8Raw } from './yolov8-raw.ts';
import { yolov10 } from './yolov10.ts';
import { yolox, yoloxDecoded } from './yolox.ts';

export type { Family, FamilyNetwork } from './family.ts';
export { decoderModulePath, tensor as tensorFamily } from './tensor.ts';
export { type UnsupportedFamily, unsupportedFamily } from './unsupported.ts';

/** Where several fit and none was named, the first one is tried first on pictures. */
export const families: readonly Family[] = [
  yolov8,
  yolov5,
  yolov10,
  yolox,
  yoloxDecoded,
  yolov8Seg,
  yolov5Seg,
  yolov10Seg,
  yolov8Pose,
  yolov10Pose,
  yolov8Obb,
  yolov10Obb,
  rtmpose,
  movenet,
  movenetMulti,
  fastestdet,
  rtdetr,
  rfdetr,
  detr,
  detrFinal,
  rtdetrUltralytics,
  yolonas,
  ppyoloe,
  ppyoloeJoined,
  yolov4,
  ssd,
  ultrafaceRaw,
  nanodet,
  nanodetM,
  picodet,
  yunet,
  scrfd,
  yolov5Raw,
  yolov8Raw,
  tensorflow,
  efficientNms,
  mmdetection,
  torchvision,
  yolov7Nms,
  paddleNms,
  semantic,
  semanticNhwc,
  semanticArgmax,
  depthRelative,
  depthMetric,
  monodepth,
  db,
  ctc,
  logits,
  softmax,
  embedding,
  tensor,
];

export const familyNames: readonly string[] = families.map(({ name }) => name);

/** Of the table; undefined where it has none of this name. */
export function familyNamed(name: string): Family | undefined {
  return families.find((family) => family.name === name);
}
