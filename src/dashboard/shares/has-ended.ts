import type { Answer } from '../api/use-answer.ts';

/** It was there, and now the controller knows of no such test. */
export function hasEnded({ data, failure }: Pick<Answer<unknown>, 'data' | 'failure'>): boolean {
  return data !== undefined && failure?.code === 'share-unknown';
}
