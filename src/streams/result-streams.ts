import { describeError, type Log } from '../base/index.ts';
import type { DetectionSink, Frame, Image, PerceptionResult } from '../perception/index.ts';
import type { ResultMessage } from '../protocol/index.ts';
import type { StreamCounts, StreamReading } from './counts.ts';
import type { Outlet, PictureRequest } from './outlet.ts';
import { resultMessage } from './result-message.ts';
import { isSelected, RateGate, type Selection, select } from './selection.ts';

/** Port: a JPEG of a picture as base64, with what nobody may see hidden. What may be seen is decided before it first waits. */
export type MakePicture = (
  image: Image,
  result: PerceptionResult,
  request: Pick<PictureRequest, 'maxWidth'>,
) => Promise<string>;

export interface Stream {
  readonly name: string;
  /** Where it goes, without secrets. */
  readonly to: string;
  readonly selection: Selection;
  readonly counts: StreamCounts;
  readonly outlet: Outlet;
}

/** At the end. */
const lastResultsMs = 3_000;

interface Running extends Stream {
  readonly gate: RateGate | undefined;
  /** Of pictures, by the rate that was asked for last. */
  pictures: { readonly fps: number; readonly gate: RateGate } | undefined;
}

/** All streams of a process: each result is made into a message once, and given to those that carry it. Nothing here waits. */
export class ResultStreams implements DetectionSink {
  readonly nodes = 'all';
  readonly #streams: readonly Running[];
  readonly #makePicture: MakePicture;
  readonly #log: Log;
  /** Cameras of which a picture is being made. */
  readonly #picturing = new Set<string>();

  constructor(
    streams: readonly Stream[],
    { makePicture, log }: { readonly makePicture: MakePicture; readonly log: Log },
  ) {
    this.#streams = streams.map((stream) => {
      const { rate } = stream.selection;
      return { ...stream, gate: rate === undefined ? undefined : new RateGate(rate), pictures: undefined };
    });
    this.#makePicture = makePicture;
    this.#log = log;
  }

  publish(result: PerceptionResult, frame: Frame): void {
    let made: ResultMessage | undefined;
    for (const stream of this.#streams) {
      const { selection, counts, gate, outlet } = stream;
      if (!isSelected(selection, result)) continue;
      counts.produce();
      const isDue = gate?.passes(`${result.camera} ${result.node ?? ''}`, result.stampNs) !== false;
      // An event of a zone or a line comes once: no rate leaves it out.
      if (!isDue && !result.rules?.events.length) {
        counts.leaveOut('rate');
        continue;
      }
      made ??= resultMessage(result);
      const message = select(made, selection);
      outlet.take({ message, text: JSON.stringify(message) });
    }
    if (result.further !== true) this.#picture(result, frame);
  }

  /** A camera gives pictures, or none. */
  camera(camera: string, there: boolean): void {
    for (const { outlet, selection } of this.#streams)
      if (selection.cameras?.includes(camera) !== false) outlet.camera?.(camera, there);
  }

  readings(): readonly StreamReading[] {
    return this.#streams.map(({ name, to, counts }) => ({ stream: name, to, ...counts.reading }));
  }

  /** Resolves when each stream has room; for a recording, which waits. */
  async room(): Promise<void> {
    for (const { outlet } of this.#streams) await outlet.room?.();
  }

  /** What waits has a moment to leave. */
  async close(): Promise<void> {
    await Promise.all(this.#streams.map(({ outlet }) => outlet.close(lastResultsMs)));
  }

  /** One picture of a camera at a time, for all streams that want one now. */
  #picture(result: PerceptionResult, frame: Frame): void {
    const { camera, stampNs, frameId } = result;
    if (this.#picturing.has(camera)) return;
    const asking = this.#streams.flatMap((stream) => {
      const request = isSelected(stream.selection, result) ? stream.outlet.wantsPicture?.(camera) : undefined;
      return request !== undefined && isDue(stream, request, camera, stampNs) ? [{ stream, request }] : [];
    });
    if (asking.length === 0) return;
    const { width, height, step, encoding } = frame;
    // The frame's pixels are valid during this call only.
    const image = { width, height, step, encoding, data: Uint8Array.from(frame.pixels.data) };
    this.#picturing.add(camera);
    const making = asking.map(async ({ stream, request }) => {
      const jpeg = await this.#makePicture(image, result, request);
      stream.outlet.picture?.({ camera, stampNs, frameId, jpeg });
    });
    void Promise.all(making)
      .catch((error: unknown) =>
        this.#log.warn('No picture for a stream', { camera, reason: describeError(error) }),
      )
      .finally(() => this.#picturing.delete(camera));
  }
}

function isDue(stream: Running, { fps }: PictureRequest, camera: string, stampNs: bigint): boolean {
  if (stream.pictures?.fps !== fps) stream.pictures = { fps, gate: new RateGate(fps) };
  return stream.pictures.gate.passes(camera, stampNs);
}
