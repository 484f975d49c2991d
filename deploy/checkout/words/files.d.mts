export const notYet: readonly string[];
export function files(root: string): string[];
