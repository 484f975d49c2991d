import type { DatasetForm, FrameExportQuery } from '../../api/index.ts';
import {
  asGoshawkError,
  CancelledError,
  type Clock,
  type GoshawkError,
  LimitError,
  RefusedError,
} from '../../base/index.ts';
import type { HardFrame } from '../../protocol/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { imageName } from './coco.ts';
import { datasetForms } from './dataset-forms.ts';
import type { FrameRequests } from './frame-requests.ts';
import type { FrameReviewService } from './frame-reviews.ts';

export interface FrameExporterPorts {
  readonly frames: FrameRequests;
  readonly reviews: Pick<FrameReviewService, 'fits'>;
  readonly registry: DeviceRegistry;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

/** One file of a data set; text is UTF-8. */
export interface DatasetFile {
  readonly name: string;
  readonly content: Uint8Array | string;
  readonly timeMs: number;
}

const maxExports = 4;

/** Hard frames of a device as a data set for training or labelling, fetched from the device while it is sent. */
export class FrameExporter {
  readonly #ports: FrameExporterPorts;
  #running = 0;

  constructor(ports: FrameExporterPorts) {
    this.#ports = ports;
  }

  /**
   * `send` is called when the frames are listed: what can't be listed rejects before the first byte, later only a cut
   * connection can say so. LimitError `too-many-exports`: each one keeps a device and its link busy.
   */
  async export(
    caller: Caller,
    device: string,
    query: FrameExportQuery,
    send: (files: AsyncIterable<DatasetFile>) => Promise<void>,
  ): Promise<void> {
    const { frames, reviews, registry, audit, clock } = this.#ports;
    const { id } = registry.expect(device);
    if (this.#running >= maxExports)
      throw new LimitError(
        'too-many-exports',
        `${maxExports} exports of frames are in progress already.`,
        'Try again when one of them has ended.',
      );
    this.#running += 1;
    try {
      await audit.record(caller, 'frames.exported', id, async () => {
        const chosen: HardFrame[] = [];
        for await (const frame of frames.select(id, query, (one) => reviews.fits(id, one.id, query.review)))
          chosen.push(frame);
        const dataset = new FrameDataset(id, chosen, frames, query.form);
        await send(dataset.files(clock.wallMs()));
        dataset.expectComplete();
      });
    } finally {
      this.#running -= 1;
    }
  }
}

/** Frames as they come from their device, then the annotations of those that came. */
class FrameDataset {
  readonly #device: string;
  readonly #chosen: readonly HardFrame[];
  readonly #frames: FrameRequests;
  readonly #form: DatasetForm;
  #failure: GoshawkError | undefined;
  #complete = false;

  constructor(
    device: string,
    chosen: readonly HardFrame[],
    frames: FrameRequests,
    form: DatasetForm = 'coco',
  ) {
    this.#device = device;
    this.#chosen = chosen;
    this.#frames = frames;
    this.#form = form;
  }

  async *files(nowMs: number): AsyncGenerator<DatasetFile> {
    const sent: HardFrame[] = [];
    const form = datasetForms[this.#form];
    for (const frame of this.#chosen) {
      try {
        const content = await this.#frames.fetch(this.#device, frame.id);
        yield { name: `${form.folder}/${imageName(frame)}`, content, timeMs: frame.timeMs };
        sent.push(frame);
      } catch (cause) {
        // The device drops its oldest frames while we read: one that is gone is left out, a device that is gone ends it.
        const error = asGoshawkError(cause, 'frame-failed');
        if (error instanceof RefusedError) continue;
        this.#failure = error;
        throw error;
      }
    }
    for (const [name, content] of Object.entries(form.annotate(this.#device, sent, nowMs)))
      yield { name, content, timeMs: nowMs };
    this.#complete = true;
  }

  /** Throws why it was cut short, for the audit log. */
  expectComplete(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#complete) throw new CancelledError('The export');
  }
}
