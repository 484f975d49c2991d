/* What a run of `npm run test:image` looked at, with times. */

export interface Found {
  readonly [name: string]: string | number | boolean;
}

export class Steps {
  #passed = 0;
  #failed = 0;

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

  /** Prints the closing line; gives the exit status. */
  close(): number {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0 ? 0 : 1;
  }
}
