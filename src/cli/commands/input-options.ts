import { type Command, Option } from 'commander';
import { fitNames } from '../../workbench/index.ts';
import { parseCount, parseList, parseNumber } from '../command.ts';

/** What may be said of a network's input and output that its file does not tell: for every command that reads an ONNX file. */
export function addInputOptions(command: Command, batchHelp: string): Command {
  return command
    .option(
      '--input-size <size>',
      'for a network with free sides: 640 or 640x384 (width x height)',
      parseSize,
    )
    .addOption(new Option('--color <order>', 'order of the colours').choices(['rgb', 'bgr']))
    .option(
      '--scale <factor>',
      'pixels 0..255 are multiplied by it (0.00392157 = 1/255)',
      parseNumber(1e-9, 1e9),
    )
    .option('--mean <r,g,b>', 'subtracted after the scale, in the order of the colours', parseTriple)
    .option('--std <r,g,b>', 'divided by after the mean', parseTriple)
    .addOption(new Option('--fit <how>', 'keep the aspect and pad, or stretch').choices(fitNames))
    .option('--pad <gray>', 'grey value of the pad, 0 to 255', parseCount(0))
    .option('--output <names>', 'output tensors to read, by comma', parseList)
    .option('--strides <list>', 'strides of the grids, by comma', parseStrides)
    .addOption(new Option('--batch <pictures>', batchHelp).choices(['dynamic', '1']));
}

function parseSize(text: string): { readonly width: number; readonly height: number } {
  const [width = '', height = width] = text.toLowerCase().split('x');
  const side = parseCount(8);
  return { width: side(width), height: side(height) };
}

function parseTriple(text: string): [number, number, number] {
  const parse = parseNumber(-1e9, 1e9);
  const parts = parseList(text).map(parse);
  const [a = Number.NaN, b = a, c = a] = parts;
  // One number means all three; two are refused.
  if (parts.length !== 1 && parts.length !== 3) parse('');
  return [a, b, c];
}

function parseStrides(text: string): readonly number[] {
  return parseList(text).map(parseCount());
}
