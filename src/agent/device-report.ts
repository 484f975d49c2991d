import type { Birth, LoadedModel, Reported } from '../protocol/index.ts';
import type { OutboxStats } from '../telemetry/index.ts';
import type { AgentStateStore } from './agent-state-store.ts';
import { settingsOf } from './device-publisher.ts';
import { servingModel } from './engines/lost-model.ts';
import type { PipelineHost } from './ports.ts';

export interface DeviceReportPorts {
  readonly device: string;
  readonly agentVersion: string;
  readonly groups: () => readonly string[];
  readonly stateStore: AgentStateStore;
  readonly pipeline: PipelineHost;
  readonly wallMs: () => number;
  readonly deployment: () => Reported['deployment'];
  readonly outbox: () => OutboxStats;
  readonly drift: () => Reported['drift'];
}

/** What the device says of itself: its birth, what it reports, and the answer to `describe`. */
export class DeviceReport {
  readonly #ports: DeviceReportPorts;

  constructor(ports: DeviceReportPorts) {
    this.#ports = ports;
  }

  birth(board: Birth['board'], catalogue: Birth['catalogue']): Birth {
    const { agentVersion, groups, pipeline } = this.#ports;
    return {
      online: true,
      ...this.#now(),
      agentVersion,
      board,
      cameras: [...pipeline.cameras],
      catalogue,
      models: this.#loaded(),
      groups: [...groups()],
    };
  }

  reported(): Reported {
    const { pipeline, stateStore, deployment, drift } = this.#ports;
    const watched = drift();
    return {
      generation: stateStore.state.generation,
      ...this.#now(),
      deployment: deployment(),
      models: this.#loaded(),
      pipelines: Object.fromEntries(pipeline.cameras.map((camera) => [camera, settingsOf(pipeline, camera)])),
      ...(watched === undefined ? {} : { drift: watched }),
    };
  }

  full(board: Birth['board'] | undefined): Record<string, unknown> {
    const { device, agentVersion, stateStore, pipeline, deployment, outbox, drift } = this.#ports;
    const { session, generation, committed, lost, quarantined } = stateStore.state;
    return {
      device,
      agentVersion,
      session,
      board,
      generation,
      deployment: deployment(),
      committed,
      lost,
      quarantined,
      models: this.#loaded(),
      cameras: pipeline.stats().cameras.map(({ camera, frames, framesPerSecond, fault }) => ({
        camera,
        frames,
        framesPerSecond,
        ...(fault === undefined ? {} : { fault }),
        settings: settingsOf(pipeline, camera),
      })),
      drift: drift(),
      outbox: outbox(),
    };
  }

  #now(): { session: number; timeMs: number } {
    const { stateStore, wallMs } = this.#ports;
    return { session: stateStore.state.session, timeMs: Math.max(0, wallMs()) };
  }

  #loaded(): LoadedModel[] {
    const { cameras, identity } = this.#ports.pipeline;
    const serving = servingModel(identity);
    const { engine, precision } = identity;
    return serving === undefined ? [] : [{ ...serving, engine, precision, cameras: [...cameras] }];
  }
}
