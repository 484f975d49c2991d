import { describe, expect, it } from 'vitest';
import { statusOf } from '../../../../src/adapters/fastify/failures.ts';
import {
  GoshawkError,
  InputError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../../../src/base/index.ts';
import { refusal } from '../../../../src/runtime/fleet/refusal.ts';

const answered = (status: number, body: unknown) => refusal(Response.json(body, { status }));

describe('What the controller refuses', () => {
  it.each([
    new InputError('version-unknown', 'm', 'r'),
    new InputError('frame-incomplete', 'm', 'r'),
    new MissingError('device-unknown', 'm', 'r'),
    new MissingError('device-silent', 'm', 'r'),
    new MissingError('device-offline', 'm', 'r'),
    new MissingError('broker-away', 'm', 'r'),
    new RefusedError('rollout-overlap', 'm', 'r'),
    new RefusedError('token-refused', 'm', 'r'),
    new RefusedError('forbidden', 'm', 'r'),
    new LimitError('file-too-large', 'm', 'r'),
    new LimitError('request-slow', 'm', 'r'),
    new LimitError('range-too-wide', 'm', 'r'),
    new LimitError('too-many-requests', 'm', 'r'),
    new LimitError('database-full', 'm', 'r'),
    new GoshawkError('internal', 'm', 'r'),
  ])('is of the same kind for who asked: %o', async (error) => {
    const { code, message, remedy } = error;
    const got = await answered(statusOf(error), { code, message, remedy });
    expect(got.constructor).toBe(error.constructor);
    expect(got).toMatchObject({ code, message, remedy });
  });

  it.each([
    [502, 'Bad Gateway', 'controller-unreachable', 'A proxy answers 502 Bad Gateway'],
    [418, 'A Teapot', 'controller-answer', 'The controller answered 418 A Teapot.'],
  ])('is said as it is where no controller said it: %d', async (status, statusText, code, message) => {
    const got = await refusal(new Response('<html>', { status, statusText }));
    expect(got).toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
