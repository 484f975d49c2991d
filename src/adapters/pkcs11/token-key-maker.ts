import { execFile } from 'node:child_process';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { asGoshawkError, MissingError, RefusedError } from '../../base/index.ts';
import { installRemedy } from '../../platform/index.ts';
import { isKeyReference, keyReference } from './key-reference.ts';
import type { Token } from './token.ts';

/** Runs a program with the PIN in its environment; what it said, or a rejection with what went wrong. */
export type ToolRunner = (program: string, args: readonly string[], pin: string) => Promise<string>;

const pinVariable = 'GOSHAWK_PKCS11_PIN';
const toolMs = 60_000;

/** Makes keys inside of a token (P-256, not to be taken out), and gives references to them. */
export class TokenKeyMaker {
  readonly #token: Token;
  readonly #object: string;
  readonly #run: ToolRunner;
  readonly #derives: boolean;

  /** `object`: what the key is called in the token. `derives`: it also opens what is encrypted for it, where it may. */
  constructor(token: Token, object: string, run: ToolRunner = runTool, derives = false) {
    this.#token = token;
    this.#object = object;
    this.#run = run;
    this.#derives = derives;
  }

  /** The reference; makes the key where the token has none of this name. */
  async make(): Promise<string> {
    const reference = this.#reference();
    if (opens(reference)) return reference;
    await this.prepare();
    if (opens(reference)) return reference;
    throw new MissingError(
      'token-key-unseen',
      `The token has the key ${this.#object}, and this process does not see it.`,
      'Some libraries look only when they are loaded: restart the program. Otherwise check the PIN.',
    );
  }

  /** The same by the tool alone: in a process that OpenSSL's provider is not in yet. */
  async prepare(): Promise<void> {
    const pin = await readPin(this.#token);
    const object = ['--label', this.#object];
    const found = await this.#tool(['--read-object', '--type', 'pubkey', ...object], pin).catch(() => '');
    if (found !== '') return;
    // By its id the provider finds the public half.
    const id = ['--id', randomBytes(8).toString('hex')];
    const make = ['--keypairgen', '--key-type', 'EC:prime256v1', ...object, ...id, '--usage-sign'];
    if (!this.#derives) await this.#tool(make, pin);
    // A token that gives no key both uses still has one for certificates.
    else await this.#tool([...make, '--usage-derive'], pin).catch(() => this.#tool(make, pin));
  }

  /** Whether what stands in a key file names the key of this maker, and the token has it. */
  fits(pem: string): boolean {
    return pem === this.#reference() && opens(pem);
  }

  #reference(): string {
    return keyReference({ token: this.#token.label, object: this.#object });
  }

  #tool(args: readonly string[], pin: string): Promise<string> {
    const { module, label } = this.#token;
    const token = ['--module', module, '--token-label', label, '--login', '--pin', `env:${pinVariable}`];
    return this.#run('pkcs11-tool', [...token, ...args], pin);
  }
}

/** Whether OpenSSL finds the key, with its provider. */
function opens(pem: string): boolean {
  try {
    return isKeyReference(pem) && createPrivateKey(pem).asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    return false;
  }
}

async function readPin({ pinFile }: Token): Promise<string> {
  try {
    if (((await stat(pinFile)).mode & 0o007) !== 0)
      throw new RefusedError(
        'pin-open',
        `Every user of this machine can read ${pinFile}.`,
        `chmod 600 ${pinFile}, and change the PIN if others could log in.`,
      );
    return (await readFile(pinFile, 'utf8')).split('\n')[0] ?? '';
  } catch (error) {
    throw asGoshawkError(error, 'pin-missing', `Put the PIN of the token into ${pinFile}, for this user.`);
  }
}

/** The PIN goes by the environment: an argument stands in the process list. */
export const runTool: ToolRunner = (program, args, pin) =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, [pinVariable]: pin };
    execFile(program, args, { env, timeout: toolMs, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const said = stderr.trim().split('\n').slice(-2).join(' ').slice(0, 300);
      reject(
        absent
          ? new MissingError(
              'pkcs11-tool-missing',
              `${program}, which makes keys in a token, is not installed.`,
              installRemedy('opensc'),
            )
          : new MissingError(
              'token-away',
              `The token does not answer: ${said || error.message}.`,
              'List it with pkcs11-tool --module MODULE --list-token-slots, and check label and PIN.',
            ),
      );
    });
  });
