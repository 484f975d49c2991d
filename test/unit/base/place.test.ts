import { describe, expect, it } from 'vitest';
import { howToInstall, nativeBuildOf } from '../../../src/base/index.ts';

describe('A remedy that installs a package', () => {
  it.each(['checkout', 'npm', 'debian'] as const)(
    'is a command of apt on a system that has it: %s',
    (place) => {
      expect(howToInstall('ffmpeg', place)).toBe('On Debian and Ubuntu: sudo apt-get install ffmpeg.');
      expect(howToInstall('libturbojpeg0', place, 'libturbojpeg')).toBe(
        'On Debian: sudo apt-get install libturbojpeg0; on Ubuntu: sudo apt-get install libturbojpeg.',
      );
    },
  );

  it.each([
    ['container', 'npm run package -- --oci-only --package ffmpeg --package libddsc0t64'],
    ['board', 'goshawk image build --package ffmpeg --package libddsc0t64'],
  ] as const)('names the builder where nothing can be installed: %s', (place, command) => {
    const words = howToInstall('ffmpeg libddsc0t64', place);
    expect(words).toContain(command);
    expect(words).not.toContain('apt');
  });

  it.each([
    ['checkout', 'npm run build:native'],
    ['npm', 'goshawk native build'],
    ['debian', 'sudo goshawk native build'],
  ] as const)('compiles native parts with the command of the installation: %s', (place, command) => {
    expect(nativeBuildOf(place)).toBe(command);
  });

  it.each(['container', 'board'] as const)('asks nobody for root where there is none: %s', (place) => {
    expect(nativeBuildOf(place)).not.toContain('sudo');
  });
});
