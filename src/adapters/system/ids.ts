import { randomUUID } from 'node:crypto';

/** An id that is unique for ever (UUID version 4, 122 random bits). */
export function randomId(): string {
  return randomUUID();
}
