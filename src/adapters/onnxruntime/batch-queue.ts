export interface BatchQueueOptions {
  /** Runs side by side. */
  readonly parallel: number;
  /** Jobs in one run at most. */
  readonly most: number;
  /** A job waits so long for others to run with. */
  readonly waitMs: number;
}

interface Waiting<Job, Answer> {
  readonly job: Job;
  readonly sinceMs: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects jobs to runs: a run begins when it is full, or its first job has waited long enough, and a place is free. */
export class BatchQueue<Job, Answer> {
  readonly #options: BatchQueueOptions;
  readonly #run: (place: number, jobs: readonly Job[]) => Promise<readonly (Answer | Error)[]>;
  readonly #waiting: Waiting<Job, Answer>[] = [];
  readonly #free: number[];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `run` answers in the order of its jobs: each with what it gave, or an error of its own. */
  constructor(
    options: BatchQueueOptions,
    run: (place: number, jobs: readonly Job[]) => Promise<readonly (Answer | Error)[]>,
  ) {
    this.#options = options;
    this.#run = run;
    this.#free = Array.from({ length: options.parallel }, (_, place) => place);
  }

  add(job: Job): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, sinceMs: performance.now(), resolve, reject });
      this.#begin();
    });
  }

  #begin(): void {
    const { most, waitMs } = this.#options;
    clearTimeout(this.#timer);
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#free.length === 0) return;
      const restMs = most === 1 ? 0 : first.sinceMs + waitMs - performance.now();
      if (this.#waiting.length < most && restMs > 0) {
        this.#timer = setTimeout(() => this.#begin(), Math.ceil(restMs));
        return;
      }
      void this.#start(this.#free.shift()!, this.#waiting.splice(0, most));
    }
  }

  async #start(place: number, some: readonly Waiting<Job, Answer>[]): Promise<void> {
    try {
      const answers = await this.#run(
        place,
        some.map(({ job }) => job),
      );
      for (const [i, { resolve, reject }] of some.entries()) {
        const answer = answers[i];
        if (answer instanceof Error) reject(answer);
        else resolve(answer as Answer);
      }
    } catch (error) {
      for (const { reject } of some) reject(error);
    } finally {
      this.#free.push(place);
      this.#begin();
    }
  }
}
