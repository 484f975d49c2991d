/**
 * Writes the detector of the simulated street as other tools export theirs, so that there is a foreign ONNX file to try
 * `goshawk model import` on.
 *
 *   node --import tsx models/tutorial/export.ts --form yolov8 --out best.onnx --labels names.txt
 *
 * --form yolov8: 1 x (4 + C) x N, pixels 0..1; yolov10: 1 x 300 x 6, the 300 best boxes, without NMS; `rt-detr`: 1 x 300 x (4 + C),
 * boxes as parts of the picture; `rt-detr-turned`: the same with its last two axes swapped.
 * --pixels bytes: the input is uint8, and the network itself divides by 255; `raw`: the input is float 0..255, with the same.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exportStreet, type Form, type Pixels } from './head.ts';

const street = join(import.meta.dirname, '../street');
const { values } = parseArgs({
  options: {
    form: { type: 'string', default: 'yolov8' },
    pixels: { type: 'string', default: 'unit' },
    out: { type: 'string', default: 'best.onnx' },
    labels: { type: 'string' },
  },
});

const model = readFileSync(join(street, 'street.onnx'));
writeFileSync(values.out, exportStreet(model, values.form as Form, values.pixels as Pixels));
process.stdout.write(`${values.out}: ${values.form}\n`);
if (values.labels !== undefined) {
  writeFileSync(values.labels, readFileSync(join(street, 'labels.txt')));
  process.stdout.write(`${values.labels}\n`);
}
