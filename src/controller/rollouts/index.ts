import type { Clock, Log } from '../../base/index.ts';
import { controllerId } from '../../protocol/index.ts';
import type { Secrets } from '../access/token-registry.ts';
import type { ApprovalService } from '../approvals/approval-service.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { SlotService } from '../desired/slot-service.ts';
import type { LabelService } from '../devices/label-service.ts';
import type { ControllerEvents } from '../fleet/controller-events.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { Guard } from '../guard.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { PeriodicTask } from '../module.ts';
import type { RpcClient } from '../rpc/rpc-client.ts';
import type { Store, StoredFleet } from '../store/store.ts';
import { Challenger, type ReferenceAnswers } from './challenges/index.ts';
import { EvidenceReader } from './evidence/index.ts';
import { ExperimentService } from './experiment/experiment-service.ts';
import type { Rollout } from './rollout.ts';
import { eventOfChange } from './rollout-events.ts';
import { RolloutRunner } from './rollout-runner.ts';
import { RolloutService } from './rollout-service.ts';
import { RolloutTable } from './rollout-table.ts';
import { leftUnjudged } from './unjudged.ts';

export interface RolloutsPorts {
  readonly registry: DeviceRegistry;
  readonly labels: LabelService;
  readonly models: ModelRegistry;
  readonly commands: CommandExecutor;
  readonly slots: SlotService;
  readonly approvals: Pick<ApprovalService, 'rulesOf'>;
  readonly events: ControllerEvents;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly guard: Guard;
  readonly rpc: RpcClient;
  readonly secrets: Secrets;
  readonly references: ReferenceAnswers | undefined;
  /** Unique for ever. */
  readonly newId: () => string;
}

/** Rollouts, put together: what people do with them, and what goes on by itself. */
export class Rollouts {
  readonly service: RolloutService;
  readonly experiments: ExperimentService;
  readonly #runner: RolloutRunner;
  readonly #guard: Guard;
  readonly #registry: DeviceRegistry;

  constructor(ports: RolloutsPorts) {
    const { events, newId, guard } = ports;
    this.#guard = guard;
    this.#registry = ports.registry;
    const table = new RolloutTable();
    const onChanged = (before: Rollout | undefined, after: Rollout) => {
      const event = eventOfChange(before, after);
      if (event !== undefined) events.add(controllerId, event);
      this.#markUnjudged(after);
    };
    const evidence = new EvidenceReader(ports);
    this.service = new RolloutService({ ...ports, table, onChanged, evidence });
    this.experiments = new ExperimentService({ ...ports, table });
    this.#runner = new RolloutRunner({
      ...{ ...ports, table, onChanged },
      newOrder: newId,
      evidence,
      challenger: new Challenger(ports),
      freeze: () => this.service.frozen,
    });
  }

  /** One row that can't be used must not keep the fleet from starting. */
  load(stored: StoredFleet): void {
    this.#guard.run('load rollouts', () => {
      this.service.load(stored);
      for (const rollout of this.service.all()) this.#markUnjudged(rollout);
    });
  }

  /** The health of a device says what its rollout left it with. */
  #markUnjudged(rollout: Rollout): void {
    const left = new Set(leftUnjudged(rollout).map(({ device }) => device));
    const { name, model, pause } = rollout;
    for (const id of rollout.devices.keys()) {
      const unjudged = this.#registry.get(id)?.unjudged;
      if (left.has(id))
        unjudged?.set(
          rollout.id,
          `${model.name} ${model.version} without a verdict: rollout ${name} paused (${pause?.kind})`,
        );
      else unjudged?.delete(rollout.id);
    }
  }

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: 2_000, run: () => void this.#runner.step() }];
  }

  close(): Promise<void> {
    return this.#runner.close();
  }
}
