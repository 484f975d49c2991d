import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { absentLibrary, addonFiles, loadFirst } from '../../../native/addon-file.ts';

const name = { file: 'goshawk_dds.node', item: 'dds' };

describe('An addon that may have been compiled on the board', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-addon-file-'));
    mkdirSync(join(folder, 'build/out'), { recursive: true });
    mkdirSync(join(folder, 'board'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const places = () => ({ board: join(folder, 'board'), build: join(folder, 'build'), version: '1.0.0' });
  const packaged = () => join(folder, 'build/out', name.file);
  const onBoard = () => join(folder, 'board', name.file);
  function compiledOnBoard(version: string): void {
    writeFileSync(onBoard(), '');
    const item = { name: 'dds', state: 'compiled', detail: '', remedy: '', version };
    writeFileSync(join(folder, 'board/report.json'), JSON.stringify({ items: [item] }));
  }

  it('is taken from the board before the one that came compiled', () => {
    writeFileSync(packaged(), '');
    expect(addonFiles(name, places())).toEqual([packaged()]);
    compiledOnBoard('1.0.0');
    expect(addonFiles(name, places())).toEqual([onBoard(), packaged()]);
    expect(loadFirst(name, places(), (file) => file)).toEqual({ addon: onBoard(), problems: [] });
  });

  it('is the one that came compiled where the board’s does not load', () => {
    writeFileSync(packaged(), '');
    compiledOnBoard('1.0.0');
    const load = (file: string) => {
      if (file === onBoard()) throw new Error('libddsc.so.0: cannot open shared object file');
      return file;
    };
    expect(loadFirst(name, places(), load)).toEqual({
      addon: packaged(),
      problems: [`${onBoard()}: libddsc.so.0: cannot open shared object file`],
    });
  });

  it('says of each place why the one there does not load', () => {
    writeFileSync(packaged(), '');
    compiledOnBoard('1.0.0');
    const load = (file: string) => {
      throw new Error(`${file}: undefined symbol: dds_delete_qos`);
    };
    expect(loadFirst(name, places(), load).problems).toEqual([
      `${onBoard()}: undefined symbol: dds_delete_qos`,
      `${packaged()}: undefined symbol: dds_delete_qos`,
    ]);
  });

  it('of the board that was compiled for another version of Goshawk is left alone, and that is said', () => {
    compiledOnBoard('0.9.0');
    expect(addonFiles(name, places())).toEqual([]);
    expect(loadFirst(name, places()).problems[0]).toContain(
      `${onBoard()} was compiled for Goshawk 0.9.0, this is 1.0.0: `,
    );
  });

  it('is looked for in one place where everything is built in place', () => {
    compiledOnBoard('1.0.0');
    expect(addonFiles(name, { build: join(folder, 'build'), version: '1.0.0' })).toEqual([]);
  });
});

describe('What the loader says', () => {
  it.each([
    ['libfastdds.so.3.1: cannot open shared object file: No such file or directory', 'libfastdds.so.3.1'],
    ['/x/y.node: libddsc.so.0: cannot open shared object file: No such file or directory', 'libddsc.so.0'],
    ['/x/y.node: undefined symbol: dds_delete_qos', undefined],
    ['/x/y.node: cannot open shared object file: No such file or directory', undefined],
    ['/x/y.node: invalid ELF header', undefined],
  ])('%s: names the library that is not here, or none', (words, library) => {
    expect(absentLibrary(words)).toBe(library);
  });
});
