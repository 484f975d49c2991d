import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FilesystemPacketSpool } from '../../src/adapters/filesystem/index.ts';
import { FolderDisk } from './folder-disk.ts';
import { describePacketSpool } from './packet-spool.ts';

describePacketSpool('a folder', () => {
  const disk = new FolderDisk();
  const files = () =>
    existsSync(disk.folder) ? readdirSync(disk.folder).map((name) => join(disk.folder, name)) : [];
  return {
    spool: () => new FilesystemPacketSpool(disk.folder),
    content: () => Buffer.concat(files().map((path) => readFileSync(path))),
    damage: () => {
      for (const path of files()) {
        const bytes = readFileSync(path);
        bytes[7]! ^= 1;
        writeFileSync(path, bytes);
      }
    },
    refuses: (yes) => disk.refuses(yes),
    close: () => disk.close(),
  };
});
