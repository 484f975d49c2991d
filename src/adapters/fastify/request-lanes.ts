import { type Clock, LimitError } from '../../base/index.ts';
import { BoundedMap, TokenBucket } from '../../controller/index.ts';
import { RequestGate } from './request-gate.ts';
import type { Route } from './route.ts';

/** A page of the dashboard has one, and one for each camera that is watched. */
const streamsPerToken = 64;
const commandsAtOnce = 2_000;
const commandsPerMinute = 600;
const maxTokens = 10_000;

/** What decides in which lane a request runs. */
export type LaneOf = Pick<Route, 'load' | 'method'>;
type Lane = NonNullable<Route['load']> | 'light' | 'command';

/**
 * How much of the controller one token may have: so many requests of each kind at the same time, so many commands a
 * minute, and never two handlers in one turn of the event loop, so that everything else has its own between them.
 */
export class RequestLanes {
  readonly #gates: Readonly<Record<Lane, RequestGate>>;
  readonly #clock: Clock;
  readonly #paces = new BoundedMap<TokenBucket>(
    maxTokens,
    (nowMs) => new TokenBucket(commandsAtOnce, (commandsAtOnce * 60_000) / commandsPerMinute, nowMs),
    (pace, nowMs) => pace.full(nowMs),
  );
  readonly #turns: (() => void)[] = [];

  /** `heavyAtOnce`: requests of one token that read much. */
  constructor(clock: Clock, heavyAtOnce: number) {
    this.#clock = clock;
    this.#gates = {
      light: new RequestGate(16, 256),
      command: new RequestGate(4, 64),
      heavy: new RequestGate(heavyAtOnce, 32),
      stream: new RequestGate(streamsPerToken, 0),
    };
  }

  /** Resolves with what ends the request; LimitError `too-many-requests` or `too-many-commands`. */
  async enter(route: LaneOf, token: string): Promise<() => void> {
    const lane = laneOf(route);
    if (lane === 'command') this.#pace(token);
    const leave = await this.#gates[lane].enter(token);
    await new Promise<void>((resolve) => {
      if (this.#turns.push(resolve) === 1) setImmediate(this.#nextTurn);
    });
    return leave;
  }

  #pace(token: string): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#paces.get(token, nowMs).spend(1, nowMs)) return;
    throw new LimitError(
      'too-many-commands',
      `This token gave ${commandsAtOnce} commands, and ${commandsPerMinute} more in every minute since.`,
      'Give commands to groups instead of single devices, or wait a minute.',
    );
  }

  readonly #nextTurn = (): void => {
    this.#turns.shift()?.();
    if (this.#turns.length > 0) setImmediate(this.#nextTurn);
  };
}

function laneOf({ load, method }: LaneOf): Lane {
  return load ?? (method === 'GET' ? 'light' : 'command');
}
