import { FieldReader, type Fields } from '../format/fields.ts';

/** What the owner signed about a model beside its bytes: `custom.goshawk` of its target. */
export interface Release {
  /** Of one model name it never goes down; several versions may share one. */
  readonly release: number;
  /** A device whose newest is at most this may go back to this release. */
  readonly rollbackFrom?: number;
  /** Must not run any more. */
  readonly revoked?: boolean;
  readonly hardware?: {
    /** Names of boards as devices report them. */
    readonly boards?: readonly string[];
    /** Versions of TensorRT, as `10.3` or longer. */
    readonly tensorrt?: readonly string[];
  };
  /** As `0.4.0`. */
  readonly minimumAgent?: string;
}

/** TUF's path of a version of a model. */
export function targetPath({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}/${version}`;
}

/** InputError `trust-form` for what can't be read: a limit that is not understood must not be passed over. */
export function parseRelease(custom: Fields | undefined): Release {
  const read = new FieldReader('The signed entry of the model');
  const fields = read.object(custom?.goshawk, 'custom.goshawk');
  const { release, rollbackFrom, revoked, hardware, minimumAgent, ...others } = fields;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw read.wrong(unknown, 'known to this version of the agent');
  return {
    release: read.count(release, 'release', 0),
    ...(rollbackFrom === undefined ? {} : { rollbackFrom: read.count(rollbackFrom, 'rollbackFrom', 0) }),
    ...(revoked === undefined ? {} : { revoked: read.flag(revoked, 'revoked') }),
    ...(minimumAgent === undefined ? {} : { minimumAgent: read.text(minimumAgent, 'minimumAgent') }),
    ...(hardware === undefined ? {} : { hardware: parseHardware(read, read.object(hardware, 'hardware')) }),
  };
}

function parseHardware(read: FieldReader, fields: Fields): NonNullable<Release['hardware']> {
  const { boards, tensorrt, ...others } = fields;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw read.wrong(`hardware.${unknown}`, 'known to this version of the agent');
  const texts = (value: unknown, name: string) => read.list(value, name).map((one) => read.text(one, name));
  return {
    ...(boards === undefined ? {} : { boards: texts(boards, 'hardware.boards') }),
    ...(tensorrt === undefined ? {} : { tensorrt: texts(tensorrt, 'hardware.tensorrt') }),
  };
}
