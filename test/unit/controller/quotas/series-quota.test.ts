import { expect, test } from 'vitest';
import { noSeries, SeriesTable } from '../../../../src/controller/history/series.ts';
import { defaultQuotas } from '../../../../src/controller/quotas/quotas.ts';
import { SeriesQuota } from '../../../../src/controller/quotas/series-quota.ts';
import type { CatalogueEntry } from '../../../../src/protocol/index.ts';

const dayMs = 86_400_000;

function quotaOf(seriesPerDevice: number, seriesOfFleet: number) {
  const table = new SeriesTable(seriesOfFleet);
  const quota = new SeriesQuota(table, { ...defaultQuotas, seriesPerDevice }, 100);
  const read = (device: string, names: readonly string[], nowMs = 0) => {
    const { aliases, exceeded } = quota.read(device, catalogue(names), nowMs);
    return { exceeded, stored: [...aliases.values()].filter((id) => id !== noSeries).length, aliases };
  };
  return { table, read };
}

const catalogue = (names: readonly string[]): CatalogueEntry[] =>
  names.map((name, alias) => ({ alias, name, unit: '1', kind: 'gauge' as const }));
const named = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

test('of a catalogue so many get a number; the others are known as left out, so that no birth is asked for', () => {
  const { read } = quotaOf(10, 1000);
  const { stored, aliases, exceeded } = read('d1', named('a', 15));
  expect(stored).toBe(10);
  expect(aliases.size).toBe(15);
  expect(exceeded).toEqual([{ what: 'series', limit: 10, count: 5 }]);
});

test('births with ever new names bring a day as many new ones, whatever the device calls them', () => {
  const { table, read } = quotaOf(10, 1000);
  for (let birth = 0; birth < 50; birth++) read('d1', named(`b${birth}-`, 10));
  expect(table.size).toBe(10);
  const { stored, exceeded } = read('d1', named('c', 10), dayMs / 2);
  expect(stored).toBe(5);
  expect(exceeded).toEqual([{ what: 'new-series', limit: 10, count: 5 }]);
});

test('metrics that the fleet has already cost a device nothing', () => {
  const { read } = quotaOf(10, 1000);
  read('d1', named('a', 10));
  for (const device of named('other', 20)) expect(read(device, named('a', 10)).stored).toBe(10);
  expect(read('other0', named('own', 10)).stored).toBe(10);
});

test('one device that floods leaves the table to the others', () => {
  const { table, read } = quotaOf(100, 1000);
  for (let birth = 0; birth < 50; birth++) read('flood', named(`f${birth}-`, 100));
  for (const device of named('d', 9)) expect(read(device, named(`${device}-`, 100)).exceeded).toEqual([]);
  expect(table.size).toBe(1000);
  expect(read('late', named('late', 3)).exceeded).toEqual([{ what: 'fleet-series', limit: 1000, count: 3 }]);
});

test('20,000 devices with 50 metrics each fit in', () => {
  expect(defaultQuotas.seriesOfFleet).toBeGreaterThanOrEqual(1_000_000);
});
