import {
  BusyError,
  CancelledError,
  type Clock,
  counted,
  defined,
  InputError,
  MissingError,
} from '../base/index.ts';
import type {
  DetectionSettings,
  DetectorIdentity,
  Image,
  Inference,
  ProbeFrame,
} from '../perception/index.ts';
import { type ModelMetadata, metadataOf } from './metadata.ts';
import { outputsOf } from './outputs.ts';
import { askedSettings } from './parameters.ts';
import { askedPicture } from './picture.ts';
import { type InferenceAnswer, type InferenceRequest, invalid } from './request.ts';

export interface ServedModel {
  readonly slot: string;
  readonly identity: DetectorIdentity;
}

/** Port: the models of the device. */
export interface ServedModels {
  /** Those that can be asked now, the main one first. */
  models(): readonly ServedModel[];
  /** Behind the cameras. Rejects as a frame fails, with a BusyError where too many wait, with a CancelledError when the signal fires. */
  infer(
    slot: string,
    frame: ProbeFrame,
    settings: DetectionSettings,
    signal: AbortSignal,
  ): Promise<Inference>;
  /** A JPEG, PNG or WebP as rgb8, turned as it says. Rejects with an InputError for other bytes. */
  decode(bytes: Uint8Array): Promise<Image>;
}

export interface InferenceOptions {
  readonly models: ServedModels;
  readonly clock: Clock;
  /** How long a request may take, from its first look at the picture to the answer. */
  readonly waitMs: number;
}

/** What the server says of itself. */
export interface ServerFacts {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

/** Pictures that are decoded at once; each may hold a hundred megabytes. */
const mostDecodes = 2;
const mostWaiting = 16;

/** Answers the requests of the Open Inference Protocol, version 2, whatever carries them. */
export class InferenceService {
  readonly #options: InferenceOptions;
  readonly #waiting: (() => void)[] = [];
  #decodes = 0;

  constructor(options: InferenceOptions) {
    this.#options = options;
  }

  /** Every model that is named can be asked. */
  get ready(): boolean {
    return this.#options.models.models().length > 0;
  }

  index(): readonly { readonly name: string; readonly version: string; readonly state: 'READY' }[] {
    const named = this.#options.models.models();
    return named.map(({ identity }) => ({ name: identity.model, version: identity.version, state: 'READY' }));
  }

  serves(model: string, version?: string): boolean {
    return this.#options.models
      .models()
      .some(
        ({ identity }) => identity.model === model && (version === undefined || identity.version === version),
      );
  }

  /** MissingError for a model, or a version of it, that does not serve. */
  metadata(model: string, version?: string): ModelMetadata {
    return metadataOf(this.#find(model, version).identity);
  }

  async infer(request: InferenceRequest, signal?: AbortSignal): Promise<InferenceAnswer> {
    const { slot, identity } = this.#find(request.model, request.version);
    const settings = askedSettings(request.parameters, identity);
    const wanted = wantedOutputs(identity, request.outputs);
    const asked = askedPicture(request.inputs);
    const { clock, models, waitMs } = this.#options;
    const given = new AbortController();
    const giveUp = () => given.abort();
    signal?.addEventListener('abort', giveUp, { once: true });
    let late = false;
    const cancel = clock.after(waitMs, () => {
      late = true;
      giveUp();
    });
    try {
      const picture = asked.kind === 'file' ? await this.#decode(asked.bytes, given.signal) : rgb(asked);
      const { result, identity: answering } = await models.infer(
        slot,
        { ...picture, stampNs: 0n, frameId: '' },
        settings,
        given.signal,
      );
      const outputs = wanted.map((output) => output.make(result.detections, picture));
      const { model, version } = answering;
      return { model, version, outputs, ...defined({ id: request.id }) };
    } catch (error) {
      if (late && error instanceof CancelledError) throw tooLate(waitMs);
      throw error;
    } finally {
      cancel();
      signal?.removeEventListener('abort', giveUp);
    }
  }

  #find(name: string, version: string | undefined): ServedModel {
    const named = this.#options.models.models();
    const found = named.find(
      ({ identity }) => identity.model === name && (version === undefined || identity.version === version),
    );
    if (found !== undefined) return found;
    const there = named.map(({ identity }) => `${identity.model} ${identity.version}`).join(', ');
    throw new MissingError(
      'request-model',
      `The device runs no model "${version === undefined ? name : `${name} ${version}`}".`,
      `It runs ${there || 'none'}.`,
    );
  }

  /** In turns. */
  async #decode(bytes: Uint8Array, signal: AbortSignal): Promise<Image> {
    if (this.#decodes >= mostDecodes) {
      if (this.#waiting.length >= mostWaiting)
        throw new BusyError(
          'requests-full',
          `${counted(mostWaiting, 'picture')} wait to be decoded already.`,
          'Ask again later, or less often.',
          1000,
        );
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#decodes += 1;
    try {
      if (signal.aborted) throw new CancelledError('The question');
      return await this.#options.models.decode(bytes).catch((error: unknown) => {
        throw unread(error);
      });
    } finally {
      this.#decodes -= 1;
      this.#waiting.shift()?.();
    }
  }
}

/** What to do is another thing than with a file on the disk. */
function unread(error: unknown): unknown {
  if (!(error instanceof InputError)) return error;
  return new InputError(error.code, error.message, 'Send a whole JPEG, PNG or WebP.', { cause: error });
}

function rgb({ bytes, width, height }: { bytes: Uint8Array; width: number; height: number }): Image {
  return { data: bytes, width, height, step: width * 3, encoding: 'rgb8' };
}

function wantedOutputs({ task = 'detection' }: DetectorIdentity, names: readonly string[] | undefined) {
  const all = outputsOf[task];
  if (names === undefined || names.length === 0) return all;
  return names.map((name) => {
    const output = all.find((one) => one.name === name);
    if (output !== undefined) return output;
    throw invalid(
      `The model has no output "${name}".`,
      `Its outputs: ${all.map((one) => one.name).join(', ')}.`,
    );
  });
}

function tooLate(waitMs: number): BusyError {
  return new BusyError(
    'request-late',
    `The request was not answered within ${waitMs / 1000} s.`,
    'Cameras have priority over requests: send them when cameras have less to do, or give this model a separate engine.',
    5000,
  );
}
