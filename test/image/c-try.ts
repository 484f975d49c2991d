import { dataPartitionCuts, dataPartitionSteps } from './data-partition.ts';
import { Steps } from './steps.ts';

const steps = new Steps();
const image = '/work/w/img/build/test-image/board.img';
await dataPartitionSteps(steps, image);
await dataPartitionCuts(steps, image, Number(process.argv[2] ?? 3));
steps.close();
