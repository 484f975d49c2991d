import { readFileSync } from 'node:fs';

/** A small file of the kernel (/proc), without line end and NUL; undefined where it is not there or not readable. */
export function kernelText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', '').trim();
  } catch {
    return undefined;
  }
}
