import { readdirSync } from 'node:fs';
import { digestFile, signFiles } from '../../../src/platform/index.ts';
import { renderProvenance } from '../../../src/sbom/index.ts';
import { eventually } from '../fleet/program.ts';
import type { Kit } from './kit.ts';
import { activeAlert, firstOf, type PageSetUp } from './set-up.ts';

const street: { version: string; digest: string } = { version: '1.2.0', digest: '' };
const model = () => JSON.stringify({ name: 'street', ...street });
let server = '';

/** Writes what a build with a key leaves beside an image and a container. */
async function builtFiles(kit: Kit): Promise<void> {
  const part = { components: [{ name: 'node', purl: 'pkg:generic/node@24' }] };
  kit.write('usr/lib/goshawk-agent/share/sbom.cdx.json', JSON.stringify(part));
  kit.package('build/packages/goshawk-agent_0.1.0_amd64.deb', {
    ...{ name: 'goshawk-agent', version: '0.1.0', architecture: 'amd64' },
  });
  kit.write('card.img', 'an image');
  for (const file of ['card.img', 'goshawk-agent_0.2.0.oci']) {
    const { digest } = await digestFile(kit.path('card.img'));
    const sha256 = digest.replace('sha256:', '');
    const statement = renderProvenance({
      subjects: [{ name: file, digest: { sha256 } }],
      ...{ what: 'image', parameters: {}, inputs: [], builder: 'urn:test', tools: {} },
    });
    kit.write(`${file}.provenance.json`, statement);
  }
}

/** Of pages whose lines are for programs of the system as well: what these need. */
export const programs: Readonly<Record<string, PageSetUp>> = {
  inference: {
    async prepare(kit, lab) {
      kit.pictures('pictures', { count: 1, seed: 1 });
      const [picture = ''] = readdirSync(kit.path('pictures/images'));
      kit.copy(kit.path('pictures/images', picture), 'street.jpg');
      // The line of the page is ended before the next one is typed.
      const started = lab.start(
        lab.environment,
        'serve',
        '--model',
        'models/street',
        '--listen',
        'http://127.0.0.1:0',
      );
      server = String(((await started.line('started')).urls as string[])[0]);
    },
    until: { 'goshawk serve': /:8000/ },
    instead: {
      'curl -s -X POST http://127.0.0.1:8000': () => `curl -s -X POST ${server}`,
      '@- http://127.0.0.1:8000': () => `@- ${server}`,
    },
  },
  alerts: {
    prepare: activeAlert,
    environment: (lab) => ({ ...lab.environment, GOSHAWK_URL: lab.url, GOSHAWK_TOKEN: lab.adminToken }),
    instead: { ID: firstOf('alert', 'list') },
  },
  'supply-chain': {
    async prepare(kit) {
      kit.write(
        'osv/GHSA-1.json',
        JSON.stringify({
          id: 'GHSA-1',
          affected: [{ package: { ecosystem: 'npm', name: 'nothing-of-ours' } }],
        }),
      );
      for (const version of ['0.1.0', '0.2.0'])
        kit.write(
          `sbom-${version}.cdx.json`,
          JSON.stringify({
            bomFormat: 'CycloneDX',
            specVersion: '1.6',
            metadata: { component: { type: 'application', name: 'goshawk-agent', version } },
            components: [],
          }),
        );
      await builtFiles(kit);
    },
    asked: { 'ssh-keygen -t': () => '\n' },
    before: {
      async 'ssh-keygen -Y verify'(kit) {
        kit.package('goshawk-agent_0.2.0_arm64.deb', {
          ...{ name: 'goshawk-agent', version: '0.2.0', architecture: 'arm64' },
        });
        await signFiles([kit.path('goshawk-agent_0.2.0_arm64.deb')], kit.path('release-key'));
      },
    },
  },
  'http-api': {
    async prepare(kit, lab) {
      await lab.goshawk('frame', 'keep', '--device', 'gate-north');
      await activeAlert(kit, lab);
      kit.bundle('street-1.2.0', street);
      const said = await lab.goshawk('model', 'push', kit.path('street-1.2.0'), '--json');
      street.digest = /sha256:\w{64}/.exec(said)?.[0] ?? '';
    },
    before: {
      'api "$URL/api/v1/devices/cam-7/frames?': (_kit, lab) =>
        eventually('a frame is kept', async () =>
          (await lab.goshawk('frame', 'list', 'gate-north', '--json')).includes('"id"'),
        ),
    },
    instead: {
      'tokens/ID': async (lab) => {
        const said = await lab.goshawk('token', 'list', '--json');
        return `tokens/${/"id":"(\w+)","name":"ci"/.exec(said)?.[1]}`;
      },
      '"sha256:..."': () => JSON.stringify(street.digest),
      '{...}': model,
      '"cam-8"': '"truck-7"',
      'alerts/ID': async (lab) => `alerts/${await firstOf('alert', 'list')(lab)}`,
      'devices/cam-7/frames/ID': async (lab) =>
        `devices/gate-north/frames/${await firstOf('frame', 'list', 'gate-north')(lab)}`,
    },
    until: { 'api -N $URL/api/v1/stream': /data:/, 'api -N': /jpeg/i },
    // That of Ctrl+C.
    status: { 'api -N': 130 },
  },
};
