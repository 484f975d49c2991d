import type {
  DescribeAnswer,
  DeviceDetail,
  DeviceList,
  DeviceListQuery,
  RobotAnswer,
  RobotCall,
} from '../../api/index.ts';
import { defined, InputError } from '../../base/index.ts';
import { retainedTopics } from '../../protocol/index.ts';
import { isAuditedWhole, maxAuditDetail } from '../audit/audit-log.ts';
import type { Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import { slotSources } from '../desired/orderers.ts';
import type { RetainedPublisher } from '../desired/retained-publisher.ts';
import type { EventBus } from '../event-bus.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import { expectOnline } from '../rpc/expect-online.ts';
import type { RpcClient } from '../rpc/rpc-client.ts';
import type { LabelService } from './label-service.ts';

export interface DeviceServicePorts {
  readonly registry: DeviceRegistry;
  readonly rpc: RpcClient;
  readonly commands: CommandExecutor;
  readonly retained: RetainedPublisher;
  readonly bus: EventBus;
  readonly labels: Pick<LabelService, 'holdOf'>;
}

const describeTimeoutMs = 10_000;
/** The device gives up after 10 s and says so. */
const robotTimeoutMs = 15_000;

/** The devices of the fleet as people see them. */
export class DeviceService {
  readonly #ports: DeviceServicePorts;

  constructor(ports: DeviceServicePorts) {
    this.#ports = ports;
  }

  /** By id. */
  list(query: DeviceListQuery, view: FleetView = wholeFleet): DeviceList {
    return this.#ports.registry.list(query, view);
  }

  detail(id: string): DeviceDetail {
    const { registry, labels } = this.#ports;
    const device = registry.expect(id);
    const hold = labels.holdOf(id);
    const { birth, reported, desired, settings } = device;
    const summary = registry.summary(device);
    const sources = slotSources(registry.groupsOf(device), settings);
    return defined({ summary, birth, reported, desired, settings, hold, sources, metrics: device.metrics() });
  }

  /** Asks the device itself. */
  async describe(id: string): Promise<DescribeAnswer> {
    return this.#ports.rpc.call(id, 'describe', {}, describeTimeoutMs);
  }

  /** A service of the robot that carries it. In the audit log before it is called. */
  async callRobot(caller: Caller, id: string, call: RobotCall): Promise<RobotAnswer> {
    const { registry, rpc, commands } = this.#ports;
    checkRequest(call);
    await commands.execute(caller, 'robot.called', id, call, () => {
      expectOnline(registry, id);
      return { changes: [], apply: () => {} };
    });
    // Outside of the queue of commands: a slow robot does not block others.
    return rpc.call(id, 'robot', call, robotTimeoutMs);
  }

  /** Forgets history, settings and what the broker retains of it. A device that still runs comes back. */
  deleteDevice(caller: Caller, id: string): Promise<void> {
    const { registry, commands, retained, bus } = this.#ports;
    return commands.execute(caller, 'device.deleted', id, {}, () => {
      registry.expect(id);
      return {
        changes: [{ kind: 'device-deleted', id }],
        apply: () => {
          registry.delete(id);
          bus.emit('deviceDeleted', id);
          for (const topic of retainedTopics(id)) retained.clear(topic);
        },
      };
    });
  }
}

const maxRequestDepth = 16;

/** The device knows what its fields may be. Nothing is called that the audit log would have in part. */
function checkRequest(call: RobotCall): void {
  const { request, on } = call;
  if (request === undefined) return;
  if (on !== undefined)
    throw new InputError('robot-call-on', 'A call has both on and request.', 'Give one of the two.');
  // The depth first: it is looked at no further than it may be, and what writes JSON goes down to the end.
  if (!liesDeeper(request, maxRequestDepth) && isAuditedWhole(call)) return;
  throw new InputError(
    'robot-request-large',
    `A call has more than ${maxAuditDetail} characters of JSON, the limit of the audit log, or its request is nested more than ${maxRequestDepth} deep.`,
    'Give fewer fields: the service uses its defaults for the others.',
  );
}

function liesDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return most === 0 || Object.values(value).some((each) => liesDeeper(each, most - 1));
}
