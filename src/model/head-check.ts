import { counted } from '../base/index.ts';
import { type Head, isFigure, mainOutputOf } from './head.ts';

/**
 * The first fault of a head in itself, as a sentence; undefined: none. A head must not point beyond its outputs. The shapes of
 * the network are checked elsewhere (`checkHead`).
 */
export function problemOfHead(head: Head, classCount: number): string | undefined {
  const { outputs, boxes, scores, objectness, classes, count, grid, masks, keypoints, depth } = head;
  const { angle, simcc, vector, text, regions } = head;
  const before = scores?.background === 'before' ? 1 : 0;
  const after = scores?.background === 'after' ? 1 : 0;
  const readers: readonly (readonly [string, { output: number; at?: number } | undefined, number, number])[] =
    [
      ['boxes', boxes, 0, 4 * (boxes?.bins ?? 1)],
      ['scores', scores, before, classes === undefined ? classCount + after : 1],
      ['objectness', objectness, 0, 1],
      ['classes', classes, 0, 1],
      ['count', count, 0, 1],
      ['points', keypoints, 0, (keypoints?.count ?? 0) * (keypoints?.values ?? 0)],
      ['places along x', simcc && { output: simcc.x }, 0, 1],
      ['places along y', simcc && { output: simcc.y }, 0, 1],
      ['depths', depth, 0, 1],
      ['angles', angle, 0, 1],
      ['numbers', vector, 0, vector?.length ?? 0],
      ['characters', text, 0, classCount + 1],
      ['places of regions', regions, 0, 1],
      ['mask values', masks, 0, outputs[masks?.prototypes ?? 0]?.values ?? 1],
    ];
  for (const [name, reader, least, width] of readers) {
    if (reader === undefined) continue;
    const output = outputs[reader.output];
    if (output === undefined) return `Its ${name} are in output ${reader.output} of ${outputs.length}.`;
    const { at = 0 } = reader;
    if (at < least || at + width > output.values)
      return `Its ${name} need ${width} values from ${at} on, but "${output.tensors[0]}" has ${output.values} per row.`;
    if (reader !== count && reader.output === count?.output)
      return `Its ${name} are in the output of its count.`;
    if (reader.output === masks?.prototypes) return `Its ${name} are in the output of its prototypes.`;
  }
  for (const { tensors, axis, values } of outputs) {
    if (axis === 'none' && values !== 1) return `"${tensors[0]}" has one value per row, not ${values}.`;
    if (tensors.length > 1 && tensors.length !== grid?.strides.length)
      return `${counted(tensors.length, 'tensor')} are named for ${grid?.strides.length ?? 'no'} strides.`;
  }
  if (count !== undefined && outputs[count.output]!.tensors.length > 1) return 'Its count is one tensor.';
  if (scores?.background !== undefined && (scores.activation !== 'softmax' || classes !== undefined))
    return 'A background counts in a softmax over the classes alone.';
  if (angle !== undefined && boxes?.format !== 'cxcywh')
    return 'Only boxes by centre and size have an angle.';
  return (
    aloneProblem(head) ?? figureProblem(head) ?? mapProblem(head) ?? maskProblem(head) ?? gridProblem(head)
  );
}

/** Parts that must be alone in a head: a module's outputs, a vector, a line of text, regions of a map. */
function aloneProblem(head: Head): string | undefined {
  if (!isAlone(head)) return undefined;
  const { raw, vector, text, regions, outputs, final: _, ...others } = head;
  const alone = [raw, vector, text, regions].filter((part) => part !== undefined);
  const more = notAlone.some((name) => others[name] !== undefined);
  if (alone.length > 1 || more)
    return 'A module, a vector, a text or regions exclude boxes, scores, points, masks, grid and map.';
  const reader = vector ?? text ?? regions;
  if (reader === undefined) return undefined;
  const { axis, tensors } = outputs[reader.output]!;
  const fits = vector !== undefined ? axis === 'all' : text !== undefined ? axis === 'last' : axis !== 'all';
  return fits && tensors.length === 1
    ? undefined
    : 'A vector is one row, a text has its values along the last axis, and each is one tensor.';
}

function isAlone({ raw, vector, text, regions }: Head): boolean {
  return (raw ?? vector ?? text ?? regions) !== undefined;
}

const notAlone = [
  ...(['boxes', 'scores', 'objectness', 'classes', 'count', 'grid', 'masks', 'keypoints'] as const),
  ...(['simcc', 'map', 'angle', 'depth'] as const),
];

/** Of the points of one figure. */
function figureProblem(head: Head): string | undefined {
  const { outputs, simcc, keypoints, objectness, classes, count, grid, map } = head;
  if (simcc !== undefined) {
    const more = head.scores ?? head.boxes ?? keypoints ?? map ?? head.depth;
    const lines = [simcc.x, simcc.y].map((index) => outputs[index]!);
    if (more !== undefined || lines.some(({ axis, tensors }) => axis !== 'last' || tensors.length > 1))
      return 'SimCC is exactly two tensors, with their values along the last axis.';
  }
  if (!isFigure(head)) return undefined;
  if ((objectness ?? classes ?? count ?? grid ?? map ?? head.depth) !== undefined)
    return 'The points of one figure have no grid, classes, count, map or objectness.';
  return keypoints?.values === 2 ? 'The points of one figure need a score each.' : undefined;
}

function mapProblem(head: Head): string | undefined {
  const { outputs, boxes, masks, keypoints, map, grid, objectness, classes, scores, depth } = head;
  if (depth !== undefined && (map !== true || scores !== undefined || classes !== undefined))
    return 'A depth is one of a map, without scores and classes.';
  if (depth === undefined && scores === undefined && !isFigure(head) && !isAlone(head))
    return 'It has no scores.';
  if (map !== true) return undefined;
  const more = boxes ?? masks ?? keypoints ?? grid ?? objectness;
  const { tensors, axis } = outputs[mainOutputOf(head)]!;
  if (more !== undefined || tensors.length > 1 || axis === 'all')
    return 'A map has one tensor, and no boxes, masks, points, grid or objectness.';
  return scores?.background === undefined && scores?.power === undefined
    ? undefined
    : 'The scores of a map have no background and no power.';
}

function maskProblem({ outputs, boxes, masks }: Head): string | undefined {
  if (masks === undefined) return undefined;
  const prototypes = outputs[masks.prototypes];
  if (prototypes === undefined) return `Its prototypes are output ${masks.prototypes} of ${outputs.length}.`;
  if (prototypes.axis !== 'first' || prototypes.tensors.length > 1 || prototypes.unbatched === true)
    return 'Its prototypes are one output 1 x K x H x W.';
  return boxes === undefined ? 'It has masks, and no boxes.' : undefined;
}

function gridProblem({ boxes, grid, keypoints }: Head): string | undefined {
  if (grid === undefined) {
    const needs = boxes?.format === 'ltrb' || [boxes, keypoints].some(isOfCells);
    return needs ? 'Its boxes or points are counted from cells, and it has no grid.' : undefined;
  }
  const { strides, anchors } = grid;
  if (anchors !== undefined && anchors.length !== strides.length)
    return `It has anchors for ${anchors.length} of ${strides.length} strides.`;
  return undefined;
}

function isOfCells(
  reader: { readonly unit: string; readonly sizeUnit?: string; readonly relative?: boolean } | undefined,
): boolean {
  if (reader === undefined) return false;
  return (
    reader.relative === true ||
    [reader.unit, reader.sizeUnit].some((unit) => unit === 'cells' || unit === 'anchor')
  );
}
