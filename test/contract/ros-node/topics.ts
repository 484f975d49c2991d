import { expect } from 'vitest';
import { CdrWriter, qosProfiles, writeCompressedImage } from '../../../src/ros2/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';
import { compressed, header, listen, type RosScene, until } from './scene.ts';

/** What is said on topics. */
export function topicPromises({ closing, contract, join, seesNamesakes }: RosScene): void {
  contract('carries bytes as they are and in order, and counts both sides', async (graph) => {
    const camera = await join(graph, 'camera');
    const publisher = camera.advertise(
      '/a/compressed',
      'sensor_msgs/msg/CompressedImage',
      qosProfiles.standard,
    );
    const heard = listen(await join(graph, 'goshawk'), '/a/compressed', 'sensor_msgs/msg/CompressedImage');
    await until(() => publisher.subscribers() === 1 && heard.publishers === 1);
    const sent = [1, 2, 3].map(compressed);
    for (const bytes of sent) expect(publisher.publish(bytes)).toBe(true);
    await until(() => heard.messages.length === 3);
    expect(heard.messages.map((bytes) => bytes.subarray(0, sent[0]?.length))).toEqual(sent);
    publisher.close();
    publisher.close();
    await until(() => heard.publishers === 0);
    expect(publisher.publish(compressed(4))).toBe(false);
    expect(publisher.subscribers()).toBe(0);
  });

  contract('gives the last message to who comes later where it is transient local', async (graph) => {
    const node = await join(graph, 'goshawk');
    const state = node.advertise('~/latched', 'sensor_msgs/msg/CompressedImage', qosProfiles.latched);
    expect(state.publish(compressed(7))).toBe(true);
    const late = listen(
      await join(graph, 'late'),
      '/goshawk/latched',
      'sensor_msgs/msg/CompressedImage',
      qosProfiles.latched,
    );
    await until(() => late.messages.length === 1);
    expect(late.messages[0]?.subarray(0, compressed(7).length)).toEqual(compressed(7));
    state.close();
    state.close();
    expect(state.publish(compressed(8))).toBe(false);
  });

  contract('says which side asks what where the QoS does not fit', async (graph) => {
    (await join(graph, 'camera')).advertise(
      '/poor/compressed',
      'sensor_msgs/msg/CompressedImage',
      qosProfiles.sensorData,
    );
    const heard = listen(await join(graph, 'goshawk'), '/poor/compressed', 'sensor_msgs/msg/CompressedImage');
    await until(() => heard.problems.length > 0);
    expect(heard.problems[0]).toContain(
      'On /poor/compressed a publisher offers best effort while Goshawk, the subscriber, requests reliable',
    );
    expect(heard.problems[0]).toContain('Let the publisher offer reliable');
  });

  contract('keeps a message that is too large from the subscriber, and goes on', async (graph) => {
    const publisher = (await join(graph, 'camera')).advertise(
      '/big/compressed',
      'sensor_msgs/msg/CompressedImage',
      qosProfiles.standard,
    );
    const heard = listen(await join(graph, 'goshawk'), '/big/compressed', 'sensor_msgs/msg/CompressedImage');
    await until(() => publisher.subscribers() === 1 && heard.publishers === 1);
    publisher.publish(
      writeCompressedImage(new CdrWriter(), { header, format: 'jpeg', data: new Uint8Array(2 << 20) }),
    );
    publisher.publish(compressed(9));
    await until(() => heard.messages.length === 1);
    expect(heard.messages[0]?.subarray(0, compressed(9).length)).toEqual(compressed(9));
    await until(() => heard.tooLarge === 1);
  });

  if (seesNamesakes) {
    contract('warns, once, where another node has its name', async (graph) => {
      const log = new RecordingLog();
      const first = await graph.join('eyes', {}, log);
      closing.push(() => first.close());
      await join(graph, 'eyes');
      await until(() => log.at('warn').length > 0);
      await join(graph, 'eyes');
      await join(graph, 'other');
      expect(log.at('warn')).toEqual([
        [
          'There is another ROS 2 node with our name',
          {
            node: '/eyes',
            remedy: 'Give each its own name: both publish on the same topics, and tools show only one.',
          },
        ],
      ]);
    });
  }

  contract('renames its topics as it was told', async (graph) => {
    const node = await join(graph, 'goshawk', { '~/detections': '/seen', '/goshawk/tracks': 'followed' });
    expect(node.topic('~/detections')).toBe('/seen');
    expect(node.topic('~/tracks')).toBe('/followed');
    const publisher = node.advertise(
      '~/detections',
      'vision_msgs/msg/Detection2DArray',
      qosProfiles.standard,
    );
    expect(publisher.topic).toBe('/seen');
    listen(await join(graph, 'other'), '/seen', 'vision_msgs/msg/Detection2DArray');
    await until(() => publisher.subscribers() === 1);
  });
}
