import type { ModelTask } from '../../model/index.ts';
import type { Answer, DetectorIdentity, DetectorResult } from '../detection.ts';
import { classification } from './classification.ts';
import { depth } from './depth.ts';
import { instanceSegmentation } from './instance-segmentation.ts';
import { pose } from './pose.ts';
import { rotatedBoxes } from './rotated-boxes.ts';
import { semanticSegmentation } from './semantic-segmentation.ts';
import type { TaskAnswer } from './task-answer.ts';
import { text } from './text.ts';

/** 'elsewhere': boxes and vectors are watched as they are, and tensors are measured before their module takes them. */
const answers: Readonly<Record<ModelTask, TaskAnswer | 'elsewhere'>> = {
  detection: 'elsewhere',
  embedding: 'elsewhere',
  tensor: 'elsewhere',
  obb: rotatedBoxes,
  'instance-segmentation': instanceSegmentation,
  pose,
  'semantic-segmentation': semanticSegmentation,
  depth,
  classification,
  text,
};

/** What a detector's task says of a frame beside its boxes. `result`: as it was found, before settings and trackers. */
export function answerOf(
  { task = 'detection' }: Pick<DetectorIdentity, 'task'>,
  result: Pick<DetectorResult, 'detections' | 'answer'>,
  picture: { readonly width: number; readonly height: number },
): Answer | undefined {
  const measured = answers[task];
  if (measured === 'elsewhere') return result.answer;
  return { names: measured.names, ...measured.measure(result.detections, picture) };
}
