import { describe, expect, it } from 'vitest';
import {
  Advisories,
  type Advisory,
  bundledComponent,
  debianComponent,
  npmComponent,
  readAdvisory,
} from '../../../src/sbom/index.ts';

const npm = (name: string, events: object[], more: object = {}): Advisory => ({
  id: `GHSA-${name}`,
  affected: [{ package: { ecosystem: 'npm', name }, ranges: [{ type: 'SEMVER', events }], ...more }],
});

function found(advisory: Advisory, ...components: Parameters<Advisories['matches']>[0]) {
  const advisories = new Advisories();
  advisories.add(advisory);
  return advisories.matches(components).map(({ component, fixed }) => [component.version, fixed]);
}

describe('A known vulnerability', () => {
  const two = npm('mqtt', [
    { introduced: '0' },
    { fixed: '2.5.0' },
    { introduced: '3.0.0' },
    { fixed: '3.1.2' },
  ]);

  it.each([
    ['2.4.9', [['2.4.9', '2.5.0']]],
    ['2.5.0', []],
    ['3.0.0-beta.1', []],
    ['3.0.0', [['3.0.0', '3.1.2']]],
    ['3.1.2', []],
    ['10.0.0', []],
  ])('of two ranges hits mqtt %s: %j', (version, hits) => {
    expect(found(two, npmComponent('mqtt', version))).toEqual(hits);
    expect(
      found(
        {
          ...two,
          affected: two.affected!.map((one) => ({
            ...one,
            ranges: one.ranges!.map((range) => ({ ...range, events: range.events.toReversed() })),
          })),
        },
        npmComponent('mqtt', version),
      ),
    ).toEqual(hits);
  });

  it('is of one package, with its scope, whatever the others are called', () => {
    const all = npm('@grpc/grpc-js', [{ introduced: '0' }]);
    expect(found(all, npmComponent('@grpc/grpc-js', '1.0.0'), npmComponent('grpc-js', '1.0.0'))).toEqual([
      ['1.0.0', undefined],
    ]);
  });

  it('with a last version hits that one too', () => {
    const last = npm('mqtt', [{ introduced: '1.0.0' }, { last_affected: '1.2.0' }]);
    expect(
      found(last, ...['0.9.0', '1.2.0', '1.2.1'].map((version) => npmComponent('mqtt', version))),
    ).toEqual([['1.2.0', undefined]]);
  });

  it('that lists versions hits those, with or without a v', () => {
    const listed: Advisory = {
      id: 'OSV-1',
      affected: [
        {
          package: { ecosystem: 'OSS-Fuzz', name: 'vips' },
          versions: ['v8.15.0'],
          ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }],
        },
      ],
    };
    const vips = (version: string) =>
      bundledComponent({ name: 'vips', version, license: 'LGPL', purl: `pkg:generic/vips@${version}` });
    expect(found(listed, vips('8.15.0'), vips('8.15.1'))).toEqual([['8.15.0', undefined]]);
  });

  it('of Debian names the source of what is installed, and one release', () => {
    const openssl = (release: string, fixed: string): Advisory => ({
      id: `DSA-${release}`,
      affected: [
        {
          package: { ecosystem: `Debian:${release}`, name: 'openssl' },
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
        },
      ],
    });
    const source = { name: 'openssl', version: '3.5.1-1' };
    const installed = { name: 'libssl3t64', version: '3.5.1-1+b2', architecture: 'arm64', source };
    const library = debianComponent(installed, 'trixie');
    expect(found(openssl('13', '3.5.1-1+deb13u2'), library)).toEqual([['3.5.1-1+b2', '3.5.1-1+deb13u2']]);
    // By the version of the source, not by that of its rebuilt binary.
    expect(found(openssl('13', '3.5.1-1+a'), library)).toHaveLength(1);
    expect(found(openssl('13', '3.5.1-1'), library)).toEqual([]);
    expect(found(openssl('14', '3.6.0-1'), library)).toEqual([]);
    const bySyft = { ...library, purl: library.purl!.replace('distro=trixie', 'distro=debian-13') };
    expect(found(openssl('13', '3.6.0-1'), bySyft)).toHaveLength(1);
    expect(found(openssl('12', '3.6.0-1'), bySyft)).toEqual([]);
  });

  it('of Debian goes by Debian’s order', () => {
    const openssl: Advisory = {
      id: 'DSA-1',
      affected: [
        {
          package: { ecosystem: 'Debian:13', name: 'openssl' },
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '3.5.1-1+deb13u2' }] }],
        },
      ],
    };
    const of = (version: string) =>
      debianComponent({ name: 'openssl', version, architecture: 'arm64' }, 'trixie');
    expect(found(openssl, of('3.5.1-1+deb13u1'), of('3.5.1-1+deb13u2'))).toEqual([
      ['3.5.1-1+deb13u1', '3.5.1-1+deb13u2'],
    ]);
  });

  it('that was withdrawn hits nothing', () => {
    expect(found({ ...two, withdrawn: '2026-01-01T00:00:00Z' }, npmComponent('mqtt', '1.0.0'))).toEqual([]);
  });

  it('is read where it is one', () => {
    expect(readAdvisory({ id: 'x', affected: [{ package: { ecosystem: 'npm' } }] })).toBeUndefined();
    expect(readAdvisory(two)).toBe(two);
  });
});
