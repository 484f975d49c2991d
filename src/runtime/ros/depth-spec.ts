import type { TfTarget } from '../../adapters/ros2/index.ts';
import { noRotation, type Placement, type Quaternion } from '../../perception/index.ts';
import { frameName } from '../../ros2/index.ts';

/** What a ROS source says of the depth camera beside it. */
export interface DepthSpec {
  readonly topic: string;
  /** Where the camera stands in another frame. */
  readonly placement?: Placement;
  /** The frame in which tf says where it is. */
  readonly tf?: Omit<TfTarget, 'listener'>;
}

/**
 * `depth_topic=/camera/depth/image_raw`, and for results in another frame `to=base_link`, by tf, with `tf_wait_ms=100` and
 * `tf_tolerance_ms=0`; or `to=base_link&xyz=0.1,0,0.5&xyzw=-0.5,0.5,-0.5,0.5`, fixed: metres, and a quaternion. Takes what it
 * reads out of `asked`; `wrong` makes the error.
 */
export function takeDepthSpec(asked: URLSearchParams, wrong: (what: string) => Error): DepthSpec | undefined {
  const take = (key: string) => {
    const value = asked.get(key) ?? undefined;
    asked.delete(key);
    return value;
  };
  const [topic, frameId, xyz, xyzw] = ['depth_topic', 'to', 'xyz', 'xyzw'].map(take);
  const [wait, tolerance] = ['tf_wait_ms', 'tf_tolerance_ms'].map(take);
  if (topic === undefined) {
    if (frameId ?? xyz ?? xyzw ?? wait ?? tolerance) throw wrong('places a camera that has no depth_topic');
    return undefined;
  }
  if (topic === '') throw wrong('has an empty depth_topic');
  if (frameId === undefined) {
    if (xyz ?? xyzw ?? wait ?? tolerance)
      throw wrong('says where the camera is, and not in which frame (to=base_link)');
    return { topic };
  }
  if (frameName(frameId) === '') throw wrong('has an empty to');
  if (xyz === undefined && xyzw === undefined) {
    const waitMs = milliseconds(wait, defaultWaitMs, () =>
      wrong('has a tf_wait_ms that is not from 0 to 2000'),
    );
    const toleranceMs = milliseconds(tolerance, 0, () =>
      wrong('has a tf_tolerance_ms that is not from 0 to 2000'),
    );
    return { topic, tf: { frameId, waitMs, toleranceMs } };
  }
  if (wait ?? tolerance) throw wrong('has a fixed place (xyz, xyzw), and settings of tf beside it');
  const [x, y, z] = numbers(xyz ?? '0,0,0', 3, () => wrong('has an xyz that is not three numbers'));
  return {
    topic,
    placement: {
      frameId,
      translation: { x: x!, y: y!, z: z! },
      rotation: xyzw === undefined ? noRotation : rotation(xyzw, wrong),
    },
  };
}

/** About as long as a detector takes: a transform that is told 10 times a second is there then. */
const defaultWaitMs = 100;

function milliseconds(text: string | undefined, otherwise: number, wrong: () => Error): number {
  const value = text === undefined ? otherwise : text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= 2000)) throw wrong();
  return value;
}

function rotation(text: string, wrong: (what: string) => Error): Quaternion {
  const [x, y, z, w] = numbers(text, 4, () => wrong('has an xyzw that is not four numbers'));
  const length = Math.hypot(x!, y!, z!, w!);
  if (Math.abs(length - 1) > 0.01) throw wrong('has an xyzw whose length is not 1');
  return { x: x! / length, y: y! / length, z: z! / length, w: w! / length };
}

function numbers(text: string, count: number, wrong: () => Error): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.length !== count || !values.every((value) => Number.isFinite(value))) throw wrong();
  return values;
}
