import type { CreatedToken, DesiredSettings, Group, NewToken } from '../../api/index.ts';
import { asGoshawkError, type Clock, describeError, type Log, MissingError } from '../../base/index.ts';
import { encodePayload, type Transport, topics } from '../../protocol/index.ts';
import { actorOf, type Caller, type TokenRegistry } from '../access.ts';
import type { Device } from '../fleet/device.ts';
import type { Registry } from '../fleet/registry.ts';
import type { AuditDraft, Change, Store } from '../store.ts';
import { type BundleUrl, mergeSettings, nextDesired } from './desired-state.ts';
import type { ModelRegistry } from './model-registry.ts';
import { RetainedSender } from './retained-publisher.ts';

export interface DesiredStateServicePorts {
  readonly registry: Registry;
  readonly tokens: TokenRegistry;
  readonly models: ModelRegistry;
  readonly store: Store;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Where devices fetch a bundle that the controller holds. */
  readonly url: BundleUrl;
  /** Called for every device whose row changed, and with undefined in place of one that was deleted. */
  readonly changed: (id: string, device: Device | undefined) => void;
}

/** Who acts where no person does. */
const system: Caller = { tokenId: '-', name: 'system', role: 'admin' };

/** What one order does to the database, and what then happens in memory and on the broker. */
export interface Plan<T> {
  readonly changes: readonly Change[];
  readonly apply: () => T;
}

/**
 * What people order. Each order is one transaction together with its line in the audit; memory and broker follow only
 * after it. DesiredStateService run one after the other, so that generations can't overtake each other.
 */
