import { beforeAll, describe, expect, it } from 'vitest';
import { DriftMonitor, ProfileBuilder, type ReferenceProfile } from '../../../src/drift/index.ts';
import type { ModelTask } from '../../../src/model/index.ts';
import { TaskStream } from '../perception/answer/task-models.ts';
import { digest, type Fault, ToyCamera } from './toy-camera.ts';

const fps = 1;

/** What comes of a model of this task before the toy camera. */
class Watched {
  readonly camera: ToyCamera;
  readonly stream: TaskStream;

  constructor(task: ModelTask, seed: number) {
    this.camera = new ToyCamera(seed, fps);
    this.stream = new TaskStream(task, seed);
  }

  next(fault?: string, ofPicture?: Fault) {
    const { thumbnail, result, atMs } = this.camera.next(ofPicture);
    return { thumbnail, atMs, result: this.stream.answered(result, atMs, fault) };
  }

  watch(monitor: DriftMonitor, seconds: number, fault?: string, ofPicture?: Fault) {
    return Array.from({ length: seconds * fps }, () => {
      const { thumbnail, result, atMs } = this.next(fault, ofPicture);
      return monitor.observe(thumbnail, result, atMs);
    }).flat();
  }
}

function learned(task: ModelTask): ReferenceProfile {
  const builder = new ProfileBuilder({ modelDigest: digest, camera: 'toy', viewSeconds: 600 });
  const watched = new Watched(task, 1);
  for (let i = 0; i < 3000 * fps; i++) {
    const { thumbnail, result, atMs } = watched.next();
    builder.observe(thumbnail, result, atMs);
  }
  return builder.finish();
}

/** Task, fault, what it is called, what says so. */
const table: readonly (readonly [ModelTask, ...(readonly [fault: string, verdict: string, by: string])[]])[] =
  [
    [
      'classification',
      ['unsure', 'model regression', 'score'],
      ['stuck', 'label shift', 'mix_distance'],
      ['unseen', 'label shift', 'unknown_class'],
    ],
    [
      'semantic-segmentation',
      ['fragments', 'model regression', 'log_map_edges'],
      ['relabelled', 'label shift', 'mix_distance'],
    ],
    [
      'instance-segmentation',
      ['shrunken', 'model regression', 'mask_share'],
      ['torn', 'model regression', 'log_mask_outline'],
      ['hazy', 'model regression', 'mask_sure'],
    ],
    [
      'pose',
      ['collapsed', 'model regression', 'log_figure_spread'],
      ['shuffled', 'model regression', 'log_keypoint_step'],
      ['unsure', 'model regression', 'keypoint_score'],
    ],
    ['obb', ['turned', 'model regression', 'turn_sin'], ['square', 'model regression', 'log_elongation']],
    [
      'depth',
      ['twice as far', 'model regression', 'log_depth'],
      ['holes', 'model regression', 'depth_missing'],
      ['flat', 'model regression', 'depth_spread'],
      ['upside down', 'model regression', 'depth_slope'],
    ],
    [
      'text',
      ['garbage', 'label shift', 'mix_distance'],
      ['cut', 'model regression', 'log_text_length'],
      ['unsure', 'model regression', 'text_log_odds'],
      ['unread', 'model regression', 'unread'],
    ],
    [
      'tensor',
      ['three times as large', 'model regression', 'log_tensor_spread'],
      ['constant', 'model regression', 'log_tensor_spread'],
      ['not finite', 'model regression', 'not_finite'],
    ],
  ];

describe.each(table.map(([task, ...faults]) => ({ task, faults })))(
  'A model of $task',
  ({ task, faults }) => {
    let profile: ReferenceProfile;
    beforeAll(() => {
      profile = learned(task);
    });

    it('is quiet for an hour in which nothing happens', () => {
      expect(new Watched(task, 5).watch(new DriftMonitor(profile), 3600)).toEqual([]);
    });

    it.each(faults)('that is %s is a %s within two minutes, by %s', (fault, verdict, by) => {
      const watched = new Watched(task, 3);
      const monitor = new DriftMonitor(profile);
      expect(watched.watch(monitor, 240)).toEqual([]);
      const [first, ...more] = watched.watch(monitor, 120, fault);
      expect(first?.message).toBe(verdict);
      expect(more.filter(({ phase }) => phase === 'cleared')).toEqual([]);
      expect([first, ...more].at(-1)?.message).toBe(verdict);
      expect(first?.signals.map(({ name }) => name)).toContain(by);
      expect(monitor.state().signals.map(({ name }) => name)).toContain(by);
    });

    it('behind a lens out of focus is a fault of the lens', () => {
      const watched = new Watched(task, 4);
      const monitor = new DriftMonitor(profile);
      watched.watch(monitor, 60);
      expect(watched.watch(monitor, 30, undefined, { detail: 0.15 })[0]?.message).toBe(
        'sensor fault: blurred',
      );
    });
  },
);
