import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/index.ts';
import {
  bundledComponent,
  debianComponent,
  debianLicenses,
  modelComponent,
  npmComponent,
  parseDebianPackages,
  readBill,
  renderBill,
} from '../../../src/sbom/index.ts';

const subject = { type: 'application', 'bom-ref': 'goshawk-agent', name: 'goshawk-agent', version: '0.1.0' };
const components = [
  npmComponent('@grpc/grpc-js', '1.14.7', 'Apache-2.0'),
  bundledComponent({
    name: 'node',
    version: '24.1.0',
    license: 'MIT and others',
    purl: 'pkg:github/nodejs/node@v24.1.0',
  }),
  debianComponent({ name: 'libssl3t64', version: '3.5.1-1+deb13u1', architecture: 'arm64' }, 'trixie'),
  modelComponent('street', '1.0.0', `sha256:${'a'.repeat(64)}`),
];

describe('A list of parts', () => {
  it('has package URLs, and comes back as it was written', () => {
    expect(components.map(({ purl }) => purl)).toEqual([
      'pkg:npm/%40grpc/grpc-js@1.14.7',
      'pkg:github/nodejs/node@v24.1.0',
      'pkg:deb/debian/libssl3t64@3.5.1-1%2Bdeb13u1?arch=arm64&distro=trixie',
      undefined,
    ]);
    const text = renderBill({ subject, createdAt: '2026-11-27T00:00:00.000Z', components });
    expect(readBill(text, 'x')).toEqual({ subject, components });
  });

  it('that is none is refused, whatever its bytes', () => {
    const given = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .jsonValue()
        .map((value) =>
          JSON.stringify({ bomFormat: 'CycloneDX', metadata: { component: value }, components: value }),
        ),
    );
    fc.assert(
      fc.property(given, (text) => {
        try {
          readBill(text, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });

  it('of a Debian is read from dpkg', () => {
    expect(parseDebianPackages('libssl3t64\t3.5.1-1+b2\tamd64\topenssl\t3.5.1-1\nhalf\n\n')).toEqual([
      {
        ...{ name: 'libssl3t64', version: '3.5.1-1+b2', architecture: 'amd64' },
        source: { name: 'openssl', version: '3.5.1-1' },
      },
    ]);
  });

  it('of a Debian names the source and the licences of each package', () => {
    const source = { name: 'openssl', version: '3.5.1-1' };
    const own = { name: 'openssl', version: '3.5.1-1', architecture: 'amd64' };
    const library = { ...own, name: 'libssl3t64', version: '3.5.1-1+b2', licenses: ['Apache-2.0', 'BSD'] };
    expect(debianComponent({ ...own, source }, 'trixie').purl).not.toContain('upstream');
    expect(debianComponent({ ...library, source }, 'trixie')).toMatchObject({
      purl: 'pkg:deb/debian/libssl3t64@3.5.1-1%2Bb2?arch=amd64&distro=trixie&upstream=openssl%403.5.1-1',
      licenses: [{ license: { name: 'Apache-2.0' } }, { license: { name: 'BSD' } }],
    });
  });

  it('takes the names of licences from a copyright file for machines alone', () => {
    const file = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
License: LGPL-2.1+ and BSD-3-clause
 the text
License: Apache-2.0
License: Apache-2.0
`;
    expect(debianLicenses(file)).toEqual(['Apache-2.0', 'LGPL-2.1+ and BSD-3-clause']);
    expect(debianLicenses('This is free.\nLicense: ask')).toEqual([]);
  });
});
