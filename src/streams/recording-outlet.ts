import type { Clock, Log } from '../base/index.ts';
import type { StreamCounts } from './counts.ts';
import { DeliveryQueue, type Waiting } from './delivery-queue.ts';
import { type FoxgloveMessage, foxglovePicture, foxgloveResult } from './foxglove/messages.ts';
import type { Outgoing, Outlet, PictureRequest, StreamPicture } from './outlet.ts';

/** Port: a recording; one call at a time. */
export interface Recorder {
  write(messages: readonly FoxgloveMessage[]): Promise<void>;
  close(): Promise<void>;
}

export interface RecordingOptions {
  readonly recorder: Recorder;
  readonly pictures: PictureRequest;
  readonly counts: StreamCounts;
  readonly clock: Clock;
  readonly log: Log;
}

interface Item extends Waiting {
  readonly messages: 0 | 1;
  readonly written: readonly FoxgloveMessage[];
}

/** A few seconds of a disk that is busy. */
const diskQueue = { maxMessages: 256, maxBytes: 16_000_000 };

/** Results, boxes and pictures to a recording, as Foxglove shows them. */
export class RecordingOutlet implements Outlet {
  readonly #options: RecordingOptions;
  readonly #queue: DeliveryQueue<Item>;

  constructor(options: RecordingOptions) {
    const { recorder, counts, clock, log } = options;
    this.#options = options;
    this.#queue = new DeliveryQueue({
      ...{ ...diskQueue, counts, clock, log },
      deliver: async ([item]) => recorder.write(item?.written ?? []),
    });
  }

  take(outgoing: Outgoing): void {
    this.#offer(foxgloveResult(outgoing, this.#options.pictures.maxWidth), 1);
  }

  wantsPicture(): PictureRequest | undefined {
    const { pictures } = this.#options;
    return pictures.fps > 0 ? pictures : undefined;
  }

  picture(picture: StreamPicture): void {
    this.#offer([foxglovePicture(picture)], 0);
  }

  room(): Promise<void> {
    return this.#queue.room();
  }

  async close(graceMs: number): Promise<void> {
    await this.#queue.close(graceMs);
    await this.#options.recorder.close();
  }

  #offer(written: readonly FoxgloveMessage[], messages: 0 | 1): void {
    this.#queue.offer({ bytes: written.reduce((sum, { text }) => sum + text.length, 0), messages, written });
  }
}
