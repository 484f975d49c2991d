import { type Cancel, type Clock, describeError, type Log } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import { type DesiredModel, mainSlot, type TrustReport } from '../../protocol/index.ts';
import type { Deployer } from '../deployment/deployer.ts';
import type { SlotMemory } from '../deployment/slot-memory.ts';
import { isSettled } from '../deployment/table.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type { ModelStore } from '../ports.ts';
import type { TrustGate } from '../trust/ports.ts';

export interface WithdrawalPolicy {
  /** What becomes of a model that runs and that its owner withdrew. */
  readonly withdrawn: 'warn' | 'fall-back' | 'stop';
  /** What becomes of models while signed metadata has expired: what was withdrawn since is not known then. */
  readonly stale: 'warn' | 'stop';
  /** How often signed metadata is fetched. */
  readonly refreshMinutes: number;
}

export const defaultWithdrawalPolicy: WithdrawalPolicy = {
  withdrawn: 'fall-back',
  stale: 'warn',
  refreshMinutes: 60,
};

interface WatchedSlot {
  readonly name: string;
  readonly memory: SlotMemory;
  readonly deployer: Pick<Deployer, 'runs' | 'withdraw'>;
}

export interface WithdrawalWatchPorts {
  readonly trust: TrustGate;
  readonly policy: WithdrawalPolicy;
  readonly slots: Iterable<WatchedSlot>;
  readonly store: Pick<ModelStore, 'find' | 'decrypt'>;
  readonly clock: Clock;
  /** [0, 1) */
  readonly random: () => number;
  readonly log: Log;
  /** Between two orders of the fleet. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
  readonly reportEvent: (event: AgentEvent) => Promise<boolean>;
  /** What is reported is another. */
  readonly onChange: () => void;
  /** The root names other keys for orders: what was refused before may be theirs. */
  readonly onOtherKeys: () => void;
}

type Found = NonNullable<TrustReport['withdrawn']>[number];

const lookEveryMs = 60_000;
/** What could not be fetched is tried again so soon. */
const againMs = 300_000;
/** Over so long devices spread that hear at once that something was published. */
const spreadMs = 120_000;

/**
 * Keeps what is signed up to date at a rhythm of its own, and looks whether what runs may still run.
 *
 * INVARIANT. A model that its owner withdrew is dealt with as soon as that is known here, whatever is ordered.
 */
export class WithdrawalWatch {
  readonly #ports: WithdrawalWatchPorts;
  readonly #ending = new AbortController();
  /** What runs and should not, by slot. */
  readonly #found = new Map<string, Found & { readonly digest: string }>();
  #cancel: Cancel | undefined;
  #looking: Promise<void> | undefined;
  #dueMs = Number.NEGATIVE_INFINITY;
  #failed = false;
  #stale = false;
  #refused = false;
  #authority: string | undefined;
  /** What was looked at last: the same needs no second look. */
  #seen = '';

  constructor(ports: WithdrawalWatchPorts) {
    this.#ports = ports;
  }

