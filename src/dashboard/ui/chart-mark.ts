/** Something that happened, on the time axis. */
export interface ChartMark {
  readonly timeMs: number;
  readonly text: string;
  readonly tone: 'accent' | 'warning' | 'error';
}
