import { type AgentEvent, Liveness } from '../../agent/index.ts';
import type { Cancel, Clock } from '../../base/index.ts';
import type { Pipeline, PipelineEvent } from '../../perception/index.ts';
import { rosScheme } from '../ros/ros-spec.ts';
import type { AgentSettings } from '../settings/agent.ts';

export interface LivenessPorts {
  readonly clock: Clock;
  readonly reportEvent: (event: AgentEvent) => unknown;
  /** The pipeline comes after its listeners. */
  readonly live: () => Pipeline | undefined;
}

const lookEveryMs = 5_000;
/** More than the recovery of engines takes: a rebuild and the next engine, two minutes each, and their answers. */
const recoveryMs = 6 * 60_000;

/** Whether the service manager is to be told that this device is alive: while every camera that should run does. */
export class DeviceLiveness {
  readonly #liveness: Liveness;
  readonly #ports: LivenessPorts;
  readonly #cancel: Cancel;
  #reasons: readonly string[] = [];

  constructor({ cameras, answerTimeoutSeconds, stallSeconds }: AgentSettings, ports: LivenessPorts) {
    this.#ports = ports;
    this.#liveness = new Liveness({
      silentMs: stallSeconds * 1000,
      noResultMs: recoveryMs + 4 * answerTimeoutSeconds * 1000,
      maySleep: new Set(
        Object.entries(cameras).flatMap(([camera, { source }]) =>
          source.startsWith(rosScheme) ? [camera] : [],
        ),
      ),
    });
    this.#cancel = ports.clock.every(lookEveryMs, () => this.#look());
  }

  get healthy(): boolean {
    return this.#reasons.length === 0;
  }

  /** One line for `systemctl status`. */
  status(): string {
    const { live } = this.#ports;
    const cameras = live()?.stats().cameras ?? [];
    const on = cameras.filter(({ settings, ended }) => settings.enabled && !ended);
    const running = on.filter(({ framesPerSecond }) => framesPerSecond > 0);
    const missing = on.filter((one) => !running.includes(one)).map(({ camera }) => camera);
    const words = `${running.length} of ${on.length} cameras give results`;
    return missing.length === 0 ? words : `${words}, without: ${missing.join(', ')}`;
  }

  note(event: PipelineEvent): void {
    if (event.kind === 'lost') this.#liveness.lost(event.camera);
    if (event.kind === 'back') this.#liveness.back(event.camera);
  }

  close(): void {
    this.#cancel();
    this.#reasons = [];
  }

  #look(): void {
    const { clock, live, reportEvent } = this.#ports;
    const reasons = this.#liveness.look(live()?.stats().cameras ?? [], clock.monotonicMs());
    const news = this.healthy && reasons.length > 0;
    this.#reasons = reasons;
    if (!news) return;
    reportEvent({
      kind: 'agent.unhealthy',
      severity: 'critical',
      message: `${reasons.join('; ')}. The service manager gets no sign of life and restarts the agent.`,
    });
  }
}
