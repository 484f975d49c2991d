import { RolloutSimulation } from './simulate.ts';

const [devices = 1000, seed = 1, hours = 12] = process.argv.slice(2).map(Number);
const started = performance.now();
const result = await new RolloutSimulation({ devices, seed, hours }).run();
const seconds = Math.round((performance.now() - started) / 1000);
console.log(JSON.stringify({ devices, seed, ...result, seconds }, undefined, 2));
process.exit(result.unexplained.length === 0 ? 0 : 1);
