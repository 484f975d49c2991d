import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeySeal } from '../../agent/index.ts';
import { defined } from '../../base/index.ts';
import { type SealedObject, sealedObjectOf, sealedText } from './sealed-object.ts';
import { Tpm2Tool } from './tool.ts';

export interface Tpm2SealOptions {
  /** Platform configuration registers that the secret is bound to. */
  readonly pcrs?: readonly number[];
  /** How long one operation may take, all its programs together. */
  readonly limitMs?: () => number;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Sealing and opening together stay far below the start limit of the agent's unit. */
const usualLimitMs = 20_000;
/** Written out, since it must be the same for ever: the primary key is made anew from the TPM's seed each time. */
const primaryAttributes = 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|decrypt|noda';
const primaryFile = 'primary.ctx';

type Run = (program: string, args: readonly string[], input?: Uint8Array) => Promise<Buffer>;

/** Sealed data objects of a TPM 2.0, below a primary key of the owner hierarchy that is nowhere stored. */
export class Tpm2Seal implements KeySeal {
  readonly #pcrs: readonly number[];
  readonly #limitMs: () => number;
  readonly #tool: Tpm2Tool;
  /** Without a resource manager what is loaded stays in the TPM, which has room for three. */
  readonly #flush: boolean;

  constructor({ pcrs = [], limitMs = () => usualLimitMs, environment = process.env }: Tpm2SealOptions = {}) {
    this.#pcrs = [...new Set(pcrs)].sort((a, b) => a - b);
    this.#limitMs = limitMs;
    const place = environment.TPM2TOOLS_TCTI ?? 'device:/dev/tpmrm0';
    this.#flush = /^(swtpm|mssim):/.test(place);
    this.#tool = new Tpm2Tool({ ...environment, TPM2TOOLS_TCTI: place });
  }

  seal(secret: Uint8Array): Promise<string> {
    return this.#work(async (run, folder) => {
      const bound = this.#pcrs.length > 0;
      if (bound)
        await run('tpm2_createpolicy', ['-Q', '--policy-pcr', '-l', pcrList(this.#pcrs), '-L', 'policy']);
      const kind = bound
        ? ['-L', 'policy', '-a', 'fixedtpm|fixedparent|noda']
        : ['-a', 'fixedtpm|fixedparent|userwithauth|noda'];
      const parts = ['-u', 'key.pub', '-r', 'key.priv'];
      await run('tpm2_create', ['-Q', '-C', primaryFile, '-i', '-', ...parts, ...kind], secret);
      return sealedText({
        public: await readFile(join(folder, 'key.pub')),
        private: await readFile(join(folder, 'key.priv')),
        pcrs: this.#pcrs,
      });
    });
  }

  async open(sealed: string): Promise<Uint8Array> {
    const object = sealedObjectOf(sealed);
    return this.#work(async (run, folder) => {
      await writeFile(join(folder, 'key.pub'), object.public, { mode: 0o600 });
      await writeFile(join(folder, 'key.priv'), object.private, { mode: 0o600 });
      const parts = ['-u', 'key.pub', '-r', 'key.priv'];
      await run('tpm2_load', ['-Q', '-C', primaryFile, ...parts, '-c', 'key.ctx']);
      return run('tpm2_unseal', ['-c', 'key.ctx', ...authorization(object)]);
    });
  }

  isCurrent(sealed: string): boolean {
    return sealedObjectOf(sealed).pcrs.join() === this.#pcrs.join();
  }

  /** In a separate folder without plain text: keys as the TPM exports them, encrypted. */
  async #work<T>(work: (run: Run, folder: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'goshawk-tpm-'));
    const signal = AbortSignal.timeout(this.#limitMs());
    const run: Run = async (program, args, input) => {
      if (this.#flush) await this.#tool.run('tpm2_flushcontext', ['-t'], { folder, signal });
      return this.#tool.run(program, args, { folder, signal, ...defined({ input }) });
    };
    try {
      const kind = ['-g', 'sha256', '-G', 'ecc256:aes128cfb', '-a', primaryAttributes];
      await run('tpm2_createprimary', ['-Q', '-C', 'o', ...kind, '-c', primaryFile]);
      return await work(run, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

function authorization({ pcrs }: SealedObject): string[] {
  return pcrs.length === 0 ? [] : ['-p', `pcr:${pcrList(pcrs)}`];
}

function pcrList(pcrs: readonly number[]): string {
  return `sha256:${pcrs.join(',')}`;
}
