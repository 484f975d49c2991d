import type { Transform } from '../messages/transforms.ts';

type Vector = Transform['translation'];
type Quaternion = Transform['rotation'];

export const identity: Transform = {
  translation: { x: 0, y: 0, z: 0 },
  rotation: { x: 0, y: 0, z: 0, w: 1 },
};

/** First `inner`, then `outer`. */
export function composed(outer: Transform, inner: Transform): Transform {
  return {
    translation: sum(turned(outer.rotation, inner.translation), outer.translation),
    rotation: normal(product(outer.rotation, inner.rotation)),
  };
}

export function inverse({ translation, rotation: { x, y, z, w } }: Transform): Transform {
  const rotation = { x: -x, y: -y, z: -z, w };
  const back = turned(rotation, translation);
  return { translation: { x: -back.x, y: -back.y, z: -back.z }, rotation };
}

/** On the straight way and the shorter turn from `a` (0) to `b` (1). */
export function between(a: Transform, b: Transform, ratio: number): Transform {
  const mix = (from: number, to: number) => from + (to - from) * ratio;
  const { translation: p } = a;
  const { translation: q } = b;
  return {
    translation: { x: mix(p.x, q.x), y: mix(p.y, q.y), z: mix(p.z, q.z) },
    rotation: slerp(a.rotation, b.rotation, ratio),
  };
}

function slerp(a: Quaternion, b: Quaternion, ratio: number): Quaternion {
  const dot = a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
  // A quaternion and its negative are the same turn.
  const sign = dot < 0 ? -1 : 1;
  const angle = Math.acos(Math.min(1, Math.abs(dot)));
  const sine = Math.sin(angle);
  // Of two that are nearly one the straight way is as good.
  const [from, to] =
    sine < 1e-6
      ? [1 - ratio, ratio * sign]
      : [Math.sin((1 - ratio) * angle) / sine, (Math.sin(ratio * angle) / sine) * sign];
  return normal({
    x: a.x * from + b.x * to,
    y: a.y * from + b.y * to,
    z: a.z * from + b.z * to,
    w: a.w * from + b.w * to,
  });
}

export function normal({ x, y, z, w }: Quaternion): Quaternion {
  const length = Math.hypot(x, y, z, w);
  return { x: x / length, y: y / length, z: z / length, w: w / length };
}

function product(a: Quaternion, b: Quaternion): Quaternion {
  return {
    x: a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
    y: a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
    z: a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w,
    w: a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z,
  };
}

function turned(q: Quaternion, v: Vector): Vector {
  // v + 2 w (q x v) + 2 q x (q x v)
  const once = cross(q, v);
  const twice = cross(q, once);
  return {
    x: v.x + 2 * (q.w * once.x + twice.x),
    y: v.y + 2 * (q.w * once.y + twice.y),
    z: v.z + 2 * (q.w * once.z + twice.z),
  };
}

function cross(a: Vector, b: Vector): Vector {
  return { x: a.y * b.z - a.z * b.y, y: a.z * b.x - a.x * b.z, z: a.x * b.y - a.y * b.x };
}

function sum(a: Vector, b: Vector): Vector {
  return { x: a.x + b.x, y: a.y + b.y, z: a.z + b.z };
}
