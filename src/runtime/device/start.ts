import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SqliteOutboxStore } from '../../adapters/outbox/index.ts';
import type { MetricsServer } from '../../adapters/prometheus/index.ts';
import { AgentStateFile, randomId, SystemMachine } from '../../adapters/system/index.ts';
import {
  type AgentEvent,
  DeviceAgent,
  type DeviceAgentPorts,
  type DriftService,
  lastCommitted,
} from '../../agent/index.ts';
import { type Clock, describeError, type Log, MissingError } from '../../base/index.ts';
import type { Bundle } from '../../model/index.ts';
import { type Detector, Pipeline, type PipelineStats } from '../../perception/index.ts';
import { RosLink } from '../ros/ros-link.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { brokerConnector } from '../settings/connect.ts';
import { readSecret } from '../settings/read.ts';
import { openSource } from '../sources/open-source.ts';
import { goshawkVersion } from '../version.ts';
import { BundleCheck } from './bundle-check.ts';
import { DeviceModels } from './device-models.ts';
import { startDrift } from './drift.ts';
import { engineCrashEvent, watchForCrashes } from './engine-crashes.ts';
import type { EngineSupervisor } from './engine-supervisor.ts';
import { agentEngines } from './engines.ts';
import { agentEventOf } from './pipeline-events.ts';
import { PreviewSink } from './preview-sink.ts';

/** How long the broker waits before it tells the fleet that we are gone; a short drop does not flap. */
const willDelaySeconds = 5;

export interface RunningAgent {
  readonly agent: DeviceAgent;
  readonly pipeline: Pipeline;
  stats(): PipelineStats;
  close(): Promise<void>;
}

/** What runs so far. */
interface Opened {
  engines?: EngineSupervisor;
  detector?: Detector;
  ros?: RosLink;
  drift?: DriftService;
  pipeline?: Pipeline;
  machine?: SystemMachine;
  agent?: DeviceAgent;
  metrics?: MetricsServer;
}

