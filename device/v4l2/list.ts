import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../src/base/index.ts';
import { type Control, controlsOf } from './controls.ts';
import { type CameraFacts, factsOf, formatsOf, type OfferedFormat } from './formats.ts';
import { type OpenNode, openNode } from './node.ts';

export interface ListedCamera {
  readonly path: string;
  readonly facts?: CameraFacts;
  readonly formats: readonly OfferedFormat[];
  readonly controls: readonly Control[];
  /** Why it can't be asked. */
  readonly problem?: string;
}

/** The cameras of this machine that give pictures, and those that can't be asked. */
export function listCameras(folder = '/dev', open: OpenNode = openNode): ListedCamera[] {
  const names = readdirSync(folder).filter((name) => /^video\d{1,4}$/.test(name));
  const order = new Intl.Collator('en', { numeric: true });
  return names.sort(order.compare).flatMap((name): ListedCamera[] => {
    const path = join(folder, name);
    try {
      const node = open(path);
      try {
        const facts = factsOf(node);
        if (facts?.captures !== true) return [];
        return [{ path, facts, formats: formatsOf(node), controls: controlsOf(node) }];
      } finally {
        node.close();
      }
    } catch (error) {
      return [{ path, formats: [], controls: [], problem: describeError(error) }];
    }
  });
}
