import type { Freeze } from '../../api/index.ts';
import { type Clock, defined, describeError, type Log, stepsInTurns } from '../../base/index.ts';
import type { ApprovalService } from '../approvals/approval-service.ts';
import { systemCaller } from '../audit/caller.ts';
import type { Command, CommandExecutor } from '../audit/command-executor.ts';
import type { SlotService } from '../desired/slot-service.ts';
import type { LabelService } from '../devices/label-service.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { Store } from '../store/store.ts';
import { advance, isWatched, pause } from './advance.ts';
import { busyDevices } from './budgets.ts';
import { type Challenged, type Challenger, withChallenges } from './challenges/index.ts';
import type { EvidenceReader, WaveDevice } from './evidence/index.ts';
import { cameraArms } from './experiment/arms.ts';
import { comparisonOf, ofCamerasAlone } from './experiment/experiment-service.ts';
import { gateOf, isByCamera, isComparison, slotsOf } from './experiment/stage.ts';
import { factsInTurns, factsOf } from './facts.ts';
import { blockMinutesOf } from './gate-blocks.ts';
import { applyVerdict } from './gate-decision.ts';
import { gateDevices } from './gate-devices.ts';
import { type GateEvidence, type GateLook, gateSteps, type MetricGate } from './gates/index.ts';
import { mayYetSwitch } from './holds.ts';
import { orderFor } from './orders.ts';
import type { Proposal } from './proposal.ts';
import type { Rollout } from './rollout.ts';
import { changesBetween, type RolloutTable } from './rollout-table.ts';
import { SoakClock } from './soak-clock.ts';
import { isActive } from './table.ts';
import type { World } from './world.ts';

export interface RolloutRunnerPorts {
  readonly table: RolloutTable;
  readonly registry: DeviceRegistry;
  readonly labels: Pick<LabelService, 'labelsOf' | 'holdOf'>;
  readonly approvals: Pick<ApprovalService, 'rulesOf'>;
  readonly models: Pick<ModelRegistry, 'isComplete'>;
  readonly commands: CommandExecutor;
  readonly slots: Pick<SlotService, 'planSettings'>;
  readonly evidence: Pick<EvidenceReader, 'read'>;
  readonly challenger: Pick<Challenger, 'ask'>;
  readonly store: Pick<Store, 'metrics'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly freeze: () => Freeze | undefined;
  readonly newOrder: () => string;
  /** After every change that is committed. */
  readonly onChanged: (before: Rollout, after: Rollout) => void;
}

/** The guard looks once a block: its confidence sequence may look as often as it likes, and there is nothing new before. */
const guardEveryMs = 300_000;
/** Rollouts that are over are looked at so often. */
const overEveryMs = 30_000;

/**
 * Takes rollouts on, step by step, and gives their orders.
 *
 * INVARIANTS
 * - What a device is ordered, and that the rollout ordered it, are one transaction.
 * - A step is worked out anew by every life of the controller: nothing but what is committed is needed for it.
 */
