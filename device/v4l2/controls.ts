import { InputError } from '../../src/base/index.ts';
import { explainErrno, type VideoNode } from './node.ts';
import { bytesOf, disabledControl, errors, ioctls, nextControl, sizes, textAt } from './structs.ts';

export interface Control {
  readonly id: number;
  /** As v4l2-ctl writes it: `brightness`, `auto_exposure`. */
  readonly name: string;
  readonly least: number;
  readonly most: number;
}

/** No driver has more; one that never ends its list must not hang us. */
const mostControls = 256;

export function controlsOf(node: VideoNode): Control[] {
  const found: Control[] = [];
  let id = 0;
  for (let i = 0; i < mostControls; i++) {
    const { bytes, view } = bytesOf(sizes.queryctrl);
    view.setUint32(0, (id | nextControl) >>> 0, true);
    if (node.ioctl(ioctls.QUERYCTRL, bytes) !== 0) break;
    id = view.getUint32(0, true);
    const name = textAt(bytes, 8, 32)
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_|_$/g, '');
    if ((view.getUint32(56, true) & disabledControl) !== 0) continue;
    found.push({ id, name, least: view.getInt32(40, true), most: view.getInt32(44, true) });
  }
  return found;
}

/** Throws an InputError for one that the camera has not, or a value that it does not take. */
export function setControls(node: VideoNode, path: string, wanted: Readonly<Record<string, number>>): void {
  const names = Object.keys(wanted);
  if (names.length === 0) return;
  const known = controlsOf(node);
  for (const name of names) {
    const control = known.find((one) => one.name === name);
    const value = wanted[name] ?? Number.NaN;
    if (control === undefined) {
      throw new InputError(
        'v4l2-control',
        `${path} has no control ${name}.`,
        known.length === 0
          ? 'It has none.'
          : `It has ${known.map((one) => `${one.name} (${one.least} to ${one.most})`).join(', ')}.`,
      );
    }
    const { bytes, view } = bytesOf(sizes.control);
    view.setUint32(0, control.id, true);
    view.setInt32(4, value, true);
    const errno =
      value >= control.least && value <= control.most ? node.ioctl(ioctls.S_CTRL, bytes) : errors.ERANGE;
    if (errno === errors.ERANGE || errno === errors.EINVAL) {
      throw new InputError(
        'v4l2-control',
        `${path} takes no ${name} of ${value}.`,
        `It takes ${control.least} to ${control.most}; some are fixed while an automatic of the camera is on.`,
      );
    }
    if (errno !== 0) throw explainErrno(errno, path, `take ${name}`);
  }
}
