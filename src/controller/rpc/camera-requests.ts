import type { CameraChange, CameraToAdd, CameraTrialAnswer } from '../../api/index.ts';
import { defined, redactSecrets } from '../../base/index.ts';
import type { CallMethod, CallRequestOf, CallResultOf, NewCamera } from '../../protocol/index.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { expectOnline } from './expect-online.ts';
import type { RpcClient } from './rpc-client.ts';

export interface CameraRequestsPorts {
  readonly rpc: Pick<RpcClient, 'call'>;
  readonly registry: Pick<DeviceRegistry, 'expect'>;
  readonly audit: Pick<AuditLog, 'recordFailure'>;
  readonly commands: Pick<CommandExecutor, 'execute'>;
  /** 16 hexadecimal digits. */
  readonly newId: () => string;
}

/** A camera that does not answer is given up by the device before. */
const trialTimeoutMs = 45_000;
const changeTimeoutMs = 15_000;

/**
 * Cameras of a device that are added over the fleet. The device tries, allows and keeps them; here is only who asked, in the
 * audit log, with the address of the camera and never its password.
 */
export class CameraRequests {
  readonly #ports: CameraRequestsPorts;

  constructor(ports: CameraRequestsPorts) {
    this.#ports = ports;
  }

  async try(caller: Caller, device: string, camera: NewCamera): Promise<CameraTrialAnswer> {
    const trial = this.#ports.newId();
    const { source, username } = camera;
    const detail = { trial, source: redactSecrets(source), ...defined({ username }) };
    // A device is no person: its role looks at no picture.
    const role = caller.role === 'device' ? 'viewer' : caller.role;
    const request = { id: trial, camera, role };
    const answer = await this.#ask(
      caller,
      'camera.tried',
      device,
      detail,
      'try-camera',
      request,
      trialTimeoutMs,
    );
    return { trial, ...answer };
  }

  add(caller: Caller, device: string, camera: CameraToAdd): Promise<CameraChange> {
    return this.#ask(caller, 'camera.added', device, camera, 'add-camera', camera, changeTimeoutMs);
  }

  rename(caller: Caller, device: string, name: string, to: string): Promise<CameraChange> {
    const request = { name, to };
    return this.#ask(caller, 'camera.renamed', device, request, 'rename-camera', request, changeTimeoutMs);
  }

  remove(caller: Caller, device: string, name: string): Promise<CameraChange> {
    const request = { name };
    return this.#ask(caller, 'camera.removed', device, request, 'remove-camera', request, changeTimeoutMs);
  }

  /** In the audit log before the device is asked, and once more where it refuses. */
  async #ask<M extends CallMethod>(
    caller: Caller,
    action: string,
    device: string,
    detail: unknown,
    method: M,
    request: CallRequestOf<M>,
    timeoutMs: number,
  ): Promise<CallResultOf<M>> {
    const { registry, commands, rpc, audit } = this.#ports;
    await commands.execute(caller, action, device, detail, () => {
      expectOnline(registry, device);
      return { changes: [], apply: () => {} };
    });
    try {
      return await rpc.call(device, method, request, timeoutMs);
    } catch (error) {
      await audit.recordFailure(caller, action, device, detail, error);
      throw error;
    }
  }
}
