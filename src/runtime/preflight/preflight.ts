import { asGoshawkError, CancelledError, type GoshawkError } from '../../base/index.ts';
import { openAccess } from '../inference/access.ts';
import type { AgentSettings } from '../settings/agent.ts';
import type { FramesOutcome, ModelOutcome, RosOutcome } from '../trials/job.ts';
import { apartFromRobots } from '../trials/own-domain.ts';
import { runJob } from '../trials/run-job.ts';
import { reachBroker } from './broker.ts';
import { frameWaitMs, type PlannedTry, planTries } from './plan.ts';

/** `away`: it can't be reached now, and an agent works without it. */
export interface TriedPart {
  readonly name: string;
  readonly state: 'works' | 'fails' | 'away';
  readonly detail: string;
  readonly remedy?: string;
  /** Of what does not work. */
  readonly error?: GoshawkError;
}

export interface PreflightPorts {
  readonly signal: AbortSignal;
  /** What is tried now. */
  readonly onTry: (name: string) => void;
  /** In words what came of it. Default: by a process of its own. */
  readonly run?: (job: PlannedTry['job'], what: string, signal: AbortSignal) => Promise<string>;
}

/** Opens for a moment what an agent with these settings would open, one after the other, each in a process of its own. */
export async function tryConfigured(
  settings: AgentSettings,
  { signal, onTry, run = runAside }: PreflightPorts,
): Promise<readonly TriedPart[]> {
  const parts: TriedPart[] = [];
  for (const { name, where, job } of planTries(settings)) {
    onTry(`${name} (${where})`);
    try {
      parts.push({ name, state: 'works', detail: `${where}: ${await run(job, where, signal)}` });
    } catch (cause) {
      if (cause instanceof CancelledError || signal.aborted) throw cause;
      const error = asGoshawkError(
        cause,
        'trial-failed',
        'Run it again with --debug, and send us the report.',
      );
      const state = isAway(job, error) ? ('away' as const) : ('fails' as const);
      parts.push({ name, state, detail: error.message, remedy: error.remedy, error });
    }
  }
  return parts;
}

/** A broker that is not there is the usual life of a device. So is a camera that another program, such as the agent, has. */
function isAway({ kind }: PlannedTry['job'], { code }: GoshawkError): boolean {
  return kind === 'broker' || code === 'v4l2-busy';
}

/** Starting the process, and a network of hundreds of megabytes, included. */
const limitMs = frameWaitMs + 270_000;

async function runAside(job: PlannedTry['job'], what: string, signal: AbortSignal): Promise<string> {
  const limits = { what, limitMs, signal };
  switch (job.kind) {
    case 'broker':
      await reachBroker(job);
      return 'takes connections';
    case 'inference':
      return (await openAccess(job.listener, job.path)).allowed === undefined
        ? 'programs of this machine may ask'
        : 'a token lets programs in';
    case 'frames':
      return seen(await runJob(job, limits));
    case 'ros':
      return heard(await runJob(job, { ...limits, environment: apartFromRobots(process.env, process.pid) }));
    case 'model':
      return opened(await runJob(job, limits));
  }
}

const seen = ({ width, height, encoding, tookMs }: FramesOutcome) =>
  `a picture of ${width}x${height} (${encoding}) after ${(tookMs / 1000).toFixed(1)} s`;
const heard = ({ carrier }: RosOutcome) => `${carrier}: a message arrived on this machine`;
const opened = ({ name, version, engine, reason }: ModelOutcome) =>
  `${name} ${version} opens with ${engine} (${reason})`;
