import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildFolder } from './installation.ts';

/** One line of the build's report. */
export interface BuildItem {
  readonly name: string;
  readonly state: 'compiled' | 'skipped' | 'failed';
  readonly detail: string;
  readonly remedy: string;
  /** Of Goshawk, where it was compiled on the machine of an installed package. */
  readonly version?: string;
}

/** What the last build on this machine, or of this package, made and why not the rest; empty where there was none. */
export function buildReport(folder = buildFolder): readonly BuildItem[] {
  const file = path.join(folder, 'report.json');
  if (!existsSync(file)) return [];
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as { items?: BuildItem[] };
    return report.items ?? [];
  } catch {
    return [];
  }
}
