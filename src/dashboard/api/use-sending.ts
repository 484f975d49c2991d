import { useState } from 'preact/hooks';
import { asFailure, type Failure } from './failure.ts';

export interface Sending {
  /** From when it is sent to its answer. */
  readonly busy: boolean;
  /** Of the last one. */
  readonly failure: Failure | undefined;
  /** Never rejects. */
  readonly send: (act: () => Promise<void>) => Promise<void>;
}

/** For what a person orders: a button that waits, and the failure that is shown beside it. */
export function useSending(): Sending {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const send = async (act: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      await act();
    } catch (error) {
      setFailure(asFailure(error));
    }
    setBusy(false);
  };
  return { busy, failure, send };
}
