import type { Progress } from '../../runtime/index.ts';
import type { Output } from '../output.ts';

/** Shows stages one after another; a bar on a terminal, a line per stage elsewhere. */
export class Stages {
  readonly #output: Output;
  #stage = '';
  #done = 0;
  #bar: Promise<Progress> | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  readonly show = (stage: string, done: number, total: number): void => {
    if (stage !== this.#stage) {
      this.close();
      this.#stage = stage;
      this.#done = 0;
      // A search has many trials; on a terminal each is a bar, in a log they would only be noise.
      if (process.stderr.isTTY !== true && !stage.startsWith('searching, trial')) this.#output.note(stage);
      this.#bar = this.#output.progress(stage, total);
    }
    const step = done - this.#done;
    this.#done = done;
    void this.#bar?.then((bar) => bar.advance(step));
  };

  close(): void {
    void this.#bar?.then((bar) => bar.stop());
    this.#bar = undefined;
  }
}