export class DesiredStateService {
  readonly #ports: DesiredStateServicePorts;
  readonly #retained: RetainedSender;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(ports: DesiredStateServicePorts) {
    this.#ports = ports;
    this.#retained = new RetainedSender(ports.transport, ports.log);
  }

  /** Generations by device, as all that set desired states give. */
  setDevice(
    caller: Caller,
    id: string,
    settings: DesiredSettings,
    unlisted: boolean,
  ): Promise<Record<string, number>> {
    return this.audited(caller, 'device.desired', id, settings, () => {
      const device = this.#known(id);
      this.#checkModel(settings, unlisted);
      const plan = this.#restate([device], (other) => (other === device ? settings : other.settings));
      return {
        changes: [{ kind: 'settings', device: id, settings }, ...plan.changes],
        apply: () => {
          device.settings = settings;
          return plan.apply();
        },
      };
    });
  }

  setGroup(
    caller: Caller,
    name: string,
    settings: DesiredSettings,
    unlisted: boolean,
  ): Promise<Record<string, number>> {
    return this.audited(caller, 'group.desired', name, settings, () => {
      this.#checkModel(settings, unlisted);
      const group = { name, members: this.#ports.registry.group(name)?.members ?? [], settings };
      return this.#regroup(name, group);
    });
  }

  setMembers(caller: Caller, name: string, members: readonly string[]): Promise<Record<string, number>> {
    return this.audited(caller, 'group.members', name, { members }, () => {
      const group = {
        name,
        members: [...members].sort(),
        settings: this.#ports.registry.group(name)?.settings ?? {},
      };
      return this.#regroup(name, group);
    });
  }

  deleteGroup(caller: Caller, name: string): Promise<Record<string, number>> {
    return this.audited(caller, 'group.deleted', name, {}, () => {
      if (this.#ports.registry.group(name) === undefined)
        throw new MissingError(
          'group-unknown',
          `There is no group ${name}.`,
          'List them: GET /api/v1/groups.',
        );
      return this.#regroup(name, undefined);
    });
  }

  /** Forgets a device: history, settings and what the broker retains of it. A device that still runs comes back. */
  deleteDevice(caller: Caller, id: string): Promise<void> {
    return this.audited(caller, 'device.deleted', id, {}, () => {
      this.#known(id);
      return {
        changes: [{ kind: 'device-deleted', id }],
        apply: () => {
          this.#ports.registry.delete(id);
          this.#ports.changed(id, undefined);
          for (const topic of [topics.state(id), topics.reported(id), topics.desired(id)])
            this.#retained.send(topic, new Uint8Array(0));
        },
      };
    });
  }

  createToken(caller: Caller, request: NewToken): Promise<CreatedToken> {
    return this.audited(caller, 'token.created', request.name, { role: request.role }, () => {
      const { created, row } = this.#ports.tokens.draft(request, actorOf(caller));
      return {
        changes: [{ kind: 'token', token: row }],
        apply: () => {
          this.#ports.tokens.add(row);
          return created;
        },
      };
    });
  }

  /** A token for the first admin where there is none at all; shown this once. Undefined where there are tokens. */
  async firstAdmin(): Promise<CreatedToken | undefined> {
    return this.#ports.tokens.isEmpty
      ? this.createToken(system, { name: 'first admin', role: 'admin' })
      : undefined;
  }

  /** Takes a token that was chosen elsewhere (the demo, a file of secrets); harmless when it is known already. */
  adoptToken(token: string, request: NewToken): Promise<void> {
    return this.audited(system, 'token.adopted', request.name, { role: request.role }, () => {
      const row = this.#ports.tokens.rowFor(token, request, actorOf(system));
      return { changes: [{ kind: 'token', token: row }], apply: () => this.#ports.tokens.add(row) };
    });
  }

  deleteToken(caller: Caller, id: string): Promise<void> {
    return this.audited(caller, 'token.deleted', id, {}, () => {
      this.#ports.tokens.expectDeletable(id);
      return {
        changes: [{ kind: 'token-deleted', id }],
        apply: () => this.#ports.tokens.remove(id),
      };
    });
  }

  /** Work outside of the database (a bundle on the disk) with its line in the audit, also when it fails. */
  async recorded<T>(caller: Caller, action: string, target: string, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      await this.#ports.store.commit({ audit: [this.#draft(caller, action, target, {}, 'ok')] });
      return result;
    } catch (error) {
      await this.#recordFailure(caller, action, target, {}, error);
      throw error;
    }
  }

  /** Somebody with a valid token tried what the role does not allow. */
  async refused(caller: Caller, action: string, target: string): Promise<void> {
    await this.#ports.store.commit({ audit: [this.#draft(caller, action, target, {}, 'forbidden')] });
  }

  /** Brings the desired state of devices up to date after something other than an order changed (groups in a birth). */
  refresh(devices: readonly Device[]): Promise<void> {
    return this.#queued(async () => {
      const plan = this.#restate(devices, (device) => device.settings);
      if (plan.changes.length === 0) return;
      await this.#ports.store.commit({ changes: plan.changes });
      plan.apply();
    });
  }

  /** Publishes the desired state as it stands; the broker keeps it for the device. */
  publish(device: Device): void {
    const { desired } = device;
    if (desired === undefined) return;
    this.#retained.send(topics.desired(device.id), encodePayload('desired', desired), () => {
      device.brokerGeneration = desired.generation;
    });
  }

  #regroup(name: string, group: Group | undefined): Plan<Record<string, number>> {
    const { registry } = this.#ports;
    const before = new Set(registry.membersOf(name));
    const listed = new Set(group?.members ?? []);
    const concerned = [...registry.devices()].filter(
      (device) => before.has(device.id) || listed.has(device.id),
    );
    const change: Change = group === undefined ? { kind: 'group-deleted', name } : { kind: 'group', group };
    const plan = this.#restate(concerned, (device) => device.settings, { name, group });
    return {
      changes: [change, ...plan.changes],
      apply: () => {
        if (group === undefined) registry.deleteGroup(name);
        else registry.setGroup(group);
        return plan.apply();
      },
    };
  }

  /** New desired states of devices, as they would be with these settings and with this group replaced. */
  #restate(
    devices: readonly Device[],
    settingsOf: (device: Device) => DesiredSettings,
    replaced?: { readonly name: string; readonly group: Group | undefined },
  ): Plan<Record<string, number>> {
    const steps = devices.map((device) => {
      let groups = this.#ports.registry.groupsOf(device);
      if (replaced !== undefined) {
        groups = groups.filter((group) => group.name !== replaced.name);
        const { group } = replaced;
        const member =
          group?.members.includes(device.id) || device.birth?.groups?.includes(replaced.name) === true;
        if (group !== undefined && member) groups.push(group);
      }
      const seenGenerations = [device.reported?.generation ?? 0, device.brokerGeneration ?? 0];
      const next = nextDesired({
        previous: device.desired,
        wanted: mergeSettings(groups, settingsOf(device)),
        seenGenerations,
        nowMs: this.#ports.clock.wallMs(),
        url: this.#ports.url,
      });
      return { device, next };
    });
    return {
      changes: steps.flatMap(({ device, next }) =>
        next === undefined ? [] : [{ kind: 'desired' as const, device: device.id, desired: next }],
      ),
      apply: () => {
        const generations: Record<string, number> = {};
        const fresh: Device[] = [];
        for (const { device, next } of steps) {
          if (next !== undefined) {
            device.desired = next;
            fresh.push(device);
          }
          generations[device.id] = device.desired?.generation ?? 0;
          this.#ports.changed(device.id, device);
        }
        for (const device of fresh) this.publish(device);
        return generations;
      },
    };
  }

  #known(id: string): Device {
    const device = this.#ports.registry.get(id);
    if (device === undefined)
      throw new MissingError(
        'device-unknown',
        `No device ${id} has ever reported.`,
        'List the devices: GET /api/v1/devices. Settings for devices to come belong to a group.',
      );
    return device;
  }

  #checkModel(settings: DesiredSettings, unlisted: boolean): void {
    if (settings.model !== undefined && !unlisted) this.#ports.models.expectChoice(settings.model);
  }

  /** An order, in the line of all others, with its entry in the audit. */
  audited<T>(
    caller: Caller,
    action: string,
    target: string,
    detail: unknown,
    plan: () => Plan<T>,
  ): Promise<T> {
    return this.#queued(async () => {
      try {
        const { changes, apply } = plan();
        await this.#ports.store.commit({
          changes,
          audit: [this.#draft(caller, action, target, detail, 'ok')],
        });
        return apply();
      } catch (error) {
        await this.#recordFailure(caller, action, target, detail, error);
        throw error;
      }
    });
  }

  async #recordFailure(
    caller: Caller,
    action: string,
    target: string,
    detail: unknown,
    error: unknown,
  ): Promise<void> {
    const { code } = asGoshawkError(error, 'internal');
    try {
      await this.#ports.store.commit({ audit: [this.#draft(caller, action, target, detail, code)] });
    } catch (cause) {
      // The order failed as well and its error reaches the caller; the log is the only place left.
      this.#ports.log.error('A failed order could not be written to the audit', {
        action,
        target,
        actor: actorOf(caller),
        cause: describeError(cause),
      });
    }
  }

  #draft(caller: Caller, action: string, target: string, detail: unknown, result: string): AuditDraft {
    return {
      timeMs: this.#ports.clock.wallMs(),
      actor: actorOf(caller),
      action,
      target,
      result,
      detail: JSON.stringify(detail),
    };
  }

  #queued<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(work);
    this.#tail = run.catch(() => undefined);
    return run;
  }
}
