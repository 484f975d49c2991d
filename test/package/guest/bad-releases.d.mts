type Change = (edit: (path: string, by: (text: string) => string) => void) => void;
export const badReleases: readonly (readonly [what: string, next: string, change: Change])[];
export function madeOf(deb: string, folder: string, next: string, change?: Change): string;
