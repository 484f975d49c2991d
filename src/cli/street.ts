import { StreetFrameSource } from '../adapters/street/index.ts';
import type { OpenedSource, SourceRequest } from './sources.ts';

/** The simulated street as a live camera. */
export function openStreet({ clock, camera, fps, seed, frameId }: SourceRequest): OpenedSource {
  const source = new StreetFrameSource({
    camera: camera ?? 'street',
    clock,
    seed: seed ?? 1,
    fps,
    ...(frameId === undefined ? {} : { frameId }),
  });
  return { source, lossless: false, kind: 'sim' };
}
