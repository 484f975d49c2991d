import type { ClipList, ClipListQuery, ClipRequest } from '../../api/index.ts';
import { type Clock, defined, fromBase64, InputError, LimitError } from '../../base/index.ts';
import type { CallResultOf } from '../../protocol/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { expectOnline } from './expect-online.ts';
import type { RpcClient } from './rpc-client.ts';
import { SameViews } from './same-views.ts';

export interface ClipRequestsPorts {
  readonly rpc: Pick<RpcClient, 'call'>;
  readonly registry: Pick<DeviceRegistry, 'expect'>;
  readonly audit: Pick<AuditLog, 'note'>;
  readonly commands: Pick<CommandExecutor, 'execute'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

const timeoutMs = 15_000;
/** A device that names more is not believed. */
const maxClipBytes = 4e9;

/** Clips lie on their devices: everything here asks the device, piece by piece. */
export class ClipRequests {
  readonly #ports: ClipRequestsPorts;
  /** By token, device and clip: a player asks for one clip in many parts. */
  readonly #views: SameViews;

  constructor(ports: ClipRequestsPorts) {
    this.#ports = ports;
    this.#views = new SameViews(ports.clock);
  }

  /** A page of what the device keeps, oldest first. */
  async list(device: string, { camera, after, limit = 100 }: ClipListQuery): Promise<ClipList> {
    return this.#ports.rpc.call(device, 'clips', { limit, ...defined({ camera, after }) }, timeoutMs);
  }

  async record(caller: Caller, device: string, request: ClipRequest): Promise<CallResultOf<'record-clip'>> {
    const { registry, commands, rpc } = this.#ports;
    await commands.execute(caller, 'clips.record', device, request, () => {
      expectOnline(registry, device);
      return { changes: [], apply: () => {} };
    });
    return rpc.call(device, 'record-clip', request, timeoutMs);
  }

  /** Its size. Rejects where it can't be written who looks: nobody does so unseen. */
  async open(caller: Caller, device: string, clip: string): Promise<number> {
    const { registry, rpc, audit } = this.#ports;
    expectOnline(registry, device);
    await this.#views.once(`${caller.tokenId}/${device}/${clip}`, () =>
      audit.note(caller, 'clips.view', device, { role: caller.role, clip }),
    );
    const { size } = await rpc.call(device, 'clip', { id: clip, offset: Number.MAX_SAFE_INTEGER }, timeoutMs);
    if (size <= maxClipBytes) return size;
    throw new LimitError(
      'clip-size',
      `${device} says that the clip ${clip} has ${size} bytes.`,
      'No camera makes such a clip: look at the agent of this device.',
    );
  }

  /** The bytes from `from` up to and with `to`, as they come from the device. */
  async *read(device: string, clip: string, from: number, to: number): AsyncGenerator<Uint8Array> {
    for (let offset = from; offset <= to; ) {
      const { data } = await this.#ports.rpc.call(device, 'clip', { id: clip, offset }, timeoutMs);
      const piece = fromBase64(data).subarray(0, to + 1 - offset);
      if (piece.byteLength === 0)
        throw new InputError(
          'clip-incomplete',
          `${device} sent the clip ${clip} up to byte ${offset} and then stopped.`,
          'Ask again; the clip may just have made room for newer ones.',
        );
      yield piece;
      offset += piece.byteLength;
    }
  }
}
