import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Above are those that some tests always take; above 100 the ports of a domain may be those that the kernel gives to anybody. */
const domains = 80;

/** A domain that no other test of this machine has: two of them in one would take each other's pictures. */
export function freeDomain(): number {
  for (let tries = 0; tries < domains; tries += 1) {
    const domain = ((process.pid + 31 * tries) % domains) + 1;
    const file = path.join(tmpdir(), `goshawk-test-domain-${domain}`);
    if (!claimed(file)) continue;
    process.on('exit', () => rmSync(file, { force: true }));
    return domain;
  }
  throw new Error(`All ${domains} domains are taken: see ${tmpdir()}/goshawk-test-domain-*.`);
}

function claimed(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!isLeft(file)) return false;
    rmSync(file, { force: true });
    return false;
  }
}

/** By a program that is gone: free the next time. */
function isLeft(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
