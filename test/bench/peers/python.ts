import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Environment, LinePeer } from './line-peer.ts';

/** Debian's own: the packages are installed for it and for no other. */
export const python = '/usr/bin/python3';

export interface PythonVersions {
  readonly python: string;
  readonly opencv: string;
  readonly onnxruntime: string;
  readonly numpy: string;
  /** The ONNX Runtime that its package ships for C; null where there is none. */
  readonly library: string | null;
}

const probeScript = `
import glob, json, os, platform
import cv2, numpy, onnxruntime
shipped = sorted(glob.glob(os.path.dirname(onnxruntime.__file__) + '/capi/libonnxruntime.so.*'))
print(json.dumps({"python": platform.python_version(), "opencv": cv2.__version__,
                  "onnxruntime": onnxruntime.__version__, "numpy": numpy.__version__, "library": shipped[0] if shipped else None}))
`;

/** The versions of the peer's packages, or in words why there is no peer and what to install. */
export function probePython(): PythonVersions | string {
  const probe = spawnSync(python, ['-c', probeScript], { encoding: 'utf8' });
  if (probe.status === 0) return JSON.parse(probe.stdout.trim().split('\n').at(-1) ?? '{}') as PythonVersions;
  const why = probe.stderr?.trim().split('\n').at(-1) ?? `there is no ${python}`;
  return `Python (${why}): sudo apt-get install python3-opencv python3-onnxruntime python3-numpy`;
}

/**
 * glibc keeps what was freed instead of giving it back to the kernel. Without it every array of a frame's size is made
 * of fresh pages, which costs more than the work on it (on one virtual machine blobFromImage took 18 ms instead of
 * 1.3): a bound against that would measure the kernel. Peers at their best get this; a script as it is found does not.
 */
export const memoryKept: Environment = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 30),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 32),
  MALLOC_TOP_PAD_: String(2 ** 26),
};

export function startPython(environment: Environment = {}): LinePeer {
  return new LinePeer('The Python peer', python, [script('stages.py')], environment);
}

export function script(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}
