import { InputError } from '../../base/index.ts';

export interface V4l2Spec {
  readonly path: string;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  readonly format?: string;
  readonly controls: Readonly<Record<string, number>>;
}

/** `v4l2:/dev/video0?size=1280x720&fps=30&format=mjpeg&brightness=128`: other names are controls. Throws an InputError. */
export function parseV4l2(spec: string): V4l2Spec {
  const match = /^v4l2:(\/dev\/[A-Za-z0-9_./-]{1,200})(?:\?(.*))?$/s.exec(spec);
  const path = match?.[1];
  if (path === undefined) throw wrong(spec, 'it names no device');
  let chosen: V4l2Spec = { path, controls: {} };
  for (const [name, text] of new URLSearchParams(match?.[2] ?? '')) {
    chosen = { ...chosen, ...choiceOf(spec, name, text, chosen.controls) };
  }
  return chosen;
}

function choiceOf(
  spec: string,
  name: string,
  text: string,
  controls: V4l2Spec['controls'],
): Partial<V4l2Spec> {
  if (name === 'size') {
    const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(text) ?? [];
    if (Number(width) >= 2 && Number(height) >= 2) return { width: Number(width), height: Number(height) };
    throw wrong(spec, 'size is written 1280x720');
  }
  if (name === 'fps') {
    if (Number(text) >= 0.1 && Number(text) <= 1000) return { fps: Number(text) };
    throw wrong(spec, 'fps is a number from 0.1 to 1000');
  }
  if (name === 'format') {
    if (/^[a-z0-9]{3,5}$/.test(text)) return { format: text };
    throw wrong(spec, 'format is yuyv, nv12, mjpeg or another that `goshawk camera list` lists');
  }
  if (/^[a-z][a-z0-9_]{0,40}$/.test(name) && /^-?\d{1,9}$/.test(text))
    return { controls: { ...controls, [name]: Number(text) } };
  throw wrong(spec, `"${name}=${text}" is neither a setting nor a control with a whole number`);
}

function wrong(spec: string, what: string): InputError {
  return new InputError(
    'v4l2-source',
    `The source ${spec.slice(0, 200)} is not valid: ${what}.`,
    'Write v4l2:/dev/video0?size=1280x720&fps=30&format=mjpeg; `goshawk camera list` lists what there is.',
  );
}
