import { sampleMask } from './mask-sample.ts';
import type { TaskAnswer } from './task-answer.ts';

const mostSamples = 2048;

/** How the picture is shared by classes, and how much border lies between them. */
export const semanticSegmentation: TaskAnswer = {
  names: ['log_map_edges', 'map_entropy', 'map_empty'],
  measure: (found, { width, height }) => {
    const cells = found.reduce((sum, { mask }) => sum + (mask?.values.length ?? 0), 0);
    let [within, edges, known] = [0, 0, 0];
    const areas = found.flatMap(({ label, mask }): [string, number][] => {
      if (mask === undefined) return [];
      const sample = sampleMask(mask, Math.ceil((mostSamples * mask.values.length) / cells));
      within += sample.within * sample.stride;
      edges += sample.edges * sample.stride;
      const area = (sample.within * sample.stride * mask.cellWidth * mask.cellHeight) / (width * height);
      known += area;
      return [[label, area]];
    });
    if (known === 0) return { values: [Number.NaN, Number.NaN, 1] };
    const mix = areas.map(([label, area]): [string, number] => [label, area / known]);
    const entropy = mix.reduce((sum, [, share]) => sum - (share > 0 ? share * Math.log(share) : 0), 0);
    return { values: [Math.log(edges / within + 0.005), entropy, Math.max(0, 1 - known)], mix };
  },
};
