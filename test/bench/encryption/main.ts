/** What encryption costs: `npm run bench -- encryption`. CPU time of this process, the best of five. */
import { createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBase, sealBase } from '../../../src/adapters/sealing/hpke.ts';
import { newBundleKey, openSealed, sealFile } from '../../../src/adapters/sealing/index.ts';
import { digestFile } from '../../../src/platform/index.ts';

const megabytes = 50;
const folder = mkdtempSync(join(tmpdir(), 'goshawk-encryption-'));
const path = (name: string) => join(folder, name);

async function cpuMs(work: () => unknown, repeats = 1): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < repeats; i++) await work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000 / repeats);
  }
  return best;
}

try {
  const network = randomBytes(megabytes * 1e6);
  writeFileSync(path('plain'), network);
  const plain = {
    digest: `sha256:${createHash('sha256').update(network).digest('hex')}`,
    size: network.length,
  };
  const key = newBundleKey();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const context = { info: Buffer.from('info'), aad: Buffer.from('aad') };
  const wrapped = sealBase(publicKey, key, context);
  const owner = generateKeyPairSync('ed25519');
  const metadata = randomBytes(4000);
  const signature = sign(null, metadata, owner.privateKey);
  const seal = async () => {
    rmSync(path('sealed'), { force: true });
    await sealFile(path('plain'), path('sealed'), plain, key);
  };
  const rows: [string, number][] = [
    [
      `checking the digest of ${megabytes} MB, plain (each start)`,
      await cpuMs(() => digestFile(path('plain'))),
    ],
    [`encrypting ${megabytes} MB (once, by the owner)`, await cpuMs(seal)],
    [
      `checking the digest of ${megabytes} MB, encrypted (each start)`,
      await cpuMs(() => digestFile(path('sealed'))),
    ],
    [
      `decrypting ${megabytes} MB, with the check of what comes out (each load)`,
      await cpuMs(() => openSealed(path('sealed'), plain, key)),
    ],
    ['wrapping the key for one device', await cpuMs(() => sealBase(publicKey, key, context), 200)],
    ['unwrapping it (each load)', await cpuMs(() => openBase(privateKey, wrapped, context), 200)],
    [
      'checking one Ed25519 signature of 4 kB',
      await cpuMs(() => verify(null, metadata, owner.publicKey, signature), 200),
    ],
  ];
  const grown = statSync(path('sealed')).size - plain.size;
  for (const [what, ms] of rows) console.log(`${ms.toFixed(ms < 10 ? 2 : 0).padStart(8)} ms  ${what}`);
  console.log(
    `${String(grown).padStart(8)} bytes more than the plain file (${((100 * grown) / plain.size).toFixed(3)} %)`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
