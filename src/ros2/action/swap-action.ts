import { CancelledError, type Clock, describeError, type Log, silentLog } from '../../base/index.ts';
import { CdrWriter } from '../cdr/cdr-writer.ts';
import {
  type GoalInfo,
  type SwapFeedback,
  writeGoalStatuses,
  writeSwapFeedback,
} from '../messages/actions.ts';
import type { ModelName, SwapResult } from '../messages/goshawk-services.ts';
import type { ServiceResponse } from '../messages/services.ts';
import type { RosEndpoint, RosNode, RosPublisher } from '../node/node-port.ts';
import { qosProfiles } from '../node/qos.ts';
import { cancelCodes, GoalSet } from './goal-set.ts';
import { goalStatusNumbers } from './goal-table.ts';

export interface SwapProgress extends SwapFeedback {
  /** It could still be given up, with the model before in its place. */
  readonly cancellable: boolean;
}

/**
 * Brings a model up in the place of the one that serves, and gives its digest. Rejects with the reason, or with a
 * CancelledError; the model before serves then.
 */
export type SwapWork = (
  goal: ModelName,
  onProgress: (progress: SwapProgress) => void,
  signal: AbortSignal,
) => Promise<string>;

export interface SwapActionOptions {
  readonly node: RosNode;
  readonly clock: Clock;
  readonly swap: SwapWork;
  readonly log?: Log;
}

type Outcome = ServiceResponse<'goshawk_msgs/action/SwapModel_GetResult'>;

const name = '~/swap_model';
const unknown: Outcome = {
  status: goalStatusNumbers.unknown,
  result: { ok: false, digest: '', reason: 'The goal does not exist.' },
};
/** Clients that may wait for a result at the same time. */
const mostWaiting = 32;

/** The action `~/swap_model` (goshawk_msgs/action/SwapModel): three services and two topics, as rcl_action has them. */
export class SwapAction {
  readonly #options: SwapActionOptions;
  readonly #log: Log;
  readonly #goals = new GoalSet<SwapResult>();
  readonly #writer = new CdrWriter();
  readonly #feedback: RosPublisher;
  readonly #status: RosPublisher;
  readonly #endpoints: readonly RosEndpoint[];
  #work: { readonly stop: AbortController; cancellable: boolean; told: string } | undefined;
  #closed = false;
  #waiting: { readonly goalId: string; readonly resolve: (outcome: Outcome) => void }[] = [];

