/**
 * Lets an exported network take any number of pictures per run; its weights and results stay as they are.
 *
 *   node --import tsx models/street/free-batch.ts build/street/street.onnx models/street/street.onnx
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { freeBatch, loadModel, saveModel } from '../../src/optimize/index.ts';

const [from = '', to = ''] = process.argv.slice(2);
const graph = loadModel(readFileSync(from));
const reason = freeBatch(graph);
if (reason !== undefined) throw new Error(`${from} takes one picture at a time: ${reason}.`);
writeFileSync(to, saveModel(graph));
