import type { FrameExportQuery, FrameList, FrameListQuery } from '../../api/index.ts';
import { defined, fromBase64, InputError, LimitError } from '../../base/index.ts';
import type { HardFrame } from '../../protocol/index.ts';
import type { RpcClient } from './rpc-client.ts';

const timeoutMs = 15_000;
/** Larger than any camera's JPEG; a device that names more is not believed. */
const maxFrameBytes = 32 * 1024 * 1024;

/** Hard frames lie on their devices: everything here asks the device, piece by piece. */
export class FrameRequests {
  readonly #rpc: RpcClient;

  constructor({ rpc }: { readonly rpc: RpcClient }) {
    this.#rpc = rpc;
  }

  /** A page of what the device keeps, oldest first. */
  async list(device: string, { camera, after, limit = 20 }: FrameListQuery): Promise<FrameList> {
    return this.#rpc.call(device, 'frames', { limit, ...defined({ camera, after }) }, timeoutMs);
  }

  /** The whole JPEG. */
  async fetch(device: string, id: string): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let offset = 0;
    for (;;) {
      const { size, jpeg } = await this.#rpc.call(device, 'frame', { id, offset }, timeoutMs);
      if (size > maxFrameBytes) throw tooLarge(device, id);
      const piece = fromBase64(jpeg);
      pieces.push(piece);
      offset += piece.byteLength;
      if (offset >= size) break;
      if (piece.byteLength === 0)
        throw new InputError(
          'frame-incomplete',
          `${device} sent ${offset} of ${size} bytes of the frame ${id} and then stopped.`,
          'Ask again; the frame may just have been dropped from its ring.',
        );
    }
    const whole = new Uint8Array(offset);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.byteLength;
    }
    return whole;
  }

  /** All frames that fit, oldest first; what a page of the device brings is given before the next is asked for. */
  async *select(
    device: string,
    query: FrameExportQuery,
    isWanted: (frame: HardFrame) => boolean,
  ): AsyncGenerator<HardFrame> {
    const { camera, reason, from, max = 1000 } = query;
    let after: string | undefined;
    let given = 0;
    for (;;) {
      const page = await this.list(device, {
        limit: 20,
        ...defined({ camera, after }),
      });
      for (const frame of page.frames) {
        const fits =
          (camera === undefined || frame.camera === camera) &&
          (reason === undefined || frame.reason === reason) &&
          (from === undefined || frame.timeMs >= from) &&
          isWanted(frame);
        if (!fits) continue;
        yield frame;
        given += 1;
        if (given >= max) return;
      }
      const last = page.frames.at(-1)?.id;
      if (!page.more || last === undefined || last === after) return;
      after = last;
    }
  }
}

function tooLarge(device: string, id: string): LimitError {
  return new LimitError(
    'frame-too-large',
    `${device} says that the frame ${id} has more than 32 MiB.`,
    'No camera makes such a picture: look at the agent of this device.',
  );
}
