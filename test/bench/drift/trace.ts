import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Thumbnail, type TruthBox, thumbnailCells } from '../../../src/perception/index.ts';

/** One frame of a recording: what the monitor sees, and the truth that it does not see. */
export interface TraceFrame {
  /** Seconds of the street. */
  readonly timeS: number;
  readonly thumbnail: Thumbnail;
  readonly candidates: number;
  readonly detections: readonly TraceDetection[];
  readonly truth: readonly TruthBox[];
}

export interface TraceDetection {
  readonly classId: number;
  readonly score: number;
  /** x1, y1, x2, y2, pixels. */
  readonly box: readonly [number, number, number, number];
  readonly trackId: number | undefined;
}

/** [timeS, red, green, blue, chroma, hash, candidates, detections, truth] */
type Line = [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  [number, number, number, number, number, number, number][],
  [number, number, number, number, number][],
];

export class TraceWriter {
  readonly #pictures: number;
  readonly #lines: string[] = [];
  readonly #path: string;

  constructor(folder: string, name: string) {
    mkdirSync(folder, { recursive: true });
    this.#path = join(folder, name);
    this.#pictures = openSync(`${this.#path}.bin`, 'w');
  }

  add({ timeS, thumbnail: t, candidates, detections, truth }: TraceFrame): void {
    writeSync(this.#pictures, t.grey);
    writeSync(this.#pictures, t.detail);
    const line: Line = [
      timeS,
      t.red,
      t.green,
      t.blue,
      t.chroma,
      t.hash,
      candidates,
      detections.map(({ classId, score, box, trackId }) => [classId, score, ...box, trackId ?? -1]),
      truth.map(({ classId, box }) => [classId, box.x1, box.y1, box.x2, box.y2]),
    ];
    this.#lines.push(
      JSON.stringify(line, (_, value) => (typeof value === 'number' ? Math.round(value * 1e5) / 1e5 : value)),
    );
  }

  close(): void {
    closeSync(this.#pictures);
    writeFileSync(`${this.#path}.part`, this.#lines.join('\n'));
    // The name appears last: a recording that was cut short is made again.
    renameSync(`${this.#path}.part`, `${this.#path}.jsonl`);
  }
}

export function hasTrace(folder: string, name: string): boolean {
  return existsSync(join(folder, `${name}.jsonl`));
}

export function readTrace(folder: string, name: string): TraceFrame[] {
  const pictures = readFileSync(join(folder, `${name}.bin`));
  const lines = readFileSync(join(folder, `${name}.jsonl`), 'utf8').split('\n');
  return lines.map((text, index) => {
    const [timeS, red, green, blue, chroma, hash, candidates, detections, truth] = JSON.parse(text) as Line;
    const begin = index * thumbnailCells * 2;
    return {
      timeS,
      thumbnail: {
        grey: pictures.subarray(begin, begin + thumbnailCells),
        detail: pictures.subarray(begin + thumbnailCells, begin + 2 * thumbnailCells),
        red,
        green,
        blue,
        chroma,
        hash,
      },
      candidates,
      detections: detections.map(([classId, score, x1, y1, x2, y2, trackId]) => ({
        classId,
        score,
        box: [x1, y1, x2, y2] as const,
        trackId: trackId < 0 ? undefined : trackId,
      })),
      truth: truth.map(([classId, x1, y1, x2, y2]) => ({ classId, box: { x1, y1, x2, y2 } })),
    };
  });
}