  /** As it is reported. */
  get withdrawn(): readonly Found[] {
    return [...this.#found.values()].map(({ slot, what }) => ({ slot, what }));
  }

  /** What the robot must know, in words. */
  get faults(): readonly string[] {
    return [...[...this.#found.values()].map(({ what }) => what), ...(this.#stale ? [staleWords] : [])];
  }

  start(): void {
    this.#authority = this.#ports.trust.authority;
    this.#cancel = this.#ports.clock.every(lookEveryMs, () => this.#turn());
    this.#turn();
  }

  /** The network is there again. */
  online(): void {
    if (this.#failed) this.#dueMs = Number.NEGATIVE_INFINITY;
    this.#turn();
  }

  /** The fleet sends its orders again after a publication, and when they change. */
  heardOrder(): void {
    const { clock, random } = this.#ports;
    this.#dueMs = Math.min(this.#dueMs, clock.monotonicMs() + spreadMs * random());
  }

  /** An order was refused: there may be a new root that names who signed it. */
  refusedOrder(): void {
    this.#refused = true;
  }

  async close(): Promise<void> {
    this.#cancel?.();
    this.#ending.abort();
    await this.#looking;
  }

  #turn(): void {
    if (this.#ending.signal.aborted) return;
    this.#looking ??= this.#look()
      .catch((error: unknown) => {
        this.#ports.log.warn('Whether models may still run cannot be told', {
          reason: describeError(error),
        });
      })
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async #look(): Promise<void> {
    const { trust, clock, slots } = this.#ports;
    if (!trust.signed) return;
    if (this.#refused || clock.monotonicMs() >= this.#dueMs) await this.#refresh();
    if (this.#ending.signal.aborted) return;
    if (trust.authority !== this.#authority) {
      this.#authority = trust.authority;
      this.#ports.onOtherKeys();
    }
    await this.#lookAtAge();
    const all = [...slots];
    const seen = JSON.stringify([
      trust.report().checkedMs,
      all.map(({ name, deployer }) => [name, deployer.runs]),
    ]);
    if (seen === this.#seen) return;
    let whole = true;
    for (const slot of all) whole = (await this.#lookAt(slot)) && whole;
    for (const name of this.#found.keys()) if (!all.some((slot) => slot.name === name)) this.#forget(name);
    if (whole) this.#seen = seen;
  }

  async #refresh(): Promise<void> {
    const { trust, clock, log, policy, random } = this.#ports;
    const everyMs = policy.refreshMinutes * 60_000;
    this.#refused = false;
    try {
      await trust.refresh(this.#ending.signal);
      this.#failed = false;
    } catch (error) {
      this.#failed = true;
      log.debug('Signed metadata cannot be had', { error });
    }
    // Devices of a fleet that were started together do not stay together.
    const nextMs = (this.#failed ? Math.min(againMs, everyMs) : everyMs) * (0.9 + 0.2 * random());
    this.#dueMs = clock.monotonicMs() + nextMs;
  }

  async #lookAtAge(): Promise<void> {
    const { trust, policy, slots, reportEvent, onChange } = this.#ports;
    const stale = trust.stale;
    if (stale === this.#stale) return;
    this.#stale = stale;
    const stops = policy.stale === 'stop';
    if (stale) {
      const what = stops
        ? `${staleWords} Models stop until it is fetched again.`
        : `${staleWords} Models continue to run.`;
      void reportEvent({ kind: 'trust.stale', severity: stops ? 'critical' : 'warning', message: what });
      if (stops) for (const slot of slots) await this.#stop(slot, staleWords, slot.deployer.runs);
    } else
      void reportEvent({
        kind: 'trust.fresh',
        severity: 'info',
        message: 'Signed metadata is up to date again.',
      });
    onChange();
  }

  /** False where it has to be looked at again: a deployment is under way. */
  async #lookAt(slot: WatchedSlot): Promise<boolean> {
    const { trust } = this.#ports;
    const { runs } = slot.deployer;
    if (this.#found.get(slot.name)?.digest !== runs?.digest) this.#forget(slot.name);
    if (!isSettled(slot.memory.record.deployment.state)) return false;
    if (runs === undefined) return true;
    const objection = await trust.standing(runs);
    if (objection === undefined) {
      this.#forget(slot.name);
      return true;
    }
    if (objection === 'unsigned' || this.#ports.policy.withdrawn === 'warn')
      this.#warn(slot, runs, objection);
    else await this.#replace(slot, runs);
    return true;
  }

  #warn({ name: slot }: WatchedSlot, runs: DesiredModel, objection: 'withdrawn' | 'unsigned'): void {
    if (this.#found.has(slot)) return;
    const { reportEvent, onChange } = this.#ports;
    const { digest } = runs;
    const what =
      objection === 'withdrawn'
        ? `${named(runs)} runs, but its owner withdrew it: order another one.`
        : `${named(runs)} runs, but is not signed: let the owner sign it, or order another one.`;
    this.#found.set(slot, { slot, what, digest });
    void reportEvent({
      kind: `model.${objection}`,
      severity: 'error',
      message: what,
      data: { slot, digest },
    });
    onChange();
  }

  async #replace(slot: WatchedSlot, runs: DesiredModel): Promise<void> {
    const { policy, reportEvent } = this.#ports;
    const bundle = policy.withdrawn === 'fall-back' ? await this.#before(slot) : undefined;
    const why = `The owner of ${named(runs)} withdrew it.`;
    const instead = await this.#stop(slot, why, undefined, bundle);
    const then =
      instead === undefined
        ? 'No model runs in its place.'
        : `${named(instead)}, the previous model, runs in its place.`;
    await reportEvent({
      kind: 'model.withdrawn',
      severity: instead === undefined ? 'critical' : 'error',
      message: `${slot.name === mainSlot ? '' : `Slot ${slot.name}: `}${why} ${then} Order another model.`,
      data: {
        slot: slot.name,
        digest: runs.digest,
        ...(instead === undefined ? {} : { serving: instead.digest }),
      },
    });
  }

  /** Gives what runs then. `lost`: it is brought up again once it can be. */
  async #stop(
    { name, deployer }: WatchedSlot,
    why: string,
    lost: DesiredModel | undefined,
    instead?: Bundle,
  ): Promise<DesiredModel | undefined> {
    const { inTurn, onChange } = this.#ports;
    await inTurn(() => deployer.withdraw(why, instead, lost));
    this.#forget(name);
    onChange();
    return deployer.runs;
  }

  /** The model that served before, where it is on the disk and may run. */
  async #before({ memory }: WatchedSlot): Promise<Bundle | undefined> {
    const { store, trust, log } = this.#ports;
    const { previous } = memory.record;
    if (previous === undefined) return undefined;
    try {
      const bundle = await store.find(previous);
      if (bundle === undefined) return undefined;
      const { name, version } = bundle.manifest;
      const model = { name, version, digest: bundle.digest };
      await trust.expectAdmitted(model);
      if ((await trust.standing(model)) !== undefined) return undefined;
      if (bundle.sealed !== undefined) await store.decrypt?.(bundle, () => {}, this.#ending.signal);
      return bundle;
    } catch (error) {
      log.warn('The previous model may not run either', { reason: describeError(error) });
      return undefined;
    }
  }

  #forget(slot: string): void {
    if (this.#found.delete(slot)) this.#ports.onChange();
  }
}

const staleWords = 'Signed metadata has expired on this device: later withdrawals by owners are unknown.';

function named({ name, version }: DesiredModel): string {
  return `${name} ${version}`;
}
