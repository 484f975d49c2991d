import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that can be taken away for a while, as a disk that is not mounted. Root may write anywhere, so no mode does that. */
export class FolderDisk {
  readonly #base = mkdtempSync(join(tmpdir(), 'goshawk-contract-'));
  /** Made by who writes there first. */
  readonly folder = join(this.#base, 'data');

  refuses(yes: boolean): void {
    if (yes) {
      renameSync(this.folder, `${this.folder}.aside`);
      writeFileSync(this.folder, '');
    } else {
      rmSync(this.folder);
      renameSync(`${this.folder}.aside`, this.folder);
    }
  }

  close(): void {
    rmSync(this.#base, { recursive: true, force: true });
  }
}
