import { type Clock, LimitError, RefusedError } from '../../base/index.ts';
import type {
  AddedKind,
  CallMethod,
  CallRequestOf,
  CallResultOf,
  RestartTarget,
} from '../../protocol/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type { CameraSetup } from './camera-setup.ts';
import type { LogRing } from './log-ring.ts';
import { Pace } from './pace.ts';
import type { SupportBundles } from './support-bundles.ts';

/** What the fleet may want of a device beside its work. */
const remoteCommands = ['restart', 'reboot', 'logs', 'bundle'] as const;
export type RemoteCommand = (typeof remoteCommands)[number];

/** Why not, and what the owner of the device would change; absent: it is allowed. */
export type RemoteRefusals = {
  readonly [C in RemoteCommand]?: { readonly message: string; readonly remedy: string };
};

export type RemoteFacts = Readonly<Record<RemoteCommand, true | string>> & {
  /** Kinds that may be added. */
  readonly cameras: readonly AddedKind[];
  readonly added: Readonly<Record<string, string>>;
};

const restarting: ReadonlySet<CallMethod> = new Set<CallMethod>([
  'restart',
  'add-camera',
  'remove-camera',
  'rename-camera',
]);

export interface RemoteCommandsPorts {
  /** By the settings of the device, and by what it runs under. */
  readonly refusals: RemoteRefusals;
  readonly session: () => number;
  readonly restart: (what: RestartTarget) => Promise<void>;
  readonly log: Pick<LogRing, 'read'>;
  readonly bundles: Pick<SupportBundles, 'answer'>;
  readonly cameras: CameraSetup;
  /** Cameras that were added, as they may be shown. */
  readonly added: Readonly<Record<string, string>>;
  readonly reportEvent: (event: AgentEvent) => void;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** A person who follows a log asks every second or two; a program that floods the device is refused. */
const logPace = () => new Pace(60, 30_000);
const bundlePace = () => new Pace(200, 60_000);
/** Somebody who restarts it again and again leaves it so much time to work. */
const leastUptimeMs = 30_000;

/**
 * The commands of a fixed list by which the fleet acts on the agent itself. There is no shell behind any of them.
 *
 * INVARIANTS
 * - Nothing is done that the settings of the device do not allow.
 * - A restart is for one session: a message that comes again restarts nothing.
 */
export class RemoteCommands {
  readonly #ports: RemoteCommandsPorts;
  readonly #logPace = logPace();
  readonly #bundlePace = bundlePace();
  readonly #sinceMs: number;
  #pending: RestartTarget | undefined;

  constructor(ports: RemoteCommandsPorts) {
    this.#ports = ports;
    this.#sinceMs = ports.clock.monotonicMs();
  }

  /** For `describe`: `true`, or why it is refused. */
  get allowed(): RemoteFacts {
    const { refusals, cameras, added } = this.#ports;
    const entries = remoteCommands.map((command) => [command, refusals[command]?.message ?? true]);
    const commands = Object.fromEntries(entries) as Record<RemoteCommand, true | string>;
    return { ...commands, cameras: cameras.kinds, added };
  }

  /** Begun when it was answered; see `answered`. */
  restart({ what, session }: CallRequestOf<'restart'>): CallResultOf<'restart'> {
    this.#expectAllowed(what === 'board' ? 'reboot' : 'restart');
    if (session !== this.#ports.session())
      throw new RefusedError(
        'restart-other-session',
        `The agent has restarted since: this is session ${this.#ports.session()}, not ${session}.`,
        'Check that it still needs a restart.',
      );
    if (this.#pending !== undefined)
      throw new RefusedError('restarting', 'The device is restarting already.', 'Wait until it is back.');
    const waitMs = this.#sinceMs + leastUptimeMs - this.#ports.clock.monotonicMs();
    if (waitMs > 0)
      throw new LimitError(
        'restart-soon',
        'The agent started a moment ago.',
        `Try again in ${Math.ceil(waitMs / 1000)} s.`,
      );
    this.#pending = what;
    this.#ports.reportEvent({
      ...{ kind: 'agent.restarting', severity: 'info', data: { what } },
      message: `The ${what} restarts, as the fleet asked.`,
    });
    return {};
  }

  logs(request: CallRequestOf<'logs'>): CallResultOf<'logs'> {
    this.#expectAllowed('logs');
    this.#expectPace(this.#logPace);
    return this.#ports.log.read(request);
  }

  bundle(request: CallRequestOf<'bundle'>): CallResultOf<'bundle'> {
    this.#expectAllowed('bundle');
    this.#expectPace(this.#bundlePace);
    return this.#ports.bundles.answer(request);
  }

  tryCamera(request: CallRequestOf<'try-camera'>): Promise<CallResultOf<'try-camera'>> {
    return this.#ports.cameras.try(request);
  }

  /** Where the agent may restart itself it does so after the answer: cameras are opened at its start. */
  async changeCameras(change: (setup: CameraSetup) => Promise<void>): Promise<{ restarts: boolean }> {
    await change(this.#ports.cameras);
    const restarts = this.#ports.refusals.restart === undefined;
    if (restarts) this.#pending = 'agent';
    return { restarts };
  }

  /** The answer to a call is on its way: what had to wait for that is done now. */
  answered(method: CallMethod): void {
    const what = this.#pending;
    if (!restarting.has(method) || what === undefined) return;
    this.#ports.restart(what).catch((error: unknown) => {
      this.#pending = undefined;
      const why = error instanceof Error ? error.message : String(error);
      this.#ports.reportEvent({
        ...{ kind: 'agent.restart-failed', severity: 'error', data: { what } },
        message: `The ${what} does not restart: ${why}`,
      });
    });
  }

  #expectAllowed(command: RemoteCommand): void {
    const refusal = this.#ports.refusals[command];
    if (refusal !== undefined) throw new RefusedError('remote-refused', refusal.message, refusal.remedy);
  }

  #expectPace(pace: Pace): void {
    const waitMs = pace.take(this.#ports.clock.monotonicMs());
    if (waitMs > 0)
      throw new LimitError(
        'remote-pace',
        'The fleet asks this device too often.',
        `Try again in ${Math.ceil(waitMs / 1000)} s.`,
      );
  }
}
