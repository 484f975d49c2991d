// Only in the checkout: on Node 20 a worker thread does not take over tsx from its parent, so it registers it itself.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.module);
