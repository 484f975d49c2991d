export function files(root: string): string[];
