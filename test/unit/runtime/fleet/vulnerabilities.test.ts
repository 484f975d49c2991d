import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findVulnerabilities } from '../../../../src/runtime/fleet/vulnerabilities.ts';
import { npmComponent, renderBill } from '../../../../src/sbom/index.ts';
import { FakeFleetApi } from '../../../fakes/fake-fleet-api.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const advisory = {
  ...{ id: 'GHSA-1', aliases: ['CVE-2026-1'], summary: 'A long topic crashes it.' },
  affected: [
    {
      package: { ecosystem: 'npm', name: 'mqtt' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '5.1.0' }] }],
    },
  ],
};
const other = { ...advisory, id: 'GHSA-2', affected: [] };

let base: string;
let sbom: string;
let api: FakeFleetApi;
beforeEach(() => {
  base = temporaryFolder();
  sbom = join(base, 'sbom.cdx.json');
  const subject = { type: 'application', 'bom-ref': 'agent', name: 'goshawk-agent', version: '0.1.0' };
  const components = [npmComponent('mqtt', '5.0.0'), npmComponent('ws', '8.0.0')];
  writeFileSync(sbom, renderBill({ subject, createdAt: '2026-01-01T00:00:00.000Z', components }));
  api = new FakeFleetApi();
  api.answers.set('/devices', {
    total: 3,
    devices: [{ id: 'd1', agentVersion: '0.1.0' }, { id: 'd2', agentVersion: '0.2.0' }, { id: 'd3' }],
  });
});

function file(name: string, text: string): string {
  const path = join(base, name);
  writeFileSync(path, text);
  return path;
}

describe('Known vulnerabilities of a fleet', () => {
  it.each([
    ['a file with one', () => file('one.json', JSON.stringify(advisory))],
    ['a file with a list', () => file('all.json', JSON.stringify([advisory, other]))],
    [
      'a file with one per line',
      () => file('all.jsonl', `${JSON.stringify(advisory)}\n\n${JSON.stringify(other)}\n`),
    ],
    [
      'a folder',
      () => {
        mkdirSync(join(base, 'npm'));
        file('npm/1.json', JSON.stringify(advisory));
        file('npm/notes.txt', 'x');
        return join(base, 'npm');
      },
    ],
  ])('are found by %s, with the devices that have them', async (_, osv) => {
    const found = await findVulnerabilities({ osv: osv(), sboms: [sbom] }, api);
    expect(found.versions).toEqual([
      {
        ...{ agent: '0.1.0', components: 2, devices: ['d1'] },
        found: [
          {
            ...{ id: 'GHSA-1', aliases: ['CVE-2026-1'], summary: 'A long topic crashes it.' },
            ...{ component: 'mqtt', version: '5.0.0', fixed: '5.1.0' },
          },
        ],
      },
    ]);
    expect(found.unknown).toEqual([{ device: 'd2', agent: '0.2.0' }, { device: 'd3' }]);
  });

  it.each([
    ['no advisory', 'osv-empty', () => file('none.json', '{"id": 7}')],
    ['no JSON', 'osv-invalid', () => file('none.json', 'PK')],
    ['nothing', 'file-missing', () => join(base, 'nowhere')],
  ])('are not told apart from %s without a word', async (_, code, osv) => {
    await expect(findVulnerabilities({ osv: osv(), sboms: [sbom] }, api)).rejects.toMatchObject({ code });
  });

  it('need a list of parts', async () => {
    const osv = file('one.json', JSON.stringify(advisory));
    await expect(findVulnerabilities({ osv, sboms: [osv] }, api)).rejects.toMatchObject({
      code: 'sbom-invalid',
    });
  });
});
