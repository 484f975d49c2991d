export function packFiles(folder: string): void;
