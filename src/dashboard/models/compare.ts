import type { ModelInfo } from '../api/types.ts';
import { formatBytes, formatShare, formatTime, unknown } from '../ui/format.ts';

/** One line of the comparison of two models, in words. */
export interface ComparedRow {
  readonly what: string;
  readonly left: string;
  readonly right: string;
  readonly difference: string;
  /** Of the second against the first, where one is better. */
  readonly tone?: 'ok' | 'error';
}

type Variant = ModelInfo['variants'][number];

/** What the bundles say of themselves. Accuracies are compared where both were measured on the same data alone. */
export function comparedRows(left: ModelInfo, right: ModelInfo): ComparedRow[] {
  const kinds = [...new Set([...left.variants, ...right.variants].map(({ kind }) => kind))];
  const gone = left.labels.filter((label) => !right.labels.includes(label));
  const added = right.labels.filter((label) => !left.labels.includes(label));
  return [
    words('Task', left.task, right.task),
    words('Licence', left.licence || 'not stated', right.licence || 'not stated'),
    words('Uploaded', formatTime(left.uploadedMs), formatTime(right.uploadedMs)),
    {
      ...words('Labels', String(left.labels.length), String(right.labels.length)),
      difference: [...added.map((label) => `+${label}`), ...gone.map((label) => `-${label}`)].join(', '),
    },
    size('Bundle', left.sizeBytes, right.sizeBytes),
    ...kinds.flatMap((kind) => {
      const own = (model: ModelInfo) => model.variants.find((one) => one.kind === kind);
      const [a, b] = [own(left), own(right)];
      return [
        size(`${kind}: size`, a?.sizeBytes, b?.sizeBytes),
        accuracy(`${kind}: mAP`, a, b, 'map'),
        accuracy(`${kind}: AP50`, a, b, 'ap50'),
      ];
    }),
  ];
}

function words(what: string, left: string, right: string): ComparedRow {
  return { what, left, right, difference: '' };
}

function size(what: string, left: number | undefined, right: number | undefined): ComparedRow {
  const row = words(what, formatBytes(left), formatBytes(right));
  if (left === undefined || right === undefined || left === right || left === 0) return row;
  return {
    ...row,
    difference: `${right > left ? '+' : ''}${formatShare((right - left) / left, 0)}`,
    tone: right < left ? 'ok' : 'error',
  };
}

function accuracy(
  what: string,
  left: Variant | undefined,
  right: Variant | undefined,
  field: 'map' | 'ap50',
): ComparedRow {
  const [a, b] = [left?.[field], right?.[field]];
  const row = words(what, formatShare(a), formatShare(b));
  if (a === undefined || b === undefined) return { ...row, difference: unknown };
  if (left?.dataset !== right?.dataset) return { ...row, difference: 'other data' };
  const points = (b - a) * 100;
  if (Math.abs(points) < 0.05) return row;
  return {
    ...row,
    difference: `${points > 0 ? '+' : ''}${points.toFixed(1)} points`,
    tone: points > 0 ? 'ok' : 'error',
  };
}
