/** What went wrong with a request, in words, with what to do about it. */
export interface Failure {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export class RequestError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'RequestError';
    this.failure = failure;
  }
}

const remedies: Readonly<Record<number, string>> = {
  401: 'Sign in with a valid token. goshawk token create makes a new one.',
  403: 'Ask an administrator for a token with a higher role.',
  404: 'It may have been deleted. Choose another one.',
  413: 'Send less data at once.',
  429: 'Wait a moment and try again.',
  503: 'The controller is starting or overloaded. Try again in a moment.',
};

function textIn(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value = (body as Record<string, unknown>)[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A registry puts what went wrong into a list. */
function nestedIn(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  if ('errors' in body && Array.isArray(body.errors)) return body.errors[0];
  return 'error' in body ? body.error : undefined;
}

/** The failure that a controller's answer describes; the body may be anything, a proxy's HTML page too. */
export function failureOf(status: number, body: unknown): Failure {
  const nested = nestedIn(body);
  const source = typeof nested === 'object' && nested !== null ? nested : body;
  return {
    status,
    code: textIn(source, 'code') ?? `http-${status}`,
    message: textIn(source, 'message') ?? `The controller answered with status ${status}.`,
    remedy: textIn(source, 'remedy') ?? remedies[status] ?? "See the controller's log for the cause.",
  };
}

export const noAnswer: Failure = {
  status: 0,
  code: 'no-answer',
  message: 'The controller did not respond.',
  remedy: 'Check that it is running and that this machine can reach it. The page retries automatically.',
};

/** Any thrown value as a failure. */
export function asFailure(error: unknown): Failure {
  if (error instanceof RequestError) return error.failure;
  return { ...noAnswer, code: 'page-error', message: String(error), remedy: 'Reload the page.' };
}
