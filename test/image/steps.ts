/* What a run of `npm test -- image` looked at, with times. */

export interface Found {
  readonly [name: string]: string | number | boolean;
}

export class Steps {
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  /** Prints one line; gives whether it went well. */
  async step(name: string, action: () => Promise<Found | undefined>): Promise<boolean> {
    const began = performance.now();
    const seconds = () => ((performance.now() - began) / 1000).toFixed(1).padStart(6);
    try {
      const found = await action();
      this.#passed += 1;
      console.log(`ok  ${seconds()} s  ${name}${found === undefined ? '' : ` ${JSON.stringify(found)}`}`);
      return true;
    } catch (error) {
      this.#failed += 1;
      console.log(
        `BAD ${seconds()} s  ${name}\n    ${error instanceof Error ? error.message : String(error)}`,
      );
      return false;
    }
  }

  /** What fails because nobody answers, as `silence` knows it, is skipped. */
  async stepOrSkip(
    name: string,
    silence: RegExp,
    action: () => Promise<Found | undefined>,
  ): Promise<boolean> {
    let quiet = false;
    const done = await this.step(name, () =>
      action().catch((error: Error) => {
        quiet = silence.test(error.message);
        throw error;
      }),
    );
    if (quiet) {
      this.#failed -= 1;
      this.skip(name, 'a registry does not answer');
    }
    return done;
  }

  skip(name: string, reason: string): void {
    this.#skipped += 1;
    console.log(`skipped: ${name}: ${reason}`);
  }

  /** Counts what another process of this test printed. */
  add({ last, status }: { readonly last: string; readonly status: number | null }): void {
    const [, passed, failed] = /^(\d+) passed, (\d+) failed/.exec(last) ?? [];
    this.#passed += Number(passed ?? 0);
    // One that did not come to its end has failed, whatever it counted.
    this.#failed += passed === undefined || (status !== 0 && failed === '0') ? 1 : Number(failed);
  }

  /** Prints the closing line; gives the exit status. */
  close(): number {
    console.log(`${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`);
    return this.#failed === 0 ? 0 : 1;
  }
}
