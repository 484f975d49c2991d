import { hostname, release, type as systemType } from 'node:os';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { AgentEvent } from '../../agent/index.ts';
import { describeError, redactValue } from '../../base/index.ts';
import { tarEnd, tarHeader, tarPadding } from '../../platform/index.ts';
import type { LogLine } from '../../protocol/index.ts';
import { checkMachine } from '../doctor/check-machine.ts';
import { runSelftest } from '../selftest/run-selftest.ts';
import type { AgentSettings } from '../settings/agent.ts';
import { goshawkVersion } from '../version.ts';

export interface SupportBundleSources {
  readonly device: string;
  readonly settings: AgentSettings;
  readonly redact: (text: string) => string;
  readonly log: () => readonly LogLine[];
  readonly events: () => readonly TimedEvent[];
  /** As `describe` answers. */
  readonly report: () => unknown;
  readonly nowMs: () => number;
}

export type TimedEvent = AgentEvent & { readonly timeMs: number };

const doctorMs = 60_000;
/** Characters of one file. */
const maxFile = 2_000_000;

/** What somebody needs who helps with this device: a `.tar.gz` of JSON files, without secrets. */
export async function makeSupportBundle(sources: SupportBundleSources): Promise<Uint8Array> {
  const { device, settings, redact, log, events, report, nowMs } = sources;
  const signal = AbortSignal.timeout(doctorMs);
  const [doctor, selftest] = await Promise.all([
    tried(() => checkMachine({ signal })),
    tried(async () => {
      // Engines, decoders and the disk are left alone: the agent needs them.
      const only = ['addons', 'sensors'] as const;
      const limits = { measureMs: 1000, limitMs: doctorMs };
      const { report: summary } = await runSelftest({ ...limits, only }, { signal, onTrial: () => {} });
      return summary;
    }),
  ]);
  const versions = {
    ...{ goshawk: goshawkVersion(), node: process.versions, system: `${systemType()} ${release()}` },
    ...{ arch: process.arch, host: hostname(), device, madeMs: nowMs() },
  };
  const files: Readonly<Record<string, unknown>> = {
    'versions.json': versions,
    'settings.json': settings,
    'report.json': await tried(async () => report()),
    'doctor.json': doctor,
    'selftest.json': selftest,
    'events.json': events(),
  };
  const parts = Object.entries(files).flatMap(([name, value]) =>
    tarFile(`${device}/${name}`, `${JSON.stringify(redactValue(value, redact), undefined, 2)}\n`, nowMs()),
  );
  // Lines were redacted as they were kept.
  const lines = log().map((line) => `${JSON.stringify(line)}\n`);
  const all = [...parts, ...tarFile(`${device}/log.jsonl`, lines.join(''), nowMs()), tarEnd()];
  return promisify(gzip)(Buffer.concat(all));
}

function tarFile(name: string, text: string, timeMs: number): Uint8Array[] {
  const bytes = Buffer.from(text.length > maxFile ? text.slice(-maxFile) : text);
  return [tarHeader(name, bytes.byteLength, timeMs), bytes, tarPadding(bytes.byteLength)];
}

/** A part that fails says why, and costs none of the others. */
async function tried(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return { failed: describeError(error) };
  }
}