  constructor(options: SwapActionOptions) {
    const { node, log = silentLog } = options;
    this.#options = options;
    this.#log = log;
    const at = (part: string) => `${name}/_action/${part}`;
    this.#feedback = node.advertise(
      at('feedback'),
      'goshawk_msgs/action/SwapModel_FeedbackMessage',
      qosProfiles.standard,
    );
    this.#status = node.advertise(at('status'), 'action_msgs/msg/GoalStatusArray', qosProfiles.latched);
    this.#endpoints = [
      node.serve(at('send_goal'), 'goshawk_msgs/action/SwapModel_SendGoal', ({ goalId, goal }) =>
        this.#send(goalId, goal),
      ),
      node.serve(at('cancel_goal'), 'action_msgs/srv/CancelGoal', ({ goal }) => this.#cancel(goal)),
      node.serve(at('get_result'), 'goshawk_msgs/action/SwapModel_GetResult', ({ goalId }) =>
        this.#result(goalId),
      ),
    ];
    this.#tellStatus();
  }

  /** What is under way is given up where that is possible; who waits for it gets no answer. */
  close(): void {
    this.#closed = true;
    if (this.#work?.cancellable === true) this.#work.stop.abort();
    this.#waiting = [];
    for (const endpoint of [...this.#endpoints, this.#feedback, this.#status]) endpoint.close();
  }

  #send(goalId: string, goal: ModelName): ServiceResponse<'goshawk_msgs/action/SwapModel_SendGoal'> {
    const { clock } = this.#options;
    const stampNs = clock.wallNs();
    const accepted = this.#goals.accept({ goalId, stampNs }, clock.monotonicMs());
    if (!accepted) {
      this.#log.warn('A goal is rejected: another one is in progress, or its id is known', { goal: goalId });
      return { accepted, stampNs };
    }
    this.#work = { stop: new AbortController(), cancellable: true, told: '' };
    this.#tellStatus();
    // Whoever asked hears that it is accepted first.
    this.#options.clock.after(0, () => void this.#run(goalId, goal));
    return { accepted, stampNs };
  }

  async #run(goalId: string, goal: ModelName): Promise<void> {
    const work = this.#work;
    if (work === undefined) return;
    if (this.#goals.stateOf(goalId) === 'accepted') this.#goals.move(goalId, 'execute');
    this.#tellStatus();
    try {
      if (work.stop.signal.aborted) throw new CancelledError('The swap');
      const report = (progress: SwapProgress) => this.#report(goalId, progress);
      const digest = await this.#options.swap(goal, report, work.stop.signal);
      this.#end(goalId, 'succeed', { ok: true, digest, reason: '' });
    } catch (error) {
      const canceled = this.#goals.stateOf(goalId) === 'canceling' && error instanceof CancelledError;
      const result = { ok: false, digest: '', reason: describeError(error).slice(0, 2000) };
      this.#end(goalId, canceled ? 'canceled' : 'abort', result);
    }
  }

  #end(goalId: string, event: 'succeed' | 'abort' | 'canceled', result: SwapResult): void {
    this.#goals.end(goalId, event, result, this.#options.clock.monotonicMs());
    this.#work = undefined;
    this.#tellStatus();
    const waiting = this.#waiting.filter((one) => one.goalId === goalId);
    this.#waiting = this.#waiting.filter((one) => one.goalId !== goalId);
    for (const { resolve } of waiting) resolve(this.#outcome(goalId));
  }

  #report(goalId: string, { state, percent, cancellable }: SwapProgress): void {
    const work = this.#work;
    if (work === undefined || this.#closed || this.#goals.active !== goalId) return;
    work.cancellable = cancellable;
    const feedback = { state, percent: Math.max(0, Math.min(100, Math.round(percent))) };
    const told = `${feedback.state} ${feedback.percent}`;
    if (told === work.told) return;
    work.told = told;
    try {
      this.#feedback.publish(writeSwapFeedback(this.#writer, { goalId, feedback }));
    } catch (error) {
      // The swap does not end for it.
      this.#log.warn('The progress of a goal was not told', { reason: describeError(error) });
    }
  }

  #cancel(asked: GoalInfo): ServiceResponse<'action_msgs/srv/CancelGoal'> {
    const { goals, code } = this.#goals.meant(asked);
    const work = this.#work;
    if (goals.length === 0 || work === undefined) return { returnCode: code, canceling: [] };
    // A model that is kept already can't be given up by the way: whoever wants the old one asks for it.
    if (!work.cancellable) return { returnCode: cancelCodes.rejected, canceling: [] };
    for (const { goalId } of goals) this.#goals.move(goalId, 'cancel');
    this.#tellStatus();
    work.stop.abort();
    return { returnCode: cancelCodes.none, canceling: goals };
  }

  #result(goalId: string): Outcome | Promise<Outcome> {
    if (this.#goals.active !== goalId) return this.#outcome(goalId);
    if (this.#waiting.length >= mostWaiting) return { ...unknown, result: tooMany };
    return new Promise((resolve) => {
      this.#waiting.push({ goalId, resolve });
    });
  }

  #outcome(goalId: string): Outcome {
    const state = this.#goals.stateOf(goalId);
    const result = this.#goals.resultOf(goalId);
    return state === undefined || result === undefined
      ? unknown
      : { status: goalStatusNumbers[state], result };
  }

  #tellStatus(): void {
    if (this.#closed) return;
    try {
      this.#status.publish(writeGoalStatuses(this.#writer, this.#goals.statuses()));
    } catch (error) {
      // Whoever waits for the result gets it all the same.
      this.#log.warn('The status of goals was not told', { reason: describeError(error) });
    }
  }
}

const tooMany: SwapResult = { ok: false, digest: '', reason: 'Too many wait for this result.' };
