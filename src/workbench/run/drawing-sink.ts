import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { explainFileError } from '../../adapters/filesystem/index.ts';
import { describeError, type GoshawkError } from '../../base/index.ts';
import type { DetectionSink, Frame, Image, PerceptionResult } from '../../perception/index.ts';

type Draw = (image: Image, result: PerceptionResult) => Promise<Uint8Array>;

/** Pictures that wait for the encoder; each holds a copy of its frame. */
const maxPending = 4;

/** Of the pictures that were to be drawn. `failure`: why no more were written, and `problem` the same in words. */
export interface RunDrawn {
  readonly written: number;
  readonly leftOut: number;
  readonly problem?: string;
  readonly failure?: GoshawkError;
}

/** Writes every result as a picture, in order. A live camera does not wait for it: then pictures are left out. */
export class DrawingSink implements DetectionSink {
  readonly #folder: string;
  readonly #draw: Draw;
  readonly #waiting: (() => void)[] = [];
  #queue: Promise<void> = Promise.resolve();
  #pending = 0;
  #written = 0;
  #leftOut = 0;
  #failure: GoshawkError | undefined;

  constructor(folder: string, draw: Draw) {
    this.#folder = folder;
    this.#draw = draw;
  }

  get drawn(): RunDrawn {
    const failure = this.#failure;
    const shown = { written: this.#written, leftOut: this.#leftOut };
    return failure === undefined ? shown : { ...shown, problem: describeError(failure), failure };
  }

  publish(result: PerceptionResult, frame: Frame): void {
    if (this.#failure !== undefined || this.#pending >= maxPending) {
      this.#leftOut += 1;
      return;
    }
    const { width, height, step, encoding } = frame;
    // The frame's pixels are valid during this call only.
    const image = { width, height, step, encoding, data: Uint8Array.from(frame.pixels.data) };
    this.#pending += 1;
    this.#queue = this.#queue.then(() => this.#write(result, image));
  }

  /** Resolves when another picture can be taken. */
  async room(): Promise<void> {
    if (this.#pending < maxPending - 1) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when every picture is on the disk. */
  async close(): Promise<void> {
    await this.#queue;
  }

  async #write(result: PerceptionResult, image: Image): Promise<void> {
    const file = join(this.#folder, nameOf(result));
    try {
      if (this.#failure === undefined) {
        await writeFile(file, await this.#draw(image, result));
        this.#written += 1;
      } else this.#leftOut += 1;
    } catch (error) {
      this.#leftOut += 1;
      this.#failure = explainFileError(error, 'write the picture', file);
      // Half a picture is none.
      await rm(file, { force: true }).catch(() => {});
    } finally {
      this.#pending -= 1;
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }
}

/** After the picture or the video that it was drawn on; a camera's after the camera. */
function nameOf({ camera, sequence, origin }: PerceptionResult): string {
  const stem = origin === undefined ? camera : parse(origin.name).name;
  return `${stem}-${String(sequence).padStart(6, '0')}.jpg`;
}

/** The drawing library is loaded when something is drawn. */
export async function openDrawing(folder: string): Promise<DrawingSink> {
  await mkdir(folder, { recursive: true });
  const { drawDetections } = await import('../../adapters/sharp/index.ts');
  return new DrawingSink(folder, (image, { detections, rules }) =>
    drawDetections(image, detections, { rules }),
  );
}
