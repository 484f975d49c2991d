import type {
  Freeze,
  ModelChoice,
  NewRollout,
  RolloutAction,
  RolloutDetail,
  RolloutList,
  RolloutPolicy,
  RolloutPreview,
} from '../../api/index.ts';
import { type Clock, defined, RefusedError } from '../../base/index.ts';
import { mainSlot } from '../../protocol/index.ts';
import type { ApprovalService } from '../approvals/approval-service.ts';
import { actorOf, type Caller } from '../audit/caller.ts';
import type { CommandExecutor } from '../audit/command-executor.ts';
import type { SlotService } from '../desired/slot-service.ts';
import type { LabelService } from '../devices/label-service.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { type FleetView, wholeFleet } from '../fleet/fleet-view.ts';
import type { ModelRegistry } from '../models/model-registry.ts';
import type { StoredFleet } from '../store/store.ts';
import { act } from './actions.ts';
import { pause } from './advance.ts';
import { detailOf, infoOf } from './describe.ts';
import type { EvidenceReader } from './evidence/index.ts';
import { expectDevices } from './expect-devices.ts';
import { expectRoom } from './expect-room.ts';
import { armSlot, slotsOf, whyOutside } from './experiment/stage.ts';
import { factsOfFleet } from './facts.ts';
import { GatePreview } from './gate-preview.ts';
import { move } from './move.ts';
import { needsBundle } from './needs-bundle.ts';
import { checkGateRules, checkGateTask, checkRolloutPolicy } from './policy-check.ts';
import { type DeviceRecord, type Rollout, withNote } from './rollout.ts';
import { changesBetween, mostRollouts, type RolloutTable } from './rollout-table.ts';
import { expectWithinView, isWithinView, rolloutIn } from './rollout-view.ts';
import { isActive } from './table.ts';
import { type PlannedWave, planWaves } from './waves.ts';
import type { DeviceFacts } from './world.ts';

export interface RolloutServicePorts {
  readonly table: RolloutTable;
  readonly registry: DeviceRegistry;
  readonly labels: Pick<LabelService, 'labelsOf' | 'holdOf'>;
  readonly approvals: Pick<ApprovalService, 'rulesOf'>;
  readonly commands: CommandExecutor;
  readonly slots: Pick<SlotService, 'resolve'>;
  readonly models: Pick<ModelRegistry, 'taskOf'>;
  readonly evidence: Pick<EvidenceReader, 'historyMinutes'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly onChanged: (before: Rollout | undefined, after: Rollout) => void;
}

interface Plan {
  readonly model: ModelChoice;
  readonly slot: string;
  readonly waves: readonly PlannedWave[];
  readonly facts: ReadonlyMap<string, DeviceFacts>;
  readonly overlaps: readonly Rollout[];
}

/** Rollouts as people make, see and steer them; every command has its entry in the audit log. */
export class RolloutService {
  readonly #ports: RolloutServicePorts;
  readonly #gate: GatePreview;
  #freeze: Freeze | undefined;

  constructor(ports: RolloutServicePorts) {
    this.#ports = ports;
    this.#gate = new GatePreview(ports);
  }

  load({
    rollouts,
    goneRollouts,
    rolloutFreeze,
  }: Pick<StoredFleet, 'rollouts' | 'goneRollouts' | 'rolloutFreeze'>): void {
    this.#ports.table.load(rollouts, goneRollouts);
    this.#freeze = rolloutFreeze;
  }

  get frozen(): Freeze | undefined {
    return this.#freeze;
  }

