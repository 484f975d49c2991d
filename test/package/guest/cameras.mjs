/* A real RTSP camera, GStreamer's server, through both decoders. The server's packages come after all others were looked at. */
import { Beside, expect, must, packages, step } from './kit.mjs';

const model = '/usr/lib/goshawk-agent/models/street';
const server = ['python3-gi', 'gir1.2-gst-rtsp-server-1.0', 'gstreamer1.0-plugins-ugly'];
let camera;
let port;

await step('an RTSP camera is there', async () => {
  must(
    `apt-get install -y -q --no-install-recommends -o DPkg::Options::=--force-unsafe-io ${server.join(' ')}`,
  );
  camera = new Beside(`/usr/bin/python3 ${packages}/rtsp_server.py --port 0 --codec h264 --size 320x240`);
  port = /ready (\d+)/.exec(await camera.says('ready'))?.[1];
});

for (const decoder of ['gstreamer', 'ffmpeg'])
  await step(`an RTSP camera by ${decoder}`, () => {
    const lines = must(
      `timeout 120 goshawk run --model ${model} --source 'rtsp://127.0.0.1:${port}/x#decoder=${decoder}' --frames 5 --json`,
    ).split('\n');
    const frames = lines.filter((line) => line.includes('"type":"frame"'));
    expect(frames.length === 5 && frames.every((line) => line.includes('"width":320')), lines.join('\n'));
  });

await camera?.end();
