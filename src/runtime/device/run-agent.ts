import { once } from 'node:events';
import { connectServiceManager } from '../../../device/systemd/index.ts';
import { SystemClock } from '../../adapters/system/index.ts';
import { defined, within } from '../../base/index.ts';
import { Hangup } from '../hangup.ts';
import type { ProgramOptions } from '../program.ts';
import { readDeviceSettings } from '../settings/added-cameras.ts';
import { AgentSettings } from '../settings/agent.ts';
import { liveAgentSettings } from '../settings/reload.ts';
import { SettingsReloader } from '../settings/reloader.ts';
import { rosDefaults, withRosParameters } from '../settings/ros-parameters.ts';
import { warnOfStrayVariables } from '../settings/stray-variables.ts';
import { openAgentLog } from './agent-log.ts';
import { DeviceRuntime } from './device-runtime.ts';
import { guardExit } from './exit-guard.ts';
import { deviceName, useDeviceToken } from './membership.ts';
import { type AgentSummary, summarizeAgent } from './summary.ts';

const statusEveryMs = 10_000;
/** Less than systemd waits for a service that says that it stops. */
const brokenCloseMs = 12_000;
const brokenExitMs = 18_000;

/** The program `goshawk agent`: runs until the signal fires, and says what it did. */
export async function runAgent(
  { configFile, logLevel, prettyLog, signal, ros = {} }: ProgramOptions & { readonly ros?: RosNames },
  onStarted: (agent: { readonly device: string; readonly session: number }) => void,
): Promise<AgentSummary> {
  const hangup = new Hangup();
  const readDevice = async () => {
    const { settings, ...rest } = await readDeviceSettings(configFile);
    return { settings: withRosNames(settings, ros), ...rest };
  };
  const { settings, added, notes } = await readDevice();
  await useDeviceToken(settings);
  const device = await deviceName(settings);
  const clock = new SystemClock();
  const named = { ...settings, device };
  const agentLog = await openAgentLog(named, { clock, level: logLevel, pretty: prettyLog });
  const { log } = agentLog;
  for (const note of notes) log.info(note);
  warnOfStrayVariables(log, AgentSettings, settings);
  const runtime = new DeviceRuntime(named, { clock, log, logLevel, agentLog, added });
  const service = connectServiceManager(log, () => runtime.healthy);
  try {
    await runtime.start();
  } catch (error) {
    await runtime.close();
    await agentLog.close();
    throw error;
  }
  const beganMs = clock.monotonicMs();
  service.ready(`${device} runs, session ${runtime.session}`);
  onStarted({ device, session: runtime.session });
  const stopTelling = clock.every(statusEveryMs, () => service.status(`${device}: ${runtime.status}`));
  const reloader = new SettingsReloader(settings, {
    read: async () => (await readDevice()).settings,
    live: liveAgentSettings,
    apply: ({ cameras }, paths) => runtime.reconfigure(camerasOf(cameras, paths)),
    log,
  });
  hangup.use(() => void reloader.reload());
  runtime.onReload(() => reloader.reload());
  const { broken } = runtime;
  const ended = AbortSignal.any([signal, broken]);
  if (!ended.aborted) await once(ended, 'abort');
  hangup.ignore();
  stopTelling();
  service.stopping();
  if (broken.aborted) guardExit(brokenExitMs);
  const seconds = (clock.monotonicMs() - beganMs) / 1000;
  // A stuck engine may never close.
  if (broken.aborted) await within(clock, brokenCloseMs, runtime.close());
  else await runtime.close();
  await agentLog.close();
  if (broken.aborted) throw broken.reason;
  return summarizeAgent(device, runtime.stats(), seconds, runtime.outboxEntries);
}

/** What a launch file says of the node; it goes before the settings. */
export interface RosNames {
  readonly node?: string;
  readonly remap?: readonly string[];
  /** Each `name:=value`, the value as JSON. */
  readonly parameters?: readonly string[];
}

function withRosNames(
  settings: AgentSettings,
  { node, remap = [], parameters = [] }: RosNames,
): AgentSettings {
  const told = withRosParameters(settings, parameters);
  if (node === undefined && remap.length === 0) return told;
  const ros = told.ros ?? rosDefaults();
  return {
    ...told,
    ros: { ...ros, ...defined({ node }), remap: [...ros.remap, ...remap] },
  };
}

/** Those that a path such as `cameras.front.settings.classes` names; names of cameras have no dots. */
function camerasOf(cameras: AgentSettings['cameras'], paths: readonly string[]): AgentSettings['cameras'] {
  const names = new Set(paths.map((path) => path.split('.')[1]));
  return Object.fromEntries(Object.entries(cameras).filter(([camera]) => names.has(camera)));
}
