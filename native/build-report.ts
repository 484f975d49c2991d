import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One line of the build's report. */
export interface BuildItem {
  readonly name: string;
  readonly state: 'compiled' | 'skipped' | 'failed';
  readonly detail: string;
  readonly remedy: string;
}

const folders = [
  path.join(import.meta.dirname, 'build'),
  path.join(import.meta.dirname, '../../native/build'),
];
/** From the sources it is beside this file; from dist/native it is beside dist. */
export const buildFolder =
  folders.find((folder) => existsSync(path.join(folder, 'report.json'))) ?? folders[0]!;

/** What the last build on this machine made and why not the rest; empty where there was none. */
export function buildReport(): readonly BuildItem[] {
  const file = path.join(buildFolder, 'report.json');
  if (!existsSync(file)) return [];
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as { items?: BuildItem[] };
    return report.items ?? [];
  } catch {
    return [];
  }
}
