import { RecordingOutlet } from '../../streams/index.ts';
import type { StreamKind } from './kind.ts';

const ending = '.mcap';

export const mcapStream: StreamKind<'mcap'> = {
  address: 'file.mcap',
  read: (address) => {
    const [path = ''] = address.split('#');
    return path.endsWith(ending) ? { folder: path } : undefined;
  },
  to: ({ folder }) => folder,
  open: async ({ folder, maxFileBytes, maxFiles, pictureFps: fps, pictureWidth: maxWidth }, ports) => {
    const { counts, clock, log } = ports;
    // One file, where its name is given.
    const place = folder.endsWith(ending) ? { path: folder } : { folder, maxFileBytes, maxFiles };
    const { McapRecorder } = await import('../../adapters/rosbag/index.ts');
    const recorder = new McapRecorder(place, () => clock.wallMs());
    await recorder.open();
    return new RecordingOutlet({ recorder, pictures: { fps, maxWidth }, counts, clock, log });
  },
};
