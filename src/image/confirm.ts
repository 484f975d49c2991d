/* Whether a boot was good, and what follows. */

export type Slot = 'A' | 'B';

export interface BootFacts {
  /** The slot that runs. */
  readonly current: Slot;
  /** The slot with an update that nobody has confirmed yet. */
  readonly trial: Slot | undefined;
  readonly perceives: boolean;
}

export type Verdict =
  /** The slot is kept. */
  | 'good'
  /** The slot is kept, but something is wrong on this board that another system would not mend. */
  | 'kept-without-perceiving'
  /** The update is given up and the board starts the other slot. */
  | 'go-back'
  /** An update was tried before, and the boot loader came back to this slot. */
  | 'came-back';

export function judgeBoot({ current, trial, perceives }: BootFacts): Verdict {
  if (trial === current) return perceives ? 'good' : 'go-back';
  if (trial !== undefined) return 'came-back';
  return perceives ? 'good' : 'kept-without-perceiving';
}

/** From the kernel's command line. */
export function slotOf(commandLine: string): Slot | undefined {
  const [, name] = /(?:^|\s)rauc\.slot=([AB])(?:\s|$)/.exec(commandLine) ?? [];
  return name as Slot | undefined;
}
