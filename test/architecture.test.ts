import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { circlesAmong, circlesOfFiles, twoWaySiblings } from './architecture/circles.ts';
import { withoutContract } from './architecture/ports.ts';
import { importsOf, includesOf, projectRoot, readProject } from './architecture/project.ts';
import { ambientGlobals, declaredGlobals, impurities, unusedGlobals } from './architecture/purity.ts';
import {
  adapterViolations,
  includeViolations,
  pastTheDoor,
  roomOf,
  roomsWithoutRow,
  roomViolations,
  upwardRows,
} from './architecture/rooms.ts';
import { readTable } from './architecture/table.ts';
import { metaphors, privateKeywords } from './architecture/words.ts';

/*
 * The tables of docs/architecture.md are the rule, and are read there: a room that has no row may not exist, an import
 * that is in no row may not stand, and a row allows nothing that no file uses.
 */
const project = readProject();
const table = readTable();
const rooms = [...table.pure, ...table.impure];
const pureRooms = table.pure.map(({ name }) => name);

/**
 * Reviewed: of the web and of Node alike; they compute, or carry a value, and have no clock, disk or network behind them.
 */
const webGlobals = [...['AbortController', 'AbortSignal', 'TextDecoder', 'TextEncoder', 'atob', 'btoa']];

describe('The rooms', () => {
  it('are read at all, so that an empty result means something', () => {
    expect(table.pure.length).toBeGreaterThan(10);
    expect(table.cpp.length).toBeGreaterThan(5);
    expect(importsOf(project).length).toBeGreaterThan(2000);
    expect(includesOf(project).length).toBeGreaterThan(100);
  });

  it('have a row each, and each row has a room', () => {
    expect(roomsWithoutRow(project, table)).toEqual([]);
  });

  it('import what their row allows and no more, and the row allows no more than is used', () => {
    expect(roomViolations(project, table)).toEqual([]);
  });

  it('have rows that lead down, or aside without a circle', () => {
    expect(upwardRows(rooms)).toEqual([]);
    expect(circlesAmong(rooms.flatMap(({ name, imports }) => imports.map((other) => [name, other])))).toEqual(
      [],
    );
  });

  it('are entered by their door', () => {
    expect(pastTheDoor(project)).toEqual([]);
  });

  it('have no circle of files', () => {
    expect(circlesOfFiles(project)).toEqual([]);
  });

  it('have no two folders inside that import each other', () => {
    expect(twoWaySiblings(project)).toEqual([]);
  });
});

describe('Pure rooms', () => {
  it('know no Node, clock, timer, process, network and no chance', () => {
    expect(impurities(project, pureRooms)).toEqual([]);
  });

  it('know the reviewed globals of the web and no other, and need each of them', () => {
    const declared = readFileSync(join(projectRoot, 'src/web-globals.d.ts'), 'utf8');
    expect(ambientGlobals(declared)).toEqual(webGlobals);
    expect(unusedGlobals(project, pureRooms, webGlobals)).toEqual([]);
  });

  it('declare no globals for themselves', () => {
    const declared = [...project]
      .filter(([file]) => pureRooms.includes(roomOf(file)))
      .flatMap(([file, text]) => declaredGlobals(text).map((name) => `${file} declares ${name}`));
    expect(declared).toEqual([]);
  });

  it('are compiled without the types of Node and of a browser, every one of them', () => {
    const config = readFileSync(join(projectRoot, 'src/tsconfig.pure.json'), 'utf8').replace(
      /^\s*\/\/.*$/gm,
      '',
    );
    const { compilerOptions, include } = JSON.parse(config) as {
      compilerOptions: { types: string[]; lib?: string[] };
      include: string[];
    };
    expect(compilerOptions.types).toEqual([]);
    expect(compilerOptions.lib).toBeUndefined();
    expect(include.filter((glob) => glob.includes('*')).sort()).toEqual(
      pureRooms.map((room) => `${room}/**/*.ts`).sort(),
    );
  });
});

describe('Adapters', () => {
  it('are around the one package that their first line names, or say why they have none', () => {
    expect(adapterViolations(project)).toEqual([]);
  });

  it('are run through the contract suite of their port, where it has one', () => {
    const adapters = new Map(
      [...project].filter(([file]) => /^(src\/adapters|src\/runtime|device)\//.test(file)),
    );
    const suites = readProject(['test/contract', 'test/fixtures']);
    expect(suites.size).toBeGreaterThan(10);
    expect(withoutContract(adapters, suites, ['RosNode'])).toEqual([]);
  });
});

describe('The C++ folders', () => {
  it('include what their row allows and no more, and the row allows no more than is used', () => {
    expect(includeViolations(project, table)).toEqual([]);
  });
});

describe('The words', () => {
  const withTests = readProject(['src', 'device', 'native', 'test']);

  it('are those of the field: no identifier and no file is named after an office', () => {
    expect(metaphors(withTests)).toEqual([]);
  });

  it('have no keyword private but before a constructor', () => {
    expect(privateKeywords(withTests)).toEqual([]);
  });
});
