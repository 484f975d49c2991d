import { describe, expect, it } from 'vitest';
import type { AddonFile, AddonName } from '../../../../device/native/index.ts';
import { CancelledError, GoshawkError, MissingError } from '../../../../src/base/index.ts';
import { addonTrials } from '../../../../src/runtime/selftest/addons.ts';
import { judgeAddon, tryAddons } from '../../../../src/runtime/trials/addons.ts';

const fileOf = (name: AddonName, file?: string): AddonFile => ({
  ...{ name, file, buildFailed: false },
  detail: file === undefined ? 'its headers were not found' : 'against /usr/include',
  remedy: file === undefined ? 'Install the headers.' : '',
});
const { signal } = new AbortController();
const torn = new MissingError('addon-load', 'x.node: undefined symbol: dds_delete_qos', 'Install it again.');

describe('A native part', () => {
  it('that is not installed is not here, with what to do', () => {
    expect(judgeAddon(fileOf('dds'))).toEqual({
      addon: 'dds',
      state: 'absent',
      installed: false,
      detail: 'its headers were not found',
      remedy: 'Install the headers.',
    });
  });

  it('that is installed and does not load is broken, in the words of the loader', () => {
    const verdict = judgeAddon(fileOf('dds', '/x.node'), torn);
    expect(verdict).toMatchObject({
      state: 'broken',
      installed: true,
      detail: torn.message,
      remedy: torn.remedy,
    });
    expect(addonTrials([verdict])).toMatchObject([{ state: 'fails', name: 'dds', remedy: torn.remedy }]);
  });

  it('whose library is not in this release is not here, with what to do', () => {
    const words = 'It needs libfastdds.so.3.1, which is not installed.';
    const missing = new MissingError('addon-library-absent', words, 'Install libfastdds3.1.');
    const verdict = judgeAddon(fileOf('fastdds', '/f.node'), missing);
    expect(verdict).toMatchObject({
      ...{ state: 'absent', installed: true, detail: words },
      remedy: 'Install libfastdds3.1.',
    });
    expect(addonTrials([verdict])).toMatchObject([{ state: 'absent', name: 'fastdds' }]);
  });

  it('that the compiler refused is broken, and not installed', () => {
    expect(judgeAddon({ ...fileOf('dds'), buildFailed: true })).toMatchObject({
      state: 'broken',
      installed: false,
    });
  });

  it('is loaded only where it is installed', async () => {
    const asked: AddonName[][] = [];
    const verdicts = await tryAddons({
      signal,
      files: [fileOf('dds', '/x.node'), fileOf('fastdds')],
      load: async (addons) => {
        asked.push([...addons]);
        return new Map();
      },
    });
    expect(asked).toEqual([['dds']]);
    expect(verdicts.map(({ state }) => state)).toEqual(['loads', 'absent']);
  });

  it('that ends the process which loads it is the only one that is broken', async () => {
    const crash = new GoshawkError(
      'trial-crash',
      'Loading gstreamer ended its process by SIGABRT.',
      'Install it.',
    );
    const asked: AddonName[][] = [];
    const verdicts = await tryAddons({
      signal,
      files: [fileOf('gstreamer', '/g.node'), fileOf('dds', '/d.node'), fileOf('fastdds', '/f.node')],
      load: async (addons) => {
        asked.push([...addons]);
        if (addons.includes('gstreamer')) throw crash;
        return new Map(addons.includes('dds') ? [['dds', torn]] : []);
      },
    });
    expect(asked).toEqual([['gstreamer', 'dds', 'fastdds'], ['gstreamer'], ['dds'], ['fastdds']]);
    expect(verdicts.map(({ state, detail }) => [state, detail])).toEqual([
      ['broken', crash.message],
      ['broken', torn.message],
      ['loads', 'loads; compiled against /usr/include'],
    ]);
  });

  it('is not tried further when the user ends it', async () => {
    const cancelled = new CancelledError('Loading');
    const load = () => Promise.reject(cancelled);
    await expect(tryAddons({ signal, files: [fileOf('dds', '/x')], load })).rejects.toBe(cancelled);
  });
});
