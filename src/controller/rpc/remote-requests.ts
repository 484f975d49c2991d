import type { LogPage, LogQuery } from '../../api/index.ts';
import { type Clock, defined, fromBase64, LimitError, MissingError, sleep } from '../../base/index.ts';
import { maxBundleBytes, type RestartTarget } from '../../protocol/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { expectOnline } from './expect-online.ts';
import type { RpcClient } from './rpc-client.ts';
import { SameViews } from './same-views.ts';

export interface RemoteRequestsPorts {
  readonly rpc: Pick<RpcClient, 'call'>;
  readonly registry: Pick<DeviceRegistry, 'expect'>;
  readonly audit: Pick<AuditLog, 'note' | 'recordFailure'>;
  readonly commands: Pick<CommandExecutor, 'execute'>;
  readonly clock: Clock;
}

const timeoutMs = 15_000;
/** A device makes its bundle in less; then it is asked in vain no longer. */
const makingMs = 120_000;
const askAgainMs = 1_000;

/**
 * Commands on the agent of a device. Each needs the device to be there: an order that waits would restart a robot days later.
 * Nothing that a device answers is kept here.
 */
export class RemoteRequests {
  readonly #ports: RemoteRequestsPorts;
  readonly #views: SameViews;
  /** One bundle of a device at a time, whoever asks. */
  readonly #bundling = new Set<string>();

  constructor(ports: RemoteRequestsPorts) {
    this.#ports = ports;
    this.#views = new SameViews(ports.clock);
  }

  /** In the audit log before the device is asked, and once more where it refuses. */
  async restart(caller: Caller, device: string, what: RestartTarget): Promise<void> {
    const { registry, commands, rpc, audit } = this.#ports;
    const action = what === 'board' ? 'device.reboot' : 'device.restart';
    const session = await commands.execute(caller, action, device, {}, () => {
      const at = expectOnline(registry, device);
      return { changes: [], apply: () => at };
    });
    try {
      await rpc.call(device, 'restart', { what, session }, timeoutMs);
    } catch (error) {
      await audit.recordFailure(caller, action, device, {}, error);
      throw error;
    }
  }

  async logs(caller: Caller, device: string, query: LogQuery): Promise<LogPage> {
    const { registry, rpc, audit } = this.#ports;
    expectOnline(registry, device);
    const { after, sinceMs, level, limit = 100 } = query;
    // Whoever follows a log reads it once, as far as the audit is concerned.
    await this.#views.once(`${caller.tokenId}/${device}`, () =>
      audit.note(caller, 'device.logs', device, { role: caller.role, ...defined({ level, sinceMs }) }),
    );
    return rpc.call(device, 'logs', { limit, ...defined({ after, sinceMs, level }) }, timeoutMs);
  }

  /** Its bytes, whole: at most `maxBundleBytes`, whatever the device sends. */
  async bundle(caller: Caller, device: string): Promise<Uint8Array> {
    const { registry } = this.#ports;
    expectOnline(registry, device);
    if (this.#bundling.has(device))
      throw new LimitError(
        'bundle-under-way',
        `A support bundle of ${device} is being fetched already.`,
        'Try again when that is done.',
      );
    this.#bundling.add(device);
    try {
      await this.#ports.audit.note(caller, 'device.bundle', device, { role: caller.role });
      return await this.#fetchBundle(device);
    } finally {
      this.#bundling.delete(device);
    }
  }

  async #fetchBundle(device: string): Promise<Uint8Array> {
    const { rpc, clock } = this.#ports;
    const { id } = await rpc.call(device, 'bundle', { offset: 0 }, timeoutMs);
    const untilMs = clock.monotonicMs() + makingMs;
    let bytes: Uint8Array | undefined;
    for (let filled = 0; bytes === undefined || filled < bytes.byteLength; ) {
      const { size, data = '' } = await rpc.call(device, 'bundle', { id, offset: filled }, timeoutMs);
      if (size === undefined) {
        if (clock.monotonicMs() > untilMs) throw notMade(device);
        await sleep(clock, askAgainMs);
        continue;
      }
      if (size > maxBundleBytes) throw tooLarge(device, size);
      bytes ??= new Uint8Array(size);
      const piece = fromBase64(data);
      // A size that changes, or a piece that brings nothing, would go on for ever.
      if (size !== bytes.byteLength || piece.byteLength === 0 || filled + piece.byteLength > size)
        throw broken(device);
      bytes.set(piece, filled);
      filled += piece.byteLength;
    }
    return bytes;
  }
}

function notMade(device: string): MissingError {
  return new MissingError(
    'device-silent',
    `${device} did not make its support bundle within ${makingMs / 1000} s.`,
    'Check the load of the device, or run goshawk doctor there.',
  );
}

function tooLarge(device: string, size: number): LimitError {
  return new LimitError(
    'bundle-size',
    `${device} says that its support bundle has ${size} bytes.`,
    'No agent makes such a one: look at this device.',
  );
}

function broken(device: string): MissingError {
  return new MissingError(
    'bundle-incomplete',
    `${device} sent its support bundle in pieces that do not fit.`,
    'Ask again.',
  );
}
