/** `ann (3f2a)` is ann to a person. */
export function personOf(actor: string): string {
  return actor.replace(/ \([^)]*\)$/, '');
}
