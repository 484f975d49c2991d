import type { Box, Detection } from '../perception/index.ts';

/** Labels of models that are out in the field, for what must not be recognised on a picture. */
const privateLabel =
  /^(person|people|pedestrian|man|woman|child|boy|girl|rider|face|head|(licen[cs]e|number)?[-_ ]?plate)s?$/i;
export function isPrivateLabel(label: string): boolean {
  return privateLabel.test(label);
}

/** Of these alone a model is known to find persons: a plate shows none. */
const personLabel = /^(person|people|pedestrian|man|woman|child|boy|girl|rider|face|head)s?$/i;
export function isPersonLabel(label: string): boolean {
  return personLabel.test(label);
}

/** A box is drawn tight; a face at its edge is not meant to stay. */
const margin = 0.1;

/**
 * What the model saw of persons, faces and plates, a little larger than it saw it. What it missed stays: a frame is as
 * private as its model is good, and the page about privacy says so.
 */
export function privateBoxes(
  detections: readonly Detection[],
  width: number,
  height: number,
): { readonly boxes: readonly Box[]; readonly labels: readonly string[] } {
  const hidden = detections.filter(({ label }) => isPrivateLabel(label));
  return {
    boxes: hidden.map(({ box }) => larger(box, width, height)),
    labels: [...new Set(hidden.map(({ label }) => label))],
  };
}

function larger({ x1, y1, x2, y2 }: Box, width: number, height: number): Box {
  const dx = (x2 - x1) * margin;
  const dy = (y2 - y1) * margin;
  return {
    x1: Math.max(0, x1 - dx),
    y1: Math.max(0, y1 - dy),
    x2: Math.min(width, x2 + dx),
    y2: Math.min(height, y2 + dy),
  };
}
