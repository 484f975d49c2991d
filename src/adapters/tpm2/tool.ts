import { type ChildProcess, spawn } from 'node:child_process';
import { explainFailure, type ToolFailure } from './failure.ts';

/** Of what a program says. */
const maxOutput = 16_384;

/**
 * Runs programs of tpm2-tools, secrets by pipes alone.
 *
 * INVARIANT: at most one program at a time: one that can't even be killed (the driver holds it) is waited for, and not joined.
 */
export class Tpm2Tool {
  readonly #environment: NodeJS.ProcessEnv;
  #last: ChildProcess | undefined;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** What it wrote to its standard output. */
  run(
    program: string,
    args: readonly string[],
    { folder, signal, input }: { folder: string; signal: AbortSignal; input?: Uint8Array },
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let said = '';
      const fail = (kind: ToolFailure['kind']) => {
        settled();
        reject(explainFailure({ program, kind, said: said.trim().slice(-2000) }));
      };
      if (signal.aborted) return reject(explainFailure({ program, kind: 'too-late', said }));
      const last = this.#last;
      if (last !== undefined && last.exitCode === null && last.signalCode === null && last.pid !== undefined)
        return reject(explainFailure({ program, kind: 'still-there', said }));
      const child = spawn(program, args, { cwd: folder, env: this.#environment, stdio: 'pipe' });
      this.#last = child;
      const output: Buffer[] = [];
      let size = 0;
      const tooLate = () => {
        child.kill('SIGKILL');
        // A grandchild may hold the pipes open.
        for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
        child.unref();
        fail('too-late');
      };
      const settled = () => signal.removeEventListener('abort', tooLate);
      signal.addEventListener('abort', tooLate, { once: true });
      child.stdout.on('data', (bytes: Buffer) => {
        size += bytes.length;
        if (size <= maxOutput) output.push(bytes);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = `${said}${text}`.slice(-maxOutput);
      });
      child.once('error', (error: NodeJS.ErrnoException) => {
        said = error.message;
        fail(error.code === 'ENOENT' ? 'not-installed' : 'ended');
      });
      // It may end before it read everything: its status tells why.
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
      child.once('close', (status) => {
        if (status !== 0 || size > maxOutput) return fail('ended');
        settled();
        resolve(Buffer.concat(output));
        for (const piece of output) piece.fill(0);
      });
    });
  }
}
