import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DeviceSummary } from '../../api/index.ts';
import { asGoshawkError, InputError, LimitError } from '../../base/index.ts';
import { explainFileError } from '../../platform/index.ts';
import { Advisories, type Component, type Match, readAdvisory, readBill } from '../../sbom/index.ts';
import type { FleetClient } from './client.ts';

export interface VulnerabilityOptions {
  /** Advisories in OSV's form: a file with one, with a list, or one per line; or a folder of such files. */
  readonly osv: string;
  /** Lists of parts, each of one version of the agent, or of an image with it. */
  readonly sboms: readonly string[];
}

export interface FoundVulnerability {
  readonly id: string;
  /** `CVE-...` and others. */
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly component: string;
  readonly version: string;
  /** Where it is known. */
  readonly fixed?: string;
}

export interface FleetVulnerabilities {
  readonly advisories: number;
  /** By version of the agent: those whose parts are known. */
  readonly versions: readonly {
    readonly agent: string;
    readonly components: number;
    readonly found: readonly FoundVulnerability[];
    readonly devices: readonly string[];
  }[];
  /** Devices of whose version nobody gave the parts: nothing is known of them. */
  readonly unknown: readonly { readonly device: string; readonly agent?: string }[];
}

/** All advisories of npm are in some 200,000 files. */
const most = { files: 1_000_000, fileBytes: 64_000_000 };

/** Which devices run a part with a known vulnerability. Asks the controller for its devices alone, and nobody else. */
export async function findVulnerabilities(
  { osv, sboms }: VulnerabilityOptions,
  client: Pick<FleetClient, 'call'>,
): Promise<FleetVulnerabilities> {
  const bills = await Promise.all(sboms.map(readParts));
  const advisories = await readAdvisories(osv);
  const devices = await allDevices(client);
  const byVersion = new Map(bills.map(({ version, components }) => [version, components]));
  const versions = [...byVersion].map(([agent, components]) => ({
    ...{ agent, components: components.length },
    found: advisories.matches(components).map(foundOf),
    devices: devices.filter(({ agentVersion }) => agentVersion === agent).map(({ id }) => id),
  }));
  return { advisories: advisories.count, versions, unknown: devices.filter(isUnknown(byVersion)).map(named) };
}

async function allDevices(client: Pick<FleetClient, 'call'>): Promise<readonly DeviceSummary[]> {
  const all: DeviceSummary[] = [];
  for (let after: string | undefined; ; ) {
    const { devices, next } = await client.call('GET /devices', { query: { after, limit: 1000 } });
    all.push(...devices);
    if (next === undefined) return all;
    after = next;
  }
}

const isUnknown =
  (known: ReadonlyMap<string, unknown>) =>
  ({ agentVersion }: DeviceSummary): boolean =>
    agentVersion === undefined || !known.has(agentVersion);

const named = ({ id, agentVersion }: DeviceSummary) => ({
  device: id,
  ...(agentVersion === undefined ? {} : { agent: agentVersion }),
});

async function readParts(
  file: string,
): Promise<{ readonly version: string; readonly components: readonly Component[] }> {
  const { subject, components } = readBill(await textOf(file), basename(file));
  return { version: subject.version, components };
}

async function readAdvisories(path: string): Promise<Advisories> {
  const advisories = new Advisories();
  for (const file of await filesOf(path)) {
    for (const value of valuesIn(await textOf(file), file)) {
      const advisory = readAdvisory(value);
      if (advisory !== undefined) advisories.add(advisory);
    }
  }
  if (advisories.count > 0) return advisories;
  throw new InputError(
    'osv-empty',
    `${path} has no advisory in OSV's form.`,
    'Unpack the all.zip of an ecosystem (npm, Debian) from OSV into a folder, and name that.',
  );
}

async function filesOf(path: string): Promise<readonly string[]> {
  const { isDirectory } = await stat(path).then(
    (found) => ({ isDirectory: found.isDirectory() }),
    (error: unknown) => {
      throw explainFileError(error, 'read the advisories', path, 'Name a file or a folder of advisories.');
    },
  );
  if (!isDirectory) return [path];
  const names = (await readdir(path, { recursive: true })).filter((name) => /\.jsonl?$/.test(name)).sort();
  if (names.length > most.files)
    throw new LimitError(
      'osv-too-many',
      `${path} has more files than are read: ${names.length}.`,
      `Give at most ${most.files}, or one file with an advisory per line.`,
    );
  return names.map((name) => join(path, name));
}

async function textOf(file: string): Promise<string> {
  const { size } = await stat(file).catch((error: unknown) => {
    throw explainFileError(error, 'read the file', file);
  });
  if (size <= most.fileBytes) return readFile(file, 'utf8');
  throw new LimitError(
    'file-too-large',
    `${file} has ${size} bytes.`,
    `Split it: at most ${most.fileBytes} bytes are read of one file.`,
  );
}

/** One value, a list, or one per line. */
function valuesIn(text: string, file: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch (error) {
    if (!file.endsWith('l'))
      throw asGoshawkError(error, 'osv-invalid', `${file} is not JSON; fetch it again.`);
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as unknown);
  }
}

function foundOf({ advisory, component, fixed }: Match): FoundVulnerability {
  const { id, aliases = [], summary = '' } = advisory;
  const { name, version } = component;
  return { id, aliases, summary, component: name, version, ...(fixed === undefined ? {} : { fixed }) };
}
