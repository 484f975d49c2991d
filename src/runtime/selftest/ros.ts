import { MissingError } from '../../base/index.ts';
import type { RosOutcome } from '../trials/job.ts';
import { apartFromRobots } from '../trials/own-domain.ts';
import { runJob } from '../trials/run-job.ts';
import type { TrialPorts } from './streams.ts';
import { absent, attempt, failed, type Trial, works } from './trial.ts';

const adapters = ['dds', 'fastdds', 'rclnodejs'] as const;
const titles = { dds: 'Cyclone DDS', fastdds: 'Fast DDS', rclnodejs: 'rclnodejs' } as const;
/** What is not installed says so with one of these; what is installed and does not load has another code. */
const notInstalled = ['dds-not-built', 'dds-library-absent', 'rclnodejs-missing'];
const waitMs = 20_000;
/** Starting the process on a loaded board included. */
const limitMs = waitMs + 270_000;

/** Two nodes on this machine, and one message from one to the other, through each adapter. No robot hears them. */
export async function tryRos({ signal, onTrial }: TrialPorts, run = runJob): Promise<readonly Trial[]> {
  const environment = apartFromRobots(process.env, process.pid);
  const rows: Trial[] = [];
  for (const adapter of adapters) {
    const name = titles[adapter];
    onTrial(name);
    rows.push(
      ...(await attempt('ros2', name, async () => {
        try {
          const limits = { what: name, limitMs, signal, environment };
          return heard(name, await run({ kind: 'ros', adapter, waitMs }, limits), environment);
        } catch (error) {
          const missing = error instanceof MissingError && notInstalled.includes(error.code);
          if (missing) return failed('ros2', name, error, absent);
          throw error;
        }
      })),
    );
  }
  return rows;
}

function heard(
  name: string,
  { carrier, tookMs }: RosOutcome,
  { ROS_DOMAIN_ID: domain }: Readonly<Record<string, string | undefined>>,
): Trial {
  const detail = `${carrier}: a message arrived after ${tookMs.toFixed(0)} ms (domain ${domain}, this machine alone)`;
  return works('ros2', name, detail, { tookMs });
}
