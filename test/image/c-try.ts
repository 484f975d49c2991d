import { runContainer } from './run-container.ts';

const r = runContainer(process.argv.slice(2));
console.log(r.text, r.status);
