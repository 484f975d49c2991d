import type { ClientRequest } from 'node:http';

/**
 * Ends a request that gets no answer. Where the other side answers 101 (Switching Protocols), Node closes the connection and
 * reports neither a response nor an error, and no signal ends the request after that.
 */
export function rejectUnanswered(request: ClientRequest, reject: (error: Error) => void): void {
  request.once('close', () => reject(new Error('the connection was closed without an answer')));
}
