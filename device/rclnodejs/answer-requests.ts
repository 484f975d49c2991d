import { describeError, type Log } from '../../src/base/index.ts';
import { PacedQueue } from '../../src/platform/index.ts';
import {
  type Answer,
  answerPace,
  noRoomForRequest,
  qosProfiles,
  refusal,
  type ServiceResponse,
  type ServiceType,
} from '../../src/ros2/index.ts';
import type { RclServiceListener } from './load.ts';
import { fromRosRequest, parametersIn, toRosResponse } from './service-objects.ts';

/** What a service of rclnodejs needs of its node. */
export interface AnswerOptions {
  readonly service: string;
  readonly log: Log;
  isGone(): boolean;
}

/** Answers the requests of a service at the pace of their clients; what is not done is refused. */
export function answerRequests<Type extends ServiceType>(
  type: Type,
  answer: Answer<Type>,
  { service, log, isGone }: AnswerOptions,
): { readonly listener: RclServiceListener; close(): void } {
  const waiting = new PacedQueue<() => void>(answerPace, (answerOne) => isGone() || answerOne());
  const listener: RclServiceListener = (request, response) => {
    const send = (answered: ServiceResponse<Type>) => response.send(toRosResponse(type, answered));
    const refuse = (reason: string) => send(refusal(type, reason, parametersIn(request)));
    const failed = (error: unknown) => {
      if (isGone()) return;
      const reason = describeError(error);
      log.warn('A service request is refused', { service, reason });
      refuse(reason);
    };
    if (waiting.length >= qosProfiles.services.depth) return refuse(noRoomForRequest);
    waiting.add(() => {
      try {
        const answered = answer(fromRosRequest(type, request));
        if (!(answered instanceof Promise)) send(answered);
        else void answered.then((late) => isGone() || send(late)).catch(failed);
      } catch (error) {
        failed(error);
      }
    });
  };
  return { listener, close: () => waiting.close() };
}
