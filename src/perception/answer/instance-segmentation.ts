import { sampleMask } from './mask-sample.ts';
import { believed, meanRow, type TaskAnswer } from './task-answer.ts';

const mostSamples = 4096;

/** How much of its box a mask fills, how ragged its outline is for its size, and how sure its cells are. */
export const instanceSegmentation: TaskAnswer = {
  names: ['mask_share', 'log_mask_outline', 'mask_sure'],
  measure: (found) => {
    const masked = believed(found).flatMap(({ box, mask }) => (mask === undefined ? [] : [{ box, mask }]));
    const rows = masked.map(({ box, mask }) => {
      const { looked, within, edges, sure, stride } = sampleMask(mask, mostSamples / masked.length);
      const cells = within * stride;
      const share = (cells * mask.cellWidth * mask.cellHeight) / ((box.x2 - box.x1) * (box.y2 - box.y1));
      const outline = within === 0 ? Number.NaN : Math.log((edges * stride + 1) / Math.sqrt(cells));
      return [Math.min(1, share), outline, sure / looked];
    });
    return { values: meanRow(rows, 3) };
  },
};
