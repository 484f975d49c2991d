import { existsSync } from 'node:fs';
import path from 'node:path';
import { onnxruntimeLibrary } from '../../device/native/index.ts';
import { loadGstreamer, loadNative, pluginPath } from '../../native/index.ts';

/** Why tests of the addon can't run here, or undefined. */
export function nativeMissing(): string | undefined {
  try {
    loadNative();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Title of a suite that says why it is skipped. */
export function titled(title: string, why: string | undefined): string {
  return why === undefined ? title : `${title} (skipped: ${why})`;
}

/** Real models and pictures lie beside the project; undefined where they don't. */
export function sharedData(...parts: string[]): string | undefined {
  const file = path.join(import.meta.dirname, '../../../shared/data', ...parts);
  return existsSync(file) ? file : undefined;
}

export function missingPlugin(name: 'reference' | 'onnxruntime' | 'tensorrt'): string | undefined {
  const why = nativeMissing();
  if (why !== undefined) return why;
  if (pluginPath(name) === undefined) return `the plugin ${name} was not built`;
  if (name === 'onnxruntime' && onnxruntimeLibrary() === undefined)
    return 'onnxruntime-node is not installed';
  return undefined;
}

/** Why GStreamer gives no pictures in memory that has a file; undefined where it does. */
export function noPictureFiles(): string | undefined {
  try {
    loadGstreamer();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
