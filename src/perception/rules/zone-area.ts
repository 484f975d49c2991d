import type { Box } from '../detection.ts';
import { Polygon } from './border.ts';
import { anchorPlaces, inside } from './motion.ts';
import { ruleDefaults, type ZoneSettings } from './rule-settings.ts';

/** Where a zone is, without what it counts: whether one box is inside at this moment. */
export class ZoneArea {
  readonly #polygon: Polygon;
  readonly #share: number;

  constructor({ points, anchor = ruleDefaults.anchor }: Pick<ZoneSettings, 'points' | 'anchor'>) {
    this.#polygon = new Polygon(points, 1);
    this.#share = 1 - anchorPlaces[anchor] / 2;
  }

  contains({ x1, y1, x2, y2 }: Box, width: number, height: number): boolean {
    const y = y1 + this.#share * (y2 - y1);
    return this.#polygon.contains(inside((x1 + x2) / 2, width) / width, inside(y, height) / height);
  }
}