  list(
    { limit = 50, active = false }: { readonly limit?: number; readonly active?: boolean } = {},
    view: FleetView = wholeFleet,
  ): RolloutList {
    const { table, clock } = this.#ports;
    const all = table
      .all()
      .filter(({ state }) => !active || isActive(state))
      .flatMap((rollout) => rolloutIn(view, rollout) ?? []);
    return {
      rollouts: all.slice(0, limit).map((rollout) => infoOf(rollout, clock.wallMs())),
      total: all.length,
      ...defined({ freeze: this.#freeze }),
    };
  }

  /** Newest first. */
  all(): readonly Rollout[] {
    return this.#ports.table.all();
  }

  detail(idOrName: string, view: FleetView = wholeFleet): RolloutDetail {
    return detailOf(this.#ports.table.expectIn(view, idOrName), this.#ports.clock.wallMs());
  }

  /** Names of rollouts that need a bundle, or could have to go back to it. */
  using(digest: string): string[] {
    return this.#ports.table
      .all()
      .filter((rollout) => needsBundle(rollout, digest))
      .map(({ name }) => name);
  }

  /** RefusedError `model-in-rollout` for a bundle that one of them needs. */
  expectUnneeded(digest: string): void {
    const [first] = this.using(digest);
    if (first === undefined) return;
    throw new RefusedError(
      'model-in-rollout',
      `The rollout ${first} needs this model, or may roll back to it.`,
      'Wait until it is over, or abort it. If it is over, a device still has its order: wait for it, give it a model by hand, or delete it.',
    );
  }

  async preview({ name, policy }: NewRollout): Promise<RolloutPreview> {
    const { model, waves, facts, overlaps } = this.#plan(name, policy);
    const gate = await this.#gate.of({ name, policy, model, waves, facts });
    const leftOut = waves
      .flatMap(({ devices }) => devices)
      .flatMap((device) => {
        const known = facts.get(device);
        const { own, hold } = known ?? {};
        const outside = known && whyOutside({ name, policy }, known);
        if (outside !== undefined) return [{ device, why: outside.reason ?? '' }];
        if (own?.policy?.pinned === true) return [{ device, why: 'Its slot is pinned.' }];
        return hold === undefined ? [] : [{ device, why: `It is held: ${hold.reason}` }];
      });
    return {
      model,
      waves: waves.map((wave) => ({
        name: wave.name,
        devices: [...wave.devices],
        soakMinutes: wave.soakMinutes,
      })),
      leftOut,
      gate: gate.says,
      undecided: gate.undecided,
      ...defined({ shortestSoakMinutes: gate.shortestSoakMinutes }),
      overlaps: overlaps.map((one) => one.name),
    };
  }

  async create(caller: Caller, request: NewRollout, view: FleetView = wholeFleet): Promise<RolloutDetail> {
    const { commands, clock, table, newId, onChanged } = this.#ports;
    const { name, draft = false } = request;
    const undecided = await this.#undecidedOf(request);
    return commands.execute(caller, 'rollout.created', name, { policy: request.policy, draft }, () => {
      const nowMs = clock.wallMs();
      const plan = this.#plan(name, request.policy);
      const policy = withApproval(request.policy, plan);
      expectRoom(this.#ports.table.all(), caller);
      const superseded = this.#makeRoom(view, name, policy, plan, nowMs);
      const made = this.#fresh(newId(), { name, policy }, plan, caller);
      const fresh = undecided.reduce((one, what) => withNote(one, nowMs, what, 'controller'), made);
      const by = actorOf(caller);
      const approval = policy.approval === true || fresh.waves[0]?.approval === true;
      const event = approval ? 'submitted' : 'started';
      const rollout = draft ? fresh : move(fresh, event, nowMs, 'Started.', by);
      const gone = table.surplus(({ state }) => !isActive(state));
      return {
        changes: [
          ...superseded.flatMap((one) => changesBetween(table.get(one.id), one)),
          ...gone.map((one) => ({
            ...{ kind: 'rollout-deleted' as const, id: one.id, name: one.name, goneMs: nowMs },
          })),
          ...changesBetween(undefined, rollout),
        ],
        apply: () => {
          for (const one of superseded) {
            const before = table.get(one.id);
            table.set(one);
            onChanged(before, one);
          }
          for (const one of gone) table.delete(one);
          table.set(rollout);
          onChanged(undefined, rollout);
          return detailOf(rollout, nowMs);
        },
      };
    });
  }

  /** Whoever begins it hears what its gate will not say. What is wrong with the policy is said by the command itself. */
  async #undecidedOf({ name, policy }: NewRollout): Promise<readonly string[]> {
    if (policy.gate === undefined) return [];
    let plan: Plan;
    try {
      plan = this.#plan(name, policy);
    } catch {
      return [];
    }
    return (await this.#gate.of({ name, policy, ...plan })).undecided;
  }

  act(
    caller: Caller,
    idOrName: string,
    action: RolloutAction,
    view: FleetView = wholeFleet,
  ): Promise<RolloutDetail> {
    const { commands, clock, table, onChanged } = this.#ports;
    return commands.execute(caller, `rollout.${action.action}`, idOrName, action, () => {
      const before = table.expect(table.expectIn(view, idOrName).id);
      expectWithinView(view, before);
      if (this.#freeze !== undefined && ['start', 'approve', 'resume', 'promote'].includes(action.action))
        throw new RefusedError(
          'rollouts-frozen',
          `Rollouts are frozen: ${this.#freeze.reason}`,
          'goshawk rollout unfreeze lets them work again.',
        );
      const after = act(before, action, caller, clock.wallMs());
      return {
        changes: changesBetween(before, after),
        apply: () => {
          table.set(after);
          onChanged(before, after);
          return detailOf(after, clock.wallMs());
        },
      };
    });
  }

  /**
   * Stop everything. Devices that have not switched yet are told to wait. What is going back goes on: a version that did
   * badly is not kept on devices by it.
   */
  freeze(caller: Caller, reason: string): Promise<RolloutList> {
    const { commands, clock, table, onChanged } = this.#ports;
    return commands.execute(caller, 'rollouts.frozen', 'all', { reason }, () => {
      const nowMs = clock.wallMs();
      const by = actorOf(caller);
      const freeze = { reason, by, sinceMs: nowMs };
      const what = `Everything was stopped: ${reason}`;
      const paused = table
        .all()
        .filter(({ state }) => ['running', 'soaking', 'comparing', 'waiting-for-approval'].includes(state))
        .map((rollout) => pause(rollout, nowMs, { kind: 'frozen', what }, by));
      return {
        changes: [
          { kind: 'rollout-freeze', freeze },
          ...paused.flatMap((one) => changesBetween(table.get(one.id), one)),
        ],
        apply: () => {
          this.#freeze = freeze;
          for (const one of paused) {
            const before = table.get(one.id);
            table.set(one);
            onChanged(before, one);
          }
          // All of them: who asks is told which go back.
          return this.list({ limit: mostRollouts });
        },
      };
    });
  }

  unfreeze(caller: Caller): Promise<RolloutList> {
    return this.#ports.commands.execute(caller, 'rollouts.unfrozen', 'all', {}, () => ({
      changes: [{ kind: 'rollout-freeze', freeze: undefined }],
      apply: () => {
        this.#freeze = undefined;
        return this.list();
      },
    }));
  }

  #plan(name: string, policy: RolloutPolicy): Plan {
    const { slots, table, models } = this.#ports;
    checkRolloutPolicy(policy);
    const slot = armSlot(policy) ?? policy.slot ?? mainSlot;
    const own = new Set(slotsOf(policy));
    const { policy: _, expiresAtMs: __, ...model } = slots.resolve(policy.model, slot);
    checkGateTask(policy, models.taskOf(model.digest));
    const facts = factsOfFleet(this.#ports, slot);
    const waves = planWaves(policy, [...facts.values()], name);
    expectDevices(policy, waves, facts);
    const devices = new Set(waves.flatMap((wave) => wave.devices));
    checkGateRules(
      policy,
      [...devices].flatMap((device) => facts.get(device) ?? []),
    );
    const overlaps = table
      .all()
      .filter((one) => isActive(one.state) && slotsOf(one.policy).some((other) => own.has(other)))
      .filter((one) => [...one.devices.keys()].some((device) => devices.has(device)));
    return { model, slot, waves, facts, overlaps };
  }

  /** RefusedError `rollout-overlap`, `rollout-name`. What is superseded; finished ones of the same devices follow nobody any more. */
  #makeRoom(view: FleetView, name: string, policy: RolloutPolicy, plan: Plan, nowMs: number): Rollout[] {
    const { table } = this.#ports;
    const [first] = plan.overlaps;
    if (first !== undefined && policy.supersede !== true)
      throw new RefusedError(
        'rollout-overlap',
        `${first.name} is ${first.state} on devices of this one.`,
        'Wait until it is over, abort it, or say supersede: true.',
      );
    for (const one of plan.overlaps) expectWithinView(view, one);
    if (table.all().some((one) => one.name === name && isActive(one.state) && !plan.overlaps.includes(one)))
      throw new RefusedError(
        'rollout-name',
        `Another active rollout is named ${name}.`,
        'Give this one another name.',
      );
    const shared = plan.overlaps.find((one) => armSlot(one.policy) !== undefined && one.state !== 'draft');
    if (shared !== undefined)
      throw new RefusedError(
        'rollout-overlap',
        `${shared.name} is an experiment on devices of this one, and uses a separate slot on each.`,
        'Promote it or roll it back first.',
      );
    const busy = plan.overlaps.find(({ state }) => state === 'aborting' || state === 'rolling-back');
    if (busy !== undefined)
      throw new RefusedError(
        'rollout-overlap',
        `${busy.name} is ${busy.state}; no other rollout can replace that.`,
        'Wait until it is done.',
      );
    const own = new Set(plan.waves.flatMap(({ devices }) => devices));
    const over = table
      .all()
      .filter((one) => one.slot === plan.slot && one.state === 'finished' && isWithinView(view, one))
      .filter(({ devices }) => [...devices.keys()].some((device) => own.has(device)));
    const what = `${name} took its place.`;
    return [...plan.overlaps, ...over].map((one) =>
      move({ ...one, reason: what }, 'superseded', nowMs, what),
    );
  }

  #fresh(id: string, { name, policy }: NewRollout, plan: Plan, caller: Caller): Rollout {
    const nowMs = this.#ports.clock.wallMs();
    const devices = new Map<string, DeviceRecord>();
    for (const [wave, { devices: ids }] of plan.waves.entries())
      for (const device of ids) devices.set(device, { device, wave, state: 'waiting', sinceMs: nowMs });
    const rollout: Rollout = {
      ...{ id, name, policy, devices, slot: plan.slot, model: plan.model, createdMs: nowMs, sinceMs: nowMs },
      createdBy: { token: caller.tokenId, name: caller.name },
      state: 'draft',
      wave: 0,
      waves: plan.waves.map(({ devices: _, ...wave }, at) =>
        at === 0 && policy.approval === true ? { ...wave, approval: true } : wave,
      ),
      notes: [],
    };
    return withNote(rollout, nowMs, 'Made.', actorOf(caller));
  }
}

/** A rule of a device is no choice of who makes a rollout for it. */
function withApproval(policy: RolloutPolicy, { waves, facts }: Plan): RolloutPolicy {
  const isRuled = (id: string) => (facts.get(id)?.approvalRules ?? []).length > 0;
  return waves.some(({ devices }) => devices.some(isRuled)) ? { ...policy, approval: true } : policy;
}
