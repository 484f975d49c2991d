import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HelperUpdater } from '../../adapters/updater/index.ts';
import type { AgentUpdater } from '../../agent/index.ts';
import { type Clock, defined } from '../../base/index.ts';
import { compatibleOf } from '../../image/index.ts';
import type { ReleaseKind } from '../../model/index.ts';
import { goshawkVersion } from '../version.ts';

/** Where the helper keeps what it knows. */
const updateState = '/var/lib/goshawk-update';
/** Below the data folder of the agent. */
const updateRequests = 'update';
/** The helper is for the service, whose data folder is this one. */
export const serviceData = '/var/lib/goshawk-agent';

/** What a machine is renewed with by its fleet. */
export interface Renewed {
  readonly kind: ReleaseKind;
  /** That runs. */
  readonly version: string;
  /** The roots of the fleet as root of this machine has put them there; deploy/update/run takes no others. */
  readonly rootFile: string;
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'armhf' };

/** Debian's name of the processor that this program is for. */
export function debianArchitecture(): string {
  return architectures[process.arch] ?? process.arch;
}

/** A board that was flashed is renewed as a whole; any other machine gets the package of the agent. */
export function renewedWith(imageFile = '/usr/lib/goshawk-image/image.json'): Renewed {
  if (!existsSync(imageFile))
    return {
      kind: { format: 'deb', name: 'goshawk-agent', architecture: debianArchitecture() },
      version: goshawkVersion(),
      rootFile: '/etc/goshawk/root.json',
    };
  const { board, version } = JSON.parse(readFileSync(imageFile, 'utf8')) as {
    readonly board: string;
    readonly version: string;
  };
  return {
    kind: { format: 'rauc', name: compatibleOf({ name: board }) },
    version,
    rootFile: '/var/lib/goshawk-image/root.json',
  };
}

/** What renews this agent: the helper of its package, where it runs as that service. */
export function agentUpdater(dataDir: string, clock: Clock): AgentUpdater {
  const { kind, version } = renewedWith();
  return new HelperUpdater({
    ...{ requests: join(dataDir, updateRequests), state: updateState, kind, version },
    nowMs: () => clock.monotonicMs(),
    ...defined({ unavailable: whyNoUpdates(dataDir) }),
  });
}

/** Why this agent can't be renewed by its fleet, with the remedy; undefined where it can. */
export function whyNoUpdates(dataDir: string): string | undefined {
  const helper = fileURLToPath(new URL('../../../../update/run', import.meta.url));
  if (existsSync(helper) && existsSync('/run/systemd/system') && dataDir === serviceData) return undefined;
  return 'This agent does not run as the service of the Debian package, so its fleet cannot renew it. Update it as it was installed.';
}
