import { CancelledError } from '../../base/index.ts';
import type { CommandContext } from '../../cli/command.ts';
import type { Progress as Bar } from '../../cli/output.ts';
import type { Progress } from '../../optimize/index.ts';

/** Shows stages one after another; a bar on a terminal, a line per stage elsewhere. Ends the work on Ctrl+C. */
export class Stages {
  private readonly context: CommandContext;
  private stage = '';
  private done = 0;
  private bar: Promise<Bar> | undefined;

  constructor(context: CommandContext) {
    this.context = context;
  }

  readonly report: Progress = (stage, done, total) => {
    if (this.context.signal.aborted) throw new CancelledError('The optimization');
    if (stage !== this.stage) {
      this.close();
      this.stage = stage;
      this.done = 0;
      // A search has many trials; on a terminal each is a bar, in a log they would only be noise.
      if (process.stderr.isTTY !== true && !stage.startsWith('searching, trial'))
        this.context.output.note(stage);
      this.bar = this.context.output.progress(stage, total);
    }
    const step = done - this.done;
    this.done = done;
    void this.bar?.then((bar) => bar.advance(step));
  };

  close(): void {
    void this.bar?.then((bar) => bar.stop());
    this.bar = undefined;
  }
}
