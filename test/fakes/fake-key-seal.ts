import type { KeySeal } from '../../src/agent/index.ts';
import { MissingError, RefusedError } from '../../src/base/index.ts';

/** A TPM in memory: what it sealed stands in a text that names only where it lies in it. */
export class FakeTpm {
  readonly secrets = new Map<string, Uint8Array>();
  /** Counts starts with another firmware. */
  firmware = 0;
  answers = true;
  /** How often it was asked to open something. */
  opened = 0;
}

export class FakeKeySeal implements KeySeal {
  readonly #tpm: FakeTpm;
  readonly #pcrs: string;

  constructor(tpm: FakeTpm, pcrs: readonly number[] = []) {
    this.#tpm = tpm;
    this.#pcrs = [...pcrs].sort((a, b) => a - b).join();
  }

  async seal(secret: Uint8Array): Promise<string> {
    this.#expectAnswer();
    const bound = this.#pcrs === '' ? '' : String(this.#tpm.firmware);
    const text = `SEALED;${this.#tpm.secrets.size};${this.#pcrs};${bound};end`;
    this.#tpm.secrets.set(text, Uint8Array.from(secret));
    return text;
  }

  async open(sealed: string): Promise<Uint8Array> {
    this.#tpm.opened++;
    this.#expectAnswer();
    const secret = this.#tpm.secrets.get(sealed);
    const bound = sealed.split(';')[3];
    if (secret === undefined || (bound !== '' && bound !== String(this.#tpm.firmware)))
      throw new RefusedError('fake-refused', 'Not sealed here.', 'Start anew.');
    return Uint8Array.from(secret);
  }

  isCurrent(sealed: string): boolean {
    return sealed.split(';')[2] === this.#pcrs;
  }

  #expectAnswer(): void {
    if (!this.#tpm.answers) throw new MissingError('fake-hangs', 'No answer.', 'Ask later.');
  }
}
