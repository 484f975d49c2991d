/** What is measured, as manifests name it. */
export type MeasureName =
  | 'map'
  | 'ap50'
  | 'top1'
  | 'top5'
  | 'miou'
  | 'pixelAccuracy'
  | 'delta1'
  | 'absRel'
  | 'recall1'
  | 'recall5'
  | 'wordAccuracy'
  | 'cer';

/** As people write them. */
export const measureWords: Readonly<Record<MeasureName, string>> = {
  ...{ map: 'mAP', ap50: 'AP50', top1: 'top-1', top5: 'top-5', miou: 'mIoU', pixelAccuracy: 'right pixels' },
  ...{ delta1: 'delta1', absRel: 'AbsRel', recall1: 'recall@1', recall5: 'recall@5' },
  ...{ wordAccuracy: 'right lines', cer: 'CER' },
};
