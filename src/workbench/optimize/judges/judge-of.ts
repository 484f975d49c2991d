import type { ModelTask } from '../../../model/index.ts';
import { BoxJudge } from './boxes.ts';
import { ClassJudge } from './classes.ts';
import { DepthJudge } from './depths.ts';
import type { TaskJudge } from './judge.ts';
import { LineJudge } from './lines.ts';
import { MapJudge } from './maps.ts';
import { VectorJudge } from './vectors.ts';

/** The tasks whose variants can be judged: the answer of a module means nothing here. */
export type JudgedTask = Exclude<ModelTask, 'tensor'>;

const judges: Readonly<Record<JudgedTask, (labels: readonly string[], perMetre: number) => TaskJudge>> = {
  detection: (labels) => new BoxJudge(labels, 'boxes'),
  obb: (labels) => new BoxJudge(labels, 'corners'),
  'instance-segmentation': (labels) => new BoxJudge(labels, 'outlines'),
  pose: (labels) => new BoxJudge(labels, 'points'),
  classification: (labels) => new ClassJudge(labels),
  'semantic-segmentation': (labels) => new MapJudge(labels),
  depth: (_, perMetre) => new DepthJudge(perMetre),
  embedding: () => new VectorJudge(),
  text: () => new LineJudge(),
};

export function judgeOf(task: JudgedTask, labels: readonly string[], perMetre = 1000): TaskJudge {
  return judges[task](labels, perMetre);
}
