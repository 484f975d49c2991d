import { defined, describeError } from '../../base/index.ts';
import type { VariantKind } from '../../model/index.ts';
import { mainSlot } from '../../perception/index.ts';
import type { LighterRequest } from '../engines/lighter-variant.ts';
import type { AgentEvent } from '../event-reporter.ts';

/** Port: the variants of the models that serve. The supervisors of engines fit. */
export interface VariantHost {
  /** The lighter one that serves in a slot; undefined: the usual one. */
  lighter(slot: string): VariantKind | undefined;
  /** False: something else is under way with this slot; it may be asked again. */
  change(slot: string, request: LighterRequest | undefined): Promise<boolean>;
}

export interface VariantStepsPorts {
  readonly host: VariantHost;
  readonly reportEvent: (event: AgentEvent) => unknown;
}

/** What failed is not tried with every window: opening a network costs what is short. */
const againMs = 60_000;

/**
 * Keeps the variants that serve at what the steps of the ladder say.
 *
 * INVARIANT: at most one change is under way; while it is the old variant serves.
 */
export class VariantSteps {
  readonly #ports: VariantStepsPorts;
  /** By slot: since when what is wanted could not be had, and what that was. */
  readonly #failed = new Map<string, { readonly text: string; readonly sinceMs: number }>();
  #changing = false;
  #closed = false;

  constructor(ports: VariantStepsPorts) {
    this.#ports = ports;
  }

  /** `frameMs`: what a frame takes in the main slot now, where it is known. `nowMs`: monotonic. */
  apply(
    wanted: ReadonlyMap<string, LighterRequest>,
    slots: Iterable<string>,
    frameMs: number | undefined,
    nowMs: number,
  ): void {
    if (this.#changing || this.#closed) return;
    for (const slot of slots) {
      const request = wanted.get(slot);
      const now = this.#ports.host.lighter(slot);
      const fits =
        request === undefined ? now === undefined : now !== undefined && now === (request.variant ?? now);
      if (fits) {
        this.#failed.delete(slot);
        continue;
      }
      const text = JSON.stringify(request ?? null);
      const failed = this.#failed.get(slot);
      if (failed?.text === text && nowMs - failed.sinceMs < againMs) continue;
      const timed = slot === mainSlot && now === undefined && frameMs !== undefined;
      void this.#change(slot, timed && request !== undefined ? { ...request, thanMs: frameMs } : request, {
        text,
        nowMs,
      });
      return;
    }
  }

  close(): void {
    this.#closed = true;
  }

  async #change(
    slot: string,
    request: LighterRequest | undefined,
    { text, nowMs }: { readonly text: string; readonly nowMs: number },
  ): Promise<void> {
    const { host, reportEvent } = this.#ports;
    const before = host.lighter(slot);
    this.#changing = true;
    try {
      if (!(await host.change(slot, request))) return;
      this.#failed.delete(slot);
      reportEvent(changedEvent(slot, before, host.lighter(slot)));
    } catch (error) {
      const news = this.#failed.get(slot)?.text !== text;
      this.#failed.set(slot, { text, sinceMs: nowMs });
      if (news) reportEvent(refusedEvent(slot, describeError(error)));
    } finally {
      this.#changing = false;
    }
  }
}

function changedEvent(
  slot: string,
  before: VariantKind | undefined,
  now: VariantKind | undefined,
): AgentEvent {
  return {
    kind: 'ladder.variant',
    severity: now === undefined ? 'info' : 'warning',
    message:
      now === undefined
        ? `The slot ${slot} runs its usual variant again, in place of ${before}.`
        : `The slot ${slot} runs the variant ${now} to hold the target.`,
    data: { slot, ...defined({ variant: now }) },
  };
}

function refusedEvent(slot: string, reason: string): AgentEvent {
  return {
    kind: 'ladder.variant-refused',
    severity: 'warning',
    message: `The slot ${slot} stays at the variant that it has: ${reason}`,
    data: { slot },
  };
}
