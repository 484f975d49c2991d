import { describe, expect, it } from 'vitest';
import {
  ageWords,
  byteWords,
  dueWords,
  durationWords,
  latencyWords,
  numberWords,
  shareWords,
} from '../../../src/base/index.ts';

const s = 1000;
const min = 60 * s;
const h = 60 * min;
const d = 24 * h;

describe('Quantities in words', () => {
  it.each([
    [0, '0'],
    [0.000_412_6, '0.000413'],
    [0.5, '0.5'],
    [8.254, '8.25'],
    [29.94, '29.9'],
    [104.4, '104'],
    [-2.5, '-2.5'],
    [1_234_567, '1234567'],
  ])('show the number %s as %s', (value, words) => {
    expect(numberWords(value)).toBe(words);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [8250, '8.25 kB'],
    [999_400, '999 kB'],
    [999_900, '1 MB'],
    [104_400_000, '104 MB'],
    [25_163_776, '25.2 MB'],
    [7.5e9, '7.5 GB'],
    [2.5e15, '2500 TB'],
  ])('show %s bytes as %s', (bytes, words) => {
    expect(byteWords(bytes)).toBe(words);
  });

  it.each([
    [-1, '0 s'],
    [400, '0 s'],
    [8 * s, '8 s'],
    [59.6 * s, '1 min'],
    [3 * min + 20 * s, '3 min'],
    [2 * h, '2 h'],
    [2 * h + 5 * min, '2 h 5 min'],
    [4 * d + 7 * h, '4 d'],
  ])('show %s ms as %s in whole seconds', (durationMs, words) => {
    expect(durationWords(durationMs)).toBe(words);
  });

  it.each([
    [0, '0 s'],
    [0.126, '0.13 ms'],
    [8.126, '8.13 ms'],
    [41.26, '41.3 ms'],
    [412.6, '413 ms'],
    [1250, '1.25 s'],
    [12_600, '12.6 s'],
    [30_000, '30 s'],
    [5 * min, '5 min'],
  ])('show a latency of %s ms as %s', (ms, words) => {
    expect(latencyWords(ms)).toBe(words);
  });

  it.each([
    [0, 'just now', 'just now'],
    [10 * s, '10 s ago', '10 s ago'],
    [3 * min, '3 min ago', '3 min ago'],
    [5 * h + min, '5 h 1 min ago', '5 h 1 min ago'],
    [50 * h, '2 d ago', '2 d ago'],
    [-1 * s, 'just now', 'just now'],
    [-3 * min, 'just now', 'in 3 min'],
    [-7 * d, 'just now', 'in 7 d'],
  ])('show a time %s ms ago as %s, and a planned time as %s', (ageMs, age, due) => {
    expect(ageWords(10 * d - ageMs, 10 * d)).toBe(age);
    expect(dueWords(10 * d - ageMs, 10 * d)).toBe(due);
  });

  it.each([
    [0, '0.0 %'],
    [0.1234, '12.3 %'],
    [1, '100.0 %'],
  ])('show the share %s as %s', (share, words) => {
    expect(shareWords(share)).toBe(words);
  });
});
