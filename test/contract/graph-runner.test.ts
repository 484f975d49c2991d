import { OnnxruntimeGraphRunner } from '../../src/adapters/graph-runner/index.ts';
import { describeGraphRunner } from './graph-runner.ts';

describeGraphRunner('ONNX Runtime', () => new OnnxruntimeGraphRunner());
