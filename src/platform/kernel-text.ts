import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** A small file of the kernel (/proc), without line end and NUL; undefined where it is not there or not readable. */
export function kernelText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', '').trim();
  } catch {
    return undefined;
  }
}

/** The same for files of sensors (/sys), which may take their time. */
export async function readKernelText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).replaceAll('\0', '').trim();
  } catch {
    return undefined;
  }
}

/** Undefined where it is not there, or no number. */
export async function readKernelNumber(path: string): Promise<number | undefined> {
  const value = await readKernelText(path);
  return value === undefined || value === '' || !Number.isFinite(Number(value)) ? undefined : Number(value);
}

/** What is in a folder, in order; nothing where it is not there. */
export async function kernelNames(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
