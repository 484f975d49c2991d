import { boardSteps } from './board.ts';
import { work } from './places.ts';
import { Steps } from './steps.ts';

const s = new Steps();
await boardSteps(s, { image: `${work}/board.img`, update: `${work}/board.raucb` }, { emulate: true });
s.close();
