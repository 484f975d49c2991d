import { InputError, LimitError, MissingError, RefusedError } from '../../base/index.ts';

/* What a registry refuses. Adapters say it with the codes of the OCI distribution specification. */

export function blobUnknown(digest: string): MissingError {
  return new MissingError(
    'blob-unknown',
    `There is no blob ${digest.slice(0, 100)} here.`,
    'Push it, or check that the repository is the right one.',
  );
}

export function manifestUnknown(reference: string): MissingError {
  return new MissingError(
    'manifest-unknown',
    `There is no manifest ${reference.slice(0, 150)} here.`,
    'GET /v2/<name>/tags/list lists the tags of a repository.',
  );
}

export function modelUnknown(bundle: string): MissingError {
  return new MissingError(
    'model-unknown',
    `The controller holds no bundle ${bundle}.`,
    'Push it: goshawk model push.',
  );
}

export function versionTaken(name: string, version: string, other: string): RefusedError {
  return new RefusedError(
    'model-version-taken',
    `${name} ${version} is in the registry with other content (${other}).`,
    'Give the bundle another version, or delete the one that is there.',
  );
}

export function repositoryUnknown(name: string): MissingError {
  return new MissingError(
    'repository-unknown',
    `There is no repository ${name.slice(0, 200)} here.`,
    'GET /v2/_catalog lists them.',
  );
}

export function uploadUnknown(id: string): MissingError {
  return new MissingError(
    'upload-unknown',
    `There is no upload ${id.slice(0, 64)}.`,
    'It was finished, or left for too long; begin again.',
  );
}

export function uploadRange(have: number): RefusedError {
  return new RefusedError(
    'upload-range',
    `The upload has ${have} bytes; continue from there.`,
    'GET the upload to see how far it is.',
  );
}

export function uploadBusy(): RefusedError {
  return new RefusedError(
    'upload-busy',
    'Another request is sending bytes of this upload.',
    'Wait for its end.',
  );
}

export function digestWrong(found: string, wanted: string): InputError {
  return new InputError(
    'digest-mismatch',
    `The received data has the digest ${found}, not ${wanted.slice(0, 100)}.`,
    'Push it again; if that fails too, the file was changed after its digest was made.',
  );
}

export function digestForm(digest: string): InputError {
  return new InputError(
    'digest-form',
    `"${digest.slice(0, 150)}" is not a digest that is taken here.`,
    'Write sha256: and 64 hex digits.',
  );
}

export function nameInvalid(name: string): InputError {
  return new InputError(
    'repository-name',
    `"${name.slice(0, 200)}" is not a name of a repository.`,
    'Lower-case letters and digits, with one of . _ - between them, and / between parts.',
  );
}

export function notThereYet(what: string): InputError {
  return new InputError(
    'manifest-blob-unknown',
    `The manifest needs ${what}, which this repository has not.`,
    'Push blobs before the manifest that names them.',
  );
}

export function registryFull(what: string): LimitError {
  return new LimitError('registry-full', `The registry takes no more: ${what}.`, 'Delete unused models.');
}
