import type { Command } from 'commander';
import { findVulnerabilities } from '../../runtime/index.ts';
import { collect, examples, finish } from '../command.ts';
import { connect, fleetCommand, type Target } from './connect.ts';

interface Options extends Target {
  readonly osv: string;
  readonly sbom: readonly string[];
}

const shownDevices = 5;

export function addVulnerabilities(device: Command): void {
  finish<Options>(
    fleetCommand(device, 'vulnerabilities', 'devices that run a part with a known vulnerability (CVE)')
      .requiredOption('--osv <path>', 'advisories in OSV’s form: a file or a folder on this machine')
      .requiredOption(
        '--sbom <file>',
        'parts of one version of the agent (share/sbom.cdx.json of its package) or of an image; several times',
        collect,
      )
      .addHelpText(
        'after',
        `${examples('device vulnerabilities --osv advisories/ --sbom sbom.cdx.json')}\n
Exit status 1 if a device runs a part with a known vulnerability, or a version whose parts you did not give.`,
      ),
    async ({ output }, { osv, sbom, ...target }) => {
      const found = await findVulnerabilities({ osv, sboms: sbom }, connect(target));
      output.value(found);
      output.table(
        ['agent', 'part', 'version', 'advisory', 'fixed in', 'devices'],
        found.versions.flatMap(({ agent, found: all, devices }) =>
          all.map(({ id, aliases, component, version, fixed = '-' }) => [
            ...[agent, component, version, aliases.find((one) => one.startsWith('CVE-')) ?? id, fixed],
            ...[devices.length],
          ]),
        ),
        'No known vulnerabilities.',
      );
      for (const { agent, components, found: all, devices } of found.versions)
        output.line(
          `Agent ${agent}: parts: ${components}, known vulnerabilities: ${all.length} (advisories read: ${found.advisories}), devices: ${shortList(devices)}`,
        );
      if (found.unknown.length > 0)
        output.line(
          `Not checked, because you gave no --sbom of their version: ${shortList(found.unknown.map(({ device }) => device))}`,
        );
      const hit = found.versions.some(({ found: all, devices }) => all.length > 0 && devices.length > 0);
      return hit || found.unknown.length > 0 ? 1 : 0;
    },
  );
}

function shortList(names: readonly string[]): string {
  const more = names.length > shownDevices ? ` and ${names.length - shownDevices} more` : '';
  return names.length === 0 ? 'none' : `${names.slice(0, shownDevices).join(', ')}${more}`;
}
