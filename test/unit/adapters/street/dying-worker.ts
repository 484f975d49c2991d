import type { StreetThread } from '../../../../src/adapters/street/worker.ts';
import { serve } from '../../../../src/platform/index.ts';

serve<StreetThread>(() => ({
  answers: {
    render: () => {
      throw new Error('out of paint');
    },
    setConditions: () => {},
  },
}));
