import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../../src/dashboard/ui/theme.css', import.meta.url), 'utf8');

function colorsOf(selector: string): Map<string, string> {
  const block = css.slice(css.indexOf(selector)).split('}')[0] ?? '';
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const surfaces = ['page', 'surface', 'raised', 'sunken', 'hover'];
const texts: (readonly [string, readonly string[]])[] = [
  ['text', [...surfaces, 'error-soft', 'warning-soft']],
  ['text-soft', [...surfaces, 'idle-soft']],
  ['text-faint', surfaces],
  ['accent', [...surfaces, 'accent-soft']],
  ['on-accent', ['accent']],
  ['ok', ['surface', 'hover', 'ok-soft']],
  ['warning', ['surface', 'hover', 'warning-soft']],
  ['error', ['surface', 'hover', 'sunken', 'error-soft']],
];

describe.each([
  ['light', ':root {'],
  ['dark', ':root[data-theme="dark"] {'],
])('The %s colours', (_name, selector) => {
  const colors = colorsOf(selector);
  const ratio = (a: string, b: string) => contrast(colors.get(a) ?? '#000000', colors.get(b) ?? '#000000');

  it.each(texts.flatMap(([text, grounds]) => grounds.map((ground) => [text, ground] as const)))(
    'make %s readable on %s (4.5:1)',
    (text, ground) => {
      expect(ratio(text, ground)).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(['control', 'chart-1', 'chart-2', 'chart-3', 'chart-4'])(
    'set %s off from the surface (3:1)',
    (mark) => {
      expect(ratio(mark, 'surface')).toBeGreaterThanOrEqual(3);
    },
  );
});
