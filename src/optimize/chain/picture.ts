import { defined } from '../../base/index.ts';
import { measureWords } from '../../model/index.ts';
import type { ChainReport } from './optimize.ts';

const width = 640;
const height = 400;
const margin = { left: 64, right: 24, top: 40, bottom: 52 };

/** Accuracy against latency as SVG: up is more accurate, left is faster; the line is the budget. */
export function accuracyPicture(report: ChainReport, title: string): string {
  const measured = { source: report.source, ...defined({ base: report.base }) };
  const points = [
    ...Object.entries(measured).map(([name, { latency, accuracy }]) => ({
      name,
      ms: latency.p50Ms,
      value: accuracy.value,
      ships: true,
    })),
    ...report.variants.map(({ kind, latency, accuracy, verdict }) => ({
      name: kind,
      ms: latency.p50Ms,
      value: accuracy.value,
      ships: verdict !== 'left out',
    })),
  ];
  const floor = (report.base ?? report.source).accuracy.value - report.budget;
  const right = Math.max(...points.map(({ ms }) => ms)) * 1.15;
  const lowest = Math.min(floor, ...points.map(({ value }) => value));
  const highest = Math.max(...points.map(({ value }) => value));
  const pad = Math.max(0.005, (highest - lowest) * 0.15);
  const x = (ms: number) => margin.left + (ms / right) * (width - margin.left - margin.right);
  const y = (value: number) =>
    height -
    margin.bottom -
    ((value - lowest + pad) / (highest - lowest + 2 * pad)) * (height - margin.top - margin.bottom);
  const axisY = height - margin.bottom;
  const xTicks = ticks(0, right).map(
    (ms) => `<text x="${n(x(ms))}" y="${axisY + 18}" text-anchor="middle">${label(ms)}</text>`,
  );
  const yTicks = ticks((lowest - pad) * 100, (highest + pad) * 100).map(
    (share) =>
      `<text x="${margin.left - 8}" y="${n(y(share / 100) + 4)}" text-anchor="end">${label(share)}</text>`,
  );
  const marks = points.map(
    ({ name, ms, value, ships }) =>
      `<circle cx="${n(x(ms))}" cy="${n(y(value))}" r="6" fill="${ships ? '#0b6e4f' : 'none'}" stroke="${ships ? '#0b6e4f' : '#b3261e'}" stroke-width="2"/>` +
      `<text x="${n(x(ms))}" y="${n(y(value) - 11)}" text-anchor="middle">${escaped(name)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${margin.left}" y="22" font-size="14" font-weight="bold">${escaped(title)}</text>`,
    `<path d="M${margin.left} ${margin.top}V${axisY}H${width - margin.right}" fill="none" stroke="#444"/>`,
    `<path d="M${margin.left} ${n(y(floor))}H${width - margin.right}" stroke="#b3261e" stroke-dasharray="5 4"/>`,
    `<text x="${width - margin.right}" y="${n(y(floor) - 5)}" text-anchor="end" fill="#b3261e">budget</text>`,
    ...xTicks,
    ...yTicks,
    `<text x="${width / 2}" y="${height - 12}" text-anchor="middle">latency p50, ms (one thread)</text>`,
    `<text x="16" y="${height / 2}" text-anchor="middle" transform="rotate(-90 16 ${height / 2})">${measureWords[report.source.accuracy.measure]}, %</text>`,
    ...marks,
    '</svg>',
    '',
  ].join('\n');
}

/** About five round numbers between two bounds. */
function ticks(from: number, to: number): number[] {
  const raw = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, i) => (first + i) * step);
}

function label(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

function n(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
