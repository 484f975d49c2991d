import { noRotation, type Placement, type Quaternion } from '../../perception/index.ts';

/** What a ROS source says of the depth camera beside it. */
export interface DepthSpec {
  readonly topic: string;
  /** Where the camera stands in another frame. */
  readonly placement?: Placement;
}

/**
 * `depth_topic=/camera/depth/image_raw`, and `to=base_link&xyz=0.1,0,0.5&xyzw=-0.5,0.5,-0.5,0.5` for results in another frame:
 * metres, and a quaternion. Takes what it reads out of `asked`; `wrong` makes the error.
 */
export function takeDepthSpec(asked: URLSearchParams, wrong: (what: string) => Error): DepthSpec | undefined {
  const take = (key: string) => {
    const value = asked.get(key) ?? undefined;
    asked.delete(key);
    return value;
  };
  const [topic, frameId, xyz, xyzw] = ['depth_topic', 'to', 'xyz', 'xyzw'].map(take);
  if (topic === undefined) {
    if (frameId ?? xyz ?? xyzw) throw wrong('places a camera that has no depth_topic');
    return undefined;
  }
  if (topic === '') throw wrong('has an empty depth_topic');
  if (frameId === undefined) {
    if (xyz ?? xyzw) throw wrong('has xyz or xyzw, and not to which frame (to=base_link)');
    return { topic };
  }
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