export class RolloutRunner {
  readonly #ports: RolloutRunnerPorts;
  readonly #guardedMs = new Map<string, number>();
  readonly #lookedMs = new Map<string, number>();
  readonly #soak: SoakClock;
  #stepping: Promise<void> | undefined;
  /** Gates of rollouts that wait for answers of devices: a device that stays silent holds its own rollout alone. */
  readonly #asking = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(ports: RolloutRunnerPorts) {
    this.#ports = ports;
    this.#soak = new SoakClock(ports.clock);
  }

  /** One step of each rollout; one that is under way is enough. Never rejects. */
  step(): Promise<void> {
    this.#stepping ??= this.#stepAll().finally(() => {
      this.#stepping = undefined;
    });
    return this.#stepping;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#stepping;
    await Promise.all(this.#asking.values());
  }

  async #stepAll(): Promise<void> {
    const { table } = this.#ports;
    // Oldest first: what is over is followed before what came after it.
    const due = table.all().filter((one) => isWatched(one) && this.#isDue(one));
    for (const { id } of due.reverse()) {
      if (this.#closing.signal.aborted) return;
      await this.#orPause(id, () => this.#stepOne(id));
    }
  }

  /** What is over has only few devices to look after, and there may be many such. */
  #isDue({ id, state }: Rollout): boolean {
    if (isActive(state)) return true;
    const now = this.#ports.clock.monotonicMs();
    if (now - (this.#lookedMs.get(id) ?? Number.NEGATIVE_INFINITY) < overEveryMs) return false;
    this.#lookedMs.set(id, now);
    return true;
  }

  async #stepOne(id: string): Promise<void> {
    const { commands, table } = this.#ports;
    let proposals: readonly Proposal[] = [];
    let ask: GateLook | undefined;
    await commands.executeUnaudited(async () => {
      const found = table.get(id);
      if (found === undefined) return nothing;
      const world = await this.#world(found);
      // No command comes in between: they run one after the other.
      const before = table.get(id) ?? found;
      const step = advance(this.#soak.watch(before), world);
      proposals = step.proposals;
      ask = step.ask;
      return this.#commandOf(before, step.rollout);
    });
    for (const proposal of proposals) {
      if (this.#closing.signal.aborted) return;
      await this.#order(id, proposal);
    }
    const look = ask;
    if (look === undefined || this.#asking.has(id)) return;
    const rollout = table.get(id);
    const metrics = rollout === undefined ? [] : (gateOf(rollout)?.metrics ?? []);
    if (!metrics.some(({ metric }) => metric === 'challenges')) return this.#askGate(id, look);
    const asking = this.#orPause(id, () => this.#askGate(id, look)).finally(() => this.#asking.delete(id));
    this.#asking.set(id, asking);
  }

  /** A rollout that can't be worked out does not go on by itself. Never rejects. */
  async #orPause(id: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#ports.log.warn('A rollout cannot continue', { rollout: id, reason: describeError(error) });
      await this.#pauseForFault(id, error).catch(() => undefined);
    }
  }

  async #world({ id, slot, model, policy, state }: Rollout): Promise<World> {
    const { clock, freeze, models, table } = this.#ports;
    return {
      nowMs: clock.wallMs(),
      freeze: freeze(),
      devices: await factsInTurns(this.#ports, slot),
      ...(policy.disruption === undefined
        ? {}
        : { busyElsewhere: busyDevices(table.all().filter((one) => one.id !== id && isWatched(one))) }),
      ...(state === 'superseded' ? { claimed: this.#underWay(slot) } : {}),
      modelHeld: models.isComplete(model.digest),
    };
  }

  /** Devices of rollouts of a slot that are not over. A draft may never order anything. */
  #underWay(slot: string): Set<string> {
    const others = this.#ports.table
      .all()
      .filter((one) => slotsOf(one.policy).includes(slot) && one.state !== 'draft' && isActive(one.state));
    return new Set(others.flatMap(({ devices }) => [...devices.keys()]));
  }

  #commandOf(before: Rollout, after: Rollout): Command<void> {
    const changes = changesBetween(before, after);
    return {
      changes,
      apply: () => {
        if (changes.length === 0) return;
        this.#ports.table.set(after);
        this.#ports.onChanged(before, after);
      },
    };
  }

  /** By the rollout as it is when the turn of the order comes: somebody may have stopped it meanwhile. */
  async #order(id: string, proposal: Proposal): Promise<void> {
    const { commands, table, registry, slots, clock, newOrder } = this.#ports;
    const rollout = table.get(id);
    const device = registry.get(proposal.device);
    if (rollout === undefined || device === undefined || !stillWanted(rollout, proposal)) return;
    const action = `rollout.${proposal.kind}`;
    const detail = { rollout: rollout.name, wave: rollout.wave, model: rollout.model, slot: rollout.slot };
    await commands.execute(systemCaller, action, device.id, detail, () => {
      const before = table.get(id);
      const record = before?.devices.get(device.id);
      if (before === undefined || record === undefined || !stillWanted(before, proposal)) return nothing;
      const facts = factsOf(device, before.slot, this.#ports);
      const ports = { newOrder, rollouts: table.all(), nowMs: clock.wallMs() };
      const order = orderFor(before, record, proposal, facts, device, ports);
      if (order === undefined) return nothing;
      const plan = slots.planSettings(`rollout ${before.name}`, device, order.settings);
      // The generation is known when the plan is applied; a revert is done when the device acts on it.
      const generation = plan.changes.flatMap((change) =>
        change.kind === 'desired' ? [change.desired.generation] : [],
      )[0];
      const next =
        proposal.kind === 'revert'
          ? { ...order.record, revertGeneration: generation ?? device.desired?.generation ?? 0 }
          : order.record;
      const after = { ...before, devices: new Map(before.devices).set(device.id, next) };
      return {
        changes: [...plan.changes, ...changesBetween(before, after)],
        apply: () => {
          plan.apply();
          table.set(after);
          this.#ports.onChanged(before, after);
        },
      };
    });
  }

  async #askGate(id: string, look: GateLook): Promise<void> {
    const { table, evidence, commands, clock } = this.#ports;
    const rollout = table.get(id);
    const asked = rollout && gateOf(rollout);
    if (rollout === undefined || asked === undefined) return;
    // Devices are challenged at looks alone: the guard would do it every five minutes.
    const isAsked = ({ metric }: MetricGate) => look !== 'always' || metric !== 'challenges';
    const gate = { ...asked, metrics: asked.metrics.filter(isAsked) };
    if (gate.metrics.length === 0) return;
    const now = clock.monotonicMs();
    if (look === 'always' && now - (this.#guardedMs.get(id) ?? Number.NEGATIVE_INFINITY) < guardEveryMs)
      return;
    this.#guardedMs.set(id, now);
    const byCamera = isByCamera(rollout);
    const devices = byCamera
      ? await cameraArms(rollout, this.#ports)
      : gateDevices(rollout, await factsInTurns(this.#ports, rollout.slot));
    const shadow = gate.comparison === 'shadow' ? { shadowSlot: rollout.slot } : {};
    const ids = devices.map(({ device }) => device);
    const blockMinutes = blockMinutesOf(this.#ports.registry, ids);
    const read = await evidence.read({ devices, look, blockMinutes, ...shadow });
    const challenged = gate.metrics.some(({ metric }) => metric === 'challenges');
    const whole = challenged ? await this.#challenge(rollout, devices, read) : read;
    const seen = byCamera ? ofCamerasAlone(whole) : whole;
    const comparison = gate.comparison ?? (byCamera ? comparisonOf(seen) : undefined);
    const spec = { ...gate, ...defined({ comparison }), waves: rollout.waves.length, guarded: true };
    const verdict = await stepsInTurns(clock, gateSteps(spec, seen));
    await commands.executeUnaudited(() => {
      const before = table.get(id);
      // Somebody may have paused or promoted it while the evidence was gathered.
      if (before === undefined || before.wave !== rollout.wave || before.state !== rollout.state)
        return nothing;
      return this.#commandOf(before, applyVerdict(before, verdict, look, clock.wallMs()));
    });
  }

  async #challenge(
    { model, devices: records }: Rollout,
    devices: readonly WaveDevice[],
    read: GateEvidence,
  ): Promise<GateEvidence> {
    const treated = devices.filter(({ arm }) => arm === 'treated');
    const asked = treated.map(({ device }): Challenged => {
      const { before, ranBefore = before } = records.get(device) ?? {};
      return { device, before: ranBefore?.digest };
    });
    const { challenger, clock } = this.#ports;
    const nowMs = read.nowMs ?? clock.wallMs();
    return withChallenges(read, await challenger.ask(model, asked, this.#closing.signal), nowMs);
  }

  async #pauseForFault(id: string, error: unknown): Promise<void> {
    const { table, commands, clock } = this.#ports;
    await commands.executeUnaudited(() => {
      const before = table.get(id);
      const can = before !== undefined && ['running', 'soaking', 'comparing'].includes(before.state);
      if (before === undefined || !can) return nothing;
      const what = `The controller cannot continue it: ${describeError(error)}`;
      return this.#commandOf(before, pause(before, clock.wallMs(), { kind: 'fault', what }));
    });
  }
}

const nothing: Command<void> = { changes: [], apply: () => {} };

/** In the states in which `advance` proposes such an order. */
function stillWanted(rollout: Rollout, { kind, device }: Proposal): boolean {
  const { state, devices } = rollout;
  const record = devices.get(device);
  if (record === undefined) return false;
  if (kind === 'deploy')
    return ['running', 'comparing', 'finished'].includes(state) && record.order === undefined;
  if (kind === 'share') return isByCamera(rollout) && record.order !== undefined && isActive(state);
  if (kind === 'release') return !isComparison(rollout);
  if (kind === 'hold') return isActive(state) || state === 'finished' || state === 'superseded';
  if (state === 'superseded') return mayYetSwitch(record);
  return (state === 'aborting' || state === 'rolling-back') && record.state !== 'reverting';
}
