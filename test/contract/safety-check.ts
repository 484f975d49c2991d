import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SafetyCheck } from '../../src/agent/index.ts';

/** A check, and the machine that it looks at. */
export interface CheckedMachine {
  readonly check: SafetyCheck;
  /** Undefined: it is safe; `unknown`: nobody can say. */
  be(why: string | undefined): Promise<void>;
  beUnknown(): Promise<void>;
  close(): Promise<void>;
}

/** What every SafetyCheck promises. */
export function describeSafetyCheck(name: string, open: () => Promise<CheckedMachine>): void {
  describe(`SafetyCheck: ${name}`, () => {
    let machine: CheckedMachine;
    beforeEach(async () => {
      machine = await open();
    });
    afterEach(() => machine.close());
    const whyNot = () => machine.check.whyNot(new AbortController().signal);

    it('says nothing where it is safe, and why where it is not, as it is now', async () => {
      await machine.be(undefined);
      expect(await whyNot()).toBeUndefined();
      await machine.be('It drives.');
      expect(await whyNot()).toBe('It drives.');
      await machine.be(undefined);
      expect(await whyNot()).toBeUndefined();
    });

    it('says that it is not safe also where the machine has no words for it', async () => {
      await machine.be('');
      expect(await whyNot()).toMatch(/\S/);
    });

    it('never says that it is safe where nobody can know', async () => {
      await machine.beUnknown();
      await expect(whyNot()).rejects.toThrow();
    });
  });
}
