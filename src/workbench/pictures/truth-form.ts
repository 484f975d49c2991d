import type { ModelTask } from '../../model/index.ts';
import type { TruthForm } from '../../perception/index.ts';

/** What label files in YOLO form may hold beside boxes, by the task that they are for; undefined: its labels are no boxes. */
export function truthFormOf(task: ModelTask): TruthForm | undefined {
  const forms: Partial<Record<ModelTask, TruthForm>> = {
    detection: 'boxes',
    obb: 'corners',
    'instance-segmentation': 'outlines',
    pose: 'points',
  };
  return forms[task];
}
