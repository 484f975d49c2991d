import type { Family } from './family.ts';

/**
 * torchvision.models.detection: boxes N x 4, labels N and scores N, as many as it found. The network resizes and normalises by itself
 * (`GeneralizedRCNNTransform`), and chooses its boxes. Its categories begin with `__background__`.
 */
export const torchvision: Family = {
  name: 'torchvision',
  title: 'torchvision (Faster R-CNN, RetinaNet, SSD, FCOS)',
  layout: 'boxes N x 4, labels N and scores N',
  input: { colorOrder: 'rgb', scale: 1 / 255, fit: 'center' },
  head({ outputs }) {
    const boxes = outputs.filter(({ dims }) => dims.length === 2 && dims[1] === 4);
    const rows = outputs.filter(({ dims }) => dims.length === 1);
    const labels = rows.filter(({ integers }) => integers === true);
    const scores = rows.filter(({ integers }) => integers !== true);
    const [box, label, score] = [boxes[0], labels[0], scores[0]];
    if (outputs.length !== 3 || box === undefined || label === undefined || score === undefined)
      return 'It has no three outputs N x 4, whole numbers N, and N.';
    const unbatched = { unbatched: true };
    return {
      outputs: [
        { tensors: [box.name], axis: 'last', values: 4, ...unbatched },
        { tensors: [label.name], axis: 'none', values: 1, ...unbatched },
        { tensors: [score.name], axis: 'none', values: 1, ...unbatched },
      ],
      boxes: { output: 0, at: 0, format: 'xyxy', unit: 'pixels' },
      scores: { output: 2, at: 0 },
      classes: { output: 1, at: 0 },
      final: true,
    };
  },
};
