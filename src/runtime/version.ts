import { existsSync, readFileSync } from 'node:fs';

/** From package.json, which lies above src/runtime in the checkout and above dist/src/runtime when installed. */
export function goshawkVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    const url = new URL(path, import.meta.url);
    if (!existsSync(url)) continue;
    const parsed = JSON.parse(readFileSync(url, 'utf8')) as {
      readonly name?: string;
      readonly version?: string;
    };
    if (parsed.name === 'goshawk' && parsed.version !== undefined) return parsed.version;
  }
  return 'unknown';
}
