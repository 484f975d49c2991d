import { serve, type ThreadContract } from '../../platform/index.ts';
import { createStreet, type StreetConditions, type StreetTruth } from '../../simulation/index.ts';

/** What the worker is started with. */
export interface StreetSettings {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly conditions: Partial<StreetConditions>;
}

export interface StreetThread extends ThreadContract {
  readonly data: StreetSettings;
  readonly calls: {
    /** Paints into shared memory what the street looks like, and tells what is on it. */
    render(picture: { readonly timeS: number; readonly into: Uint8Array }): readonly StreetTruth[];
    setConditions(change: Partial<StreetConditions>): void;
  };
}

/* What painting throws is a defect and ends the thread. */
serve<StreetThread>((settings) => {
  const street = createStreet(settings);
  // The first picture builds the scenery, which takes longer than any other.
  street.render(0);
  return {
    answers: {
      render: ({ timeS, into }) => street.render(timeS, into).truth,
      setConditions: (change) => street.setConditions(change),
    },
  };
});
