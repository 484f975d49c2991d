import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PackageUpdater } from '../../adapters/updater/index.ts';
import type { AgentUpdater } from '../../agent/index.ts';
import { type Clock, defined } from '../../base/index.ts';
import { goshawkVersion } from '../version.ts';

/** The package, and where its helper keeps what it knows. */
export const agentPackage = 'goshawk-agent';
export const updateState = '/var/lib/goshawk-update';
/** Below the data folder of the agent. */
export const updateRequests = 'update';
/** The helper is for the service, whose data folder is this one. */
export const serviceData = `/var/lib/${agentPackage}`;
/** A system that was flashed as a whole has it. */
const imageFolder = '/usr/lib/goshawk-image';

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'armhf' };

/** Debian's name of the processor that this program is for. */
export function debianArchitecture(): string {
  return architectures[process.arch] ?? process.arch;
}

/** What renews this agent: the helper of its package, where it runs as that service. */
export function agentUpdater(dataDir: string, clock: Clock): AgentUpdater {
  return new PackageUpdater({
    ...{ requests: join(dataDir, updateRequests), state: updateState },
    ...{ name: agentPackage, architecture: debianArchitecture(), version: goshawkVersion() },
    nowMs: () => clock.monotonicMs(),
    ...defined({ unavailable: whyNoUpdates(dataDir) }),
  });
}

/** Why this agent can't be renewed by its fleet, with the remedy; undefined where it can. */
export function whyNoUpdates(dataDir: string): string | undefined {
  if (existsSync(imageFolder))
    return 'This agent is part of a flash image, which is updated as a whole: docs/flash.md.';
  const helper = fileURLToPath(new URL('../../../../update/run', import.meta.url));
  if (existsSync(helper) && existsSync('/run/systemd/system') && dataDir === serviceData) return undefined;
  return 'This agent does not run as the service of the Debian package, so its fleet can not renew it. Update it as it was installed.';
}
