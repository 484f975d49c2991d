import type { Log } from '../../src/base/index.ts';
import type { GidSize } from '../../src/ros2/index.ts';

/**
 * Says as which releases a node announces itself on the graph: once its neighbours kept to it for some seconds, so that one that only
 * starts or looks says nothing, and each at most once in ten minutes, so that a tool that is run in a loop does not fill the log.
 */
export class SizesLog {
  readonly #log: Log;
  /** What is true now, and what was said last. */
  #now = '';
  #said = '';
  readonly #saidAtMs = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** The sizes that the neighbours speak now. */
  spoken(sizes: readonly GidSize[]): void {
    const now = sizes.map((size) => releases[size]).join(' and ');
    if (now === this.#now) return;
    this.#now = now;
    this.close();
    if (now === '' || now === this.#said) return;
    const lastMs = this.#saidAtMs.get(now) ?? Number.NEGATIVE_INFINITY;
    const waitMs = Math.max(keptForMs, lastMs + againAfterMs - performance.now());
    this.#timer = setTimeout(() => this.#say(now, sizes.length > 1), waitMs);
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #say(as: string, both: boolean): void {
    this.#said = as;
    this.#saidAtMs.set(as, performance.now());
    if (!both) {
      this.#log.info('This node announces itself on the ROS graph as its neighbours do', { as });
      return;
    }
    this.#log.warn(
      'Nodes of ROS 2 Humble and of newer releases share this graph and do not see each other’s names',
      {
        as,
        remedy: 'Give each release a separate ROS_DOMAIN_ID: newer nodes hinder the tools of Humble.',
      },
    );
  }
}

const keptForMs = 3000;
const againAfterMs = 600_000;
const releases: Readonly<Record<GidSize, string>> = { 16: 'ROS 2 Iron and newer', 24: 'ROS 2 Humble' };
