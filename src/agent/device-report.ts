import { type Clock, defined } from '../base/index.ts';
import type { CameraStats } from '../perception/index.ts';
import type { Birth, Reported } from '../protocol/index.ts';
import type { Outbox } from '../telemetry/index.ts';
import type { AgentStateStore } from './agent-state-store.ts';
import { settingsOf } from './device-publisher.ts';
import type { AgentParts, Machine, PipelineHost } from './ports.ts';
import { foundLabels } from './privacy.ts';
import type { Reconciler } from './reconciler.ts';
import type { TrustGate } from './trust/ports.ts';

type Camera = NonNullable<Reported['cameras']>[string];

export interface DeviceReportPorts {
  readonly device: string;
  readonly agentVersion: string;
  readonly groups: () => readonly string[];
  readonly stateStore: AgentStateStore;
  readonly pipeline: PipelineHost;
  readonly clock: Clock;
  /** Frames per second that a camera has to reach, by its name. */
  readonly targetFps: Readonly<Record<string, number>>;
  readonly parts: Pick<
    AgentParts,
    'targets' | 'privacy' | 'robot' | 'drift' | 'clips' | 'remote' | 'certificate'
  >;
  readonly machine: Pick<Machine, 'readDisk'>;
  readonly models: Pick<Reconciler, 'slots' | 'refused' | 'withdrawn'>;
  readonly trust: Pick<TrustGate, 'report'>;
  readonly outbox: Pick<Outbox, 'stats'>;
}

/** What the device says of itself: its birth, what it reports, and the answer to `describe`. */
export class DeviceReport {
  readonly #ports: DeviceReportPorts;
  /** Monotonic: the session began. */
  readonly #beganMs: number;

  constructor(ports: DeviceReportPorts) {
    this.#ports = ports;
    this.#beganMs = ports.clock.monotonicMs();
  }

  birth(board: Birth['board'], catalogue: Birth['catalogue'], reportsEverySeconds: number): Birth {
    const { agentVersion, groups, pipeline } = this.#ports;
    return {
      online: true,
      ...this.#now(),
      startedMs: this.#startedMs(),
      agentVersion,
      board,
      cameras: [...pipeline.cameras],
      catalogue,
      groups: [...groups()],
      reportsEverySeconds,
    };
  }

  reported(): Reported {
    const { pipeline, stateStore, models, parts } = this.#ports;
    const drift = parts.drift?.statuses();
    const robot = parts.robot?.report();
    const { cameras } = pipeline.stats();
    return {
      generation: stateStore.state.generation,
      ...this.#now(),
      slots: models.slots(),
      pipelines: this.pipelines(cameras),
      cameras: this.#cameras(cameras),
      ...this.#ladder(),
      ...defined({ drift, robot }),
      trust: this.#trust(),
    };
  }

  /** Settings of the cameras as they are in force. */
  pipelines(cameras = this.#ports.pipeline.stats().cameras): NonNullable<Reported['pipelines']> {
    return Object.fromEntries(cameras.map(({ camera, settings }) => [camera, settingsOf(settings)]));
  }

  full(board: Birth['board'] | undefined): Record<string, unknown> {
    const { device, agentVersion, stateStore, pipeline, models, outbox, parts, machine } = this.#ports;
    const { session, generation, slots, quarantined } = stateStore.state;
    return {
      device,
      agentVersion,
      session,
      startedMs: this.#startedMs(),
      board,
      generation,
      slots: models.slots(),
      remembered: slots,
      quarantined,
      cameras: pipeline
        .stats()
        .cameras.map(({ camera, frames, framesPerSecond, fault, health, settings }) => ({
          camera,
          frames,
          framesPerSecond,
          ...defined({ fault, health }),
          settings: settingsOf(settings),
        })),
      ...defined({ targets: parts.targets?.readings() }),
      ...this.#ladder(),
      drift: parts.drift?.statuses(),
      trust: this.#trust(),
      outbox: outbox.stats,
      ...defined({
        disk: machine.readDisk(),
        certificate: parts.certificate?.(),
        remote: parts.remote?.allowed,
      }),
    };
  }

  #trust(): NonNullable<Reported['trust']> {
    const { trust, models } = this.#ports;
    const withdrawn = models.withdrawn.map(({ slot, what }) => ({ slot, what: what.slice(0, 2000) }));
    return { ...trust.report(), ...(withdrawn.length === 0 ? {} : { withdrawn }) };
  }

  #now(): { session: number; timeMs: number } {
    const { stateStore, clock } = this.#ports;
    return { session: stateStore.state.session, timeMs: Math.max(0, clock.wallMs()) };
  }

  /** By the clock of now: one that was set after the start moves it, a new birth does not. */
  #startedMs(): number {
    const { clock } = this.#ports;
    return Math.max(0, Math.round(clock.wallMs() - (clock.monotonicMs() - this.#beganMs)));
  }

  #cameras(cameras: readonly CameraStats[]): NonNullable<Reported['cameras']> {
    const { pipeline, targetFps, models, parts } = this.#ports;
    const { targets, privacy, clips } = parts;
    const keeping = new Set(clips?.readings().map((reading) => reading.camera));
    const labels = foundLabels(pipeline.identity);
    const readings = new Map((targets?.readings() ?? []).map((reading) => [reading.camera, reading]));
    return Object.fromEntries(
      cameras.map(({ camera, fault, health, problems = [] }) => {
        const target = targetFps[camera];
        const { maxLatencyMs, missed, leftOut, zone: targetZone } = readings.get(camera) ?? {};
        const refused = models.refused(camera);
        return [
          camera,
          {
            ...defined({ targetFps: target, maxLatencyMs, targetZone }),
            ...(missed === undefined ? {} : { missed: { ...missed, what: missed.what.slice(0, 2000) } }),
            ...defined({ leftOut }),
            ...(privacy === undefined ? {} : { privacy: privacy.report(camera, labels) }),
            ...(keeping.has(camera) ? { clips: true as const } : {}),
            ...(fault === undefined ? {} : { fault: fault.slice(0, 2000) }),
            ...(health === undefined ? {} : { connects: health.connects }),
            ...(health?.connectedSinceMs === undefined ? {} : { connectedSinceMs: health.connectedSinceMs }),
            ...(refused === undefined ? {} : { refused: refused.slice(0, 2000) }),
            ...graphOf(problems),
          },
        ];
      }),
    );
  }

  #ladder(): Pick<Reported, 'ladder'> {
    const ladder = this.#ports.parts.targets?.ladder;
    return ladder === undefined || ladder.steps === 0
      ? {}
      : { ladder: { ...ladder, taken: [...ladder.taken] } };
  }
}

function graphOf(
  problems: readonly { readonly node: string; readonly what: string }[],
): Pick<Camera, 'graph'> {
  if (problems.length === 0) return {};
  return { graph: problems.slice(0, 16).map(({ node, what }) => ({ node, problem: what.slice(0, 2000) })) };
}
