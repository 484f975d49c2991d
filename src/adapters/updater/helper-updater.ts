import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentUpdater, UpdateStanding } from '../../agent/index.ts';
import { InputError } from '../../base/index.ts';
import {
  type Bundle,
  isSameKind,
  type ReleaseKind,
  type ReleaseManifest,
  releaseName,
} from '../../model/index.ts';
import { explainFileError, writeFileAtomic } from '../../platform/index.ts';
import type { DesiredModel } from '../../protocol/index.ts';
import { namedIn, readUpdateStatus, standingIn, type UpdateStatus } from './status.ts';

export interface HelperUpdaterOptions {
  /** The agent's; the helper looks there for what is wanted. */
  readonly requests: string;
  /** The helper's; the agent can only read it. */
  readonly state: string;
  /** What this machine is renewed with, and the version that runs. */
  readonly kind: ReleaseKind;
  readonly version: string;
  readonly unavailable?: string;
  readonly nowMs: () => number;
}

/** The helper looks as soon as a request is there. */
const answerWithinMs = 120_000;

/** Releases, installed by the helper of deploy/update, which runs as root and believes nothing of this. */
export class HelperUpdater implements AgentUpdater {
  readonly #options: HelperUpdaterOptions;
  #requestedMs: number | undefined;

  constructor(options: HelperUpdaterOptions) {
    this.#options = options;
  }

  get unavailable(): string | undefined {
    return this.#options.unavailable;
  }

  /** A version that was never pushed has a digest of its name and version, as in the helper. */
  async running(): Promise<DesiredModel> {
    const { kind, version } = this.#options;
    const status = await this.#status();
    const onTrial = ['trial', 'installing', 'keeping'].includes(status.get('state') ?? '');
    const known = [...(onTrial ? [namedIn(status, 'next')] : []), namedIn(status, 'current')];
    const digest = known.find((one) => one?.version === version)?.digest;
    const release = releaseName(kind);
    return { name: release, version, digest: digest ?? `sha256:${sha256(`${release} ${version}`)}` };
  }

  async previous(): Promise<string | undefined> {
    return namedIn(await this.#status(), 'previous')?.digest;
  }

  async standing(digest: string): Promise<UpdateStanding> {
    if (!(await this.#isAsked())) return standingIn(await this.#status(), digest);
    this.#requestedMs ??= this.#options.nowMs();
    if (this.#options.nowMs() - this.#requestedMs < answerWithinMs) return { kind: 'installing' };
    return {
      kind: 'refused',
      reason: 'The update helper of this machine does not answer: systemctl status goshawk-update.path.',
    };
  }

  prepare(digest: string): Promise<void> {
    return this.#ask(`prepare ${digest}`);
  }

  install(digest: string): Promise<void> {
    return this.#ask(`install ${digest}`);
  }

  async conclude(digest: string, wrong?: string): Promise<void> {
    const words = wrong === undefined ? 'good' : `bad ${wrong.replace(/[^ -~]/g, '?').slice(0, 500)}`;
    await this.#write('verdict', `${digest} ${words}\n`);
  }

  expectFits({ manifest }: Bundle<ReleaseManifest>): void {
    const { kind } = this.#options;
    if (isSameKind(manifest.package, kind)) return;
    throw new InputError(
      'release-other-machine',
      `Release ${manifest.name} ${manifest.version} is not for this machine, which takes ${releaseName(kind)} (${kind.format}).`,
      'Order the release for this kind of machine.',
    );
  }

  async #ask(words: string): Promise<void> {
    this.#requestedMs = this.#options.nowMs();
    await this.#write('request', `${words}\n`);
  }

  /** A request lies there until the helper has begun with it. */
  #isAsked(): Promise<boolean> {
    return lstat(join(this.#options.requests, 'request')).then(
      () => true,
      () => false,
    );
  }

  async #status(): Promise<UpdateStatus> {
    return readUpdateStatus(await readFile(join(this.#options.state, 'status'), 'utf8').catch(() => ''));
  }

  async #write(name: string, text: string): Promise<void> {
    const { requests } = this.#options;
    await mkdir(requests, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw explainFileError(error, 'ask for the update', requests);
    });
    await writeFileAtomic(join(requests, name), text, { mode: 0o600 });
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