interface StartPorts {
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Start order: model, detector, pipeline, agent, cameras; closed the other way round. What does not come up leaves
 * nothing running behind.
 */
export async function startAgent(settings: AgentSettings, ports: StartPorts): Promise<RunningAgent> {
  const opened: Opened = {};
  try {
    return await openAgent(settings, ports, opened);
  } catch (error) {
    await close(opened);
    throw error;
  }
}

async function openAgent(settings: AgentSettings, ports: StartPorts, opened: Opened): Promise<RunningAgent> {
  const { clock, log } = ports;
  await mkdir(settings.dataDir, { recursive: true, mode: 0o700 });
  const connect = await brokerConnector(settings.broker, settings.device, ports);
  const tokenFile = settings.artifacts?.tokenFile;
  const token = tokenFile === undefined ? undefined : await readSecret(tokenFile);
  const models = new DeviceModels(join(settings.dataDir, 'models'), token);
  const memory = new AgentStateFile(join(settings.dataDir, 'memory.json'));
  const crashes = watchForCrashes(settings.dataDir, clock.wallMs());
  // The agent is told of events that begin before it.
  const early: AgentEvent[] = [];
  const reportEvent = (event: AgentEvent) => {
    if (opened.agent === undefined) early.push(event);
    else void opened.agent.reportEvent(event);
  };
  const check = new BundleCheck();
  const engines = agentEngines(settings, {
    check,
    log,
    reportEvent,
    crashed: crashes.map(({ engine }) => engine),
  });
  opened.engines = engines;
  const bundle = await firstBundle(settings, models, memory, log);
  const { detector, planPending } = await engines.first(bundle);
  opened.detector = detector;

  const ros = new RosLink({ clock, log, ...settings.ros });
  opened.ros = ros;
  const published = Object.entries(settings.cameras).flatMap(([camera, { publish }]) =>
    publish === 'ros' ? [camera] : [],
  );
  const rosSinks = published.length === 0 ? [] : await ros.sinks(published);
  const preview = new PreviewSink(log);
  const drift = await startDrift(settings, { clock, log, reportEvent, models, live: () => opened.pipeline });
  opened.drift = drift;
  const pipeline = new Pipeline({
    detector,
    sinks: [...rosSinks, { publish: (result) => opened.agent?.sink.publish(result) }, drift, preview],
    clock,
    log,
    onEvent: (change) => {
      const event = agentEventOf(change);
      if (event !== undefined) reportEvent(event);
    },
  });
  opened.pipeline = pipeline;
  for (const [camera, setting] of Object.entries(settings.cameras)) {
    const opened = await openSource(setting.source, {
      clock,
      camera,
      ros,
      realtime: true,
      fps: setting.fps,
      loop: setting.loop,
      seed: setting.seed,
      ...(setting.frameId === undefined ? {} : { frameId: setting.frameId }),
    });
    const { drift: _, ...pipelineSettings } = setting.settings ?? {};
    await pipeline.add(opened.source, { policy: 'newest', settings: pipelineSettings });
  }
  if (published.length > 0) await ros.control(pipeline, published);
  const machine = new SystemMachine();
  opened.machine = machine;
  const agentPorts: DeviceAgentPorts = {
    ...ports,
    random: Math.random,
    newId: randomId,
    transport: connect,
    memory,
    outbox: new SqliteOutboxStore({
      folder: join(settings.dataDir, 'outbox'),
      maxFileBytes: Math.ceil(settings.outboxBytes * 1.5),
      nowMs: () => clock.wallMs(),
    }),
    machine,
    models,
    check,
    factory: engines,
    drift,
  };
  const agent = await DeviceAgent.start(
    {
      device: settings.device,
      agentVersion: goshawkVersion(),
      groups: settings.groups,
      metricsEverySeconds: settings.metricsEverySeconds,
      outboxBytes: settings.outboxBytes,
      probationSeconds: settings.probationSeconds,
      willDelaySeconds,
    },
    agentPorts,
    { pipeline, detector },
  );
  opened.agent = agent;
  preview.attach(agent);
  for (const event of [...crashes.map(engineCrashEvent), ...early]) void agent.reportEvent(event);
  if (planPending) engines.upgrade(bundle, (better) => agent.upgrade(bundle, better));
  const metrics = await serve(settings, agent, log);
  if (metrics !== undefined) opened.metrics = metrics;
  // A camera that is not there yet is told and tried again; the agent does not end for it.
  await pipeline.start().catch((error: unknown) => log.error(describeError(error)));
  return {
    agent,
    pipeline,
    stats: () => pipeline.stats(),
    close: () => close(opened),
  };
}

async function close({
  engines,
  detector,
  ros,
  drift,
  pipeline,
  machine,
  agent,
  metrics,
}: Opened): Promise<void> {
  await metrics?.close();
  await engines?.close();
  await pipeline?.close();
  await drift?.close();
  await ros?.close();
  // The detector that serves by then belongs to the agent.
  await (agent ?? detector)?.close();
  machine?.close();
}

/** A port that is taken costs the device its local metrics, not its work. */
async function serve(
  settings: AgentSettings,
  agent: DeviceAgent,
  log: Log,
): Promise<MetricsServer | undefined> {
  if (settings.prometheus === undefined) return undefined;
  const { serveMetrics } = await import('../../adapters/prometheus/index.ts');
  try {
    const server = await serveMetrics({ ...settings.prometheus, readings: () => agent.readings() });
    log.info('Metrics for Prometheus', { url: server.url });
    return server;
  } catch (error) {
    log.error(describeError(error));
    return undefined;
  }
}

/** What the fleet ordered last, else what the settings name. */
async function firstBundle(
  settings: AgentSettings,
  models: DeviceModels,
  memory: AgentStateFile,
  log: Log,
): Promise<Bundle> {
  const committed = await lastCommitted(memory);
  if (committed !== undefined) {
    try {
      const bundle = await models.find(committed.digest);
      if (bundle !== undefined) return bundle;
      log.warn('The last model is not on the disk any more', { digest: committed.digest });
    } catch (error) {
      log.error('The last model on the disk is damaged', { reason: describeError(error) });
    }
  }
  if (settings.model === undefined) {
    throw new MissingError(
      'model-missing',
      'This device has no model to begin with.',
      'Name a bundle in the settings (model), e.g. one made by `goshawk model import`.',
    );
  }
  return models.importFolder(settings.model);
}
