import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withDebian } from '../../../deploy/package/sbom.ts';
import {
  bundledComponent,
  debianComponent,
  modelComponent,
  npmComponent,
  renderBill,
} from '../../../src/sbom/index.ts';
import { debianPackages, imageBill } from '../../../src/workbench/image/beside.ts';
import { complaints } from '../../fixtures/cyclonedx.ts';

const createdAt = '2026-11-27T00:00:00.000Z';
const digest = `sha256:${'a'.repeat(64)}`;
const agent = [
  npmComponent('@grpc/grpc-js', '1.14.7', 'Apache-2.0'),
  npmComponent('old', '0.0.1'),
  bundledComponent({
    ...{ name: 'node', version: '24.1.0', license: 'MIT and others' },
    purl: 'pkg:github/nodejs/node@v24.1.0',
  }),
  bundledComponent({
    ...{ name: 'libvips', version: '8.17', license: 'LGPL-3.0-or-later' },
    purl: 'pkg:generic/vips@8.17',
  }),
];
const ofPackage = renderBill({
  subject: { type: 'application', 'bom-ref': 'goshawk-agent', name: 'goshawk-agent', version: '0.2.0~rc1' },
  createdAt,
  components: agent,
});

describe('The official schema of CycloneDX accepts the SBOM', () => {
  it('of a package', async () => {
    expect(await complaints(ofPackage)).toEqual([]);
  });

  it('of a container, with Debian’s packages', async () => {
    const packages = [
      { name: 'libssl3t64', version: '3.5.1-1+deb13u1', architecture: 'arm64' },
      {
        ...{ name: 'libstdc++6', version: '1:14.2.0-19', architecture: 'arm64' },
        ...{ source: { name: 'gcc-14', version: '14.2.0-19' }, licenses: ['GPL-3+ with exception'] },
      },
    ];
    expect(await complaints(withDebian(ofPackage, packages, 'trixie'))).toEqual([]);
  });

  it.skipIf(!existsSync('/var/lib/dpkg/status'))(
    'of an image with all packages of a real Debian',
    async () => {
      const debian = (await debianPackages('/', {})).map((one) => debianComponent(one, 'trixie'));
      expect(debian.length).toBeGreaterThan(50);
      const text = imageBill({
        image: { name: 'card.img', version: '2026.11.27', digest },
        ...{ createdAt, trust: 'roots', debian, agent },
        model: { manifest: { name: 'street', version: '1.0.0' }, digest } as never,
      });
      expect(await complaints(text)).toEqual([]);
    },
  );

  it('and refuses one with a kind of part that it does not know, or with a part twice', async () => {
    const subject = { type: 'program', 'bom-ref': 'a', name: 'a', version: '1' };
    expect(await complaints(renderBill({ subject, createdAt, components: [] }))).toHaveLength(1);
    const model = modelComponent('street', '1.0.0', digest);
    const twice = renderBill({
      subject: { ...subject, type: 'application' },
      createdAt,
      components: [model, { ...model, version: '2' }],
    });
    expect(await complaints(twice)).toEqual(['model:street is there twice']);
  });
});
