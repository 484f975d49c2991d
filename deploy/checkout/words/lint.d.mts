export interface Found {
  readonly line: number;
  readonly message: string;
}
export function lintMarkdown(text: string, lines?: boolean): Promise<Found[]>;
export function lintCode(code: string, loader?: 'ts' | 'tsx'): Promise<Found[]>;
export function lintFile(root: string, file: string): Promise<Found[]>;
