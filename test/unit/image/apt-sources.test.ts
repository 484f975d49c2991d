import { describe, expect, it } from 'vitest';
import { mirrorLines } from '../../../src/image/index.ts';

const deb822 = {
  name: '/etc/apt/sources.list.d/debian.sources',
  text: `Types: deb
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp

Types: deb deb-src
URIs: http://mirror.example/debian-security
 https://second.example/debian-security
Suites: trixie-security
Components: main contrib
`,
};

describe('The mirrors of this machine', () => {
  it('are read from both forms, with the components that were asked for', () => {
    const oneLine = {
      name: '/etc/apt/sources.list',
      text: '# a remark\ndeb [arch=amd64 signed-by=/k.gpg] https://old.example/debian trixie main\ndeb-src https://old.example/debian trixie main\n',
    };
    expect(mirrorLines([deb822, oneLine], 'trixie', ['main', 'non-free-firmware'])).toEqual([
      'deb http://mirror.example/debian trixie main non-free-firmware',
      'deb http://mirror.example/debian trixie-updates main non-free-firmware',
      'deb http://mirror.example/debian-security trixie-security main non-free-firmware',
      'deb https://second.example/debian-security trixie-security main non-free-firmware',
      'deb https://old.example/debian trixie main non-free-firmware',
    ]);
  });

  it.each([
    ['a folder of this machine', 'Types: deb\nURIs: file:/usr/share/own\nSuites: ./\nTrusted: yes\n'],
    ['another release', 'Types: deb\nURIs: http://m.example/debian\nSuites: sid\nComponents: main\n'],
    [
      'a release with the same beginning',
      'Types: deb\nURIs: http://m.example/debian\nSuites: trixie2\nComponents: main\n',
    ],
    ['sources alone', 'Types: deb-src\nURIs: http://m.example/debian\nSuites: trixie\nComponents: main\n'],
    [
      'one that is switched off',
      'Enabled: no\nTypes: deb\nURIs: http://m.example/debian\nSuites: trixie\nComponents: main\n',
    ],
    [
      'a vendor’s own packages',
      'Types: deb\nURIs: http://m.example/tool\nSuites: trixie\nComponents: stable\n',
    ],
  ])('leave out %s', (_what, text) => {
    expect(mirrorLines([{ name: 'x.sources', text }], 'trixie', ['main'])).toEqual([]);
  });
});
