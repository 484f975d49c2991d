import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { messageTexts } from '../../../../src/adapters/ros2/message-folders.ts';
import { TypeFinder, typeHashOf } from '../../../../src/adapters/ros2/type-finder.ts';
import {
  type KnownPublisher,
  qosProfiles,
  type ServiceResponse,
  shapeByTexts,
  typeDescription,
  typeHashes,
} from '../../../../src/ros2/index.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

type Description = ServiceResponse<'type_description_interfaces/srv/GetTypeDescription'>;

const type = 'arm_msgs/msg/State';
const text = 'std_msgs/Header header\nfloat64 torque\nstring mode';
const other = 'std_msgs/Header header\nfloat32 torque';
const folderOf = (own: string | undefined) => (name: string) => (name === type ? own : undefined);
const made = (own: string) => {
  const { shape, description } = shapeByTexts(type, folderOf(own))!;
  return { shape, description, hash: typeHashOf(description) };
};
const right = made(text);

/** A robot that publishes on /arm, and what it says when it is asked what that is made of. */
function robot(
  publishers: readonly Partial<KnownPublisher>[],
  answer?: (typeName: string, typeHash: string) => Description,
  inFolder?: string,
) {
  const graph = new FakeRosGraph();
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  const asked: string[] = [];
  const driver = graph.join({ namespace: '/', name: 'driver' });
  if (answer !== undefined)
    driver.serve(
      '~/get_type_description',
      'type_description_interfaces/srv/GetTypeDescription',
      ({ typeName, typeHash }) => {
        asked.push(`${typeName} ${typeHash}`);
        return answer(typeName, typeHash);
      },
    );
  const known = publishers.map((each) => ({ node: '/driver', type, typeHash: right.hash, ...each }));
  const finder = new TypeFinder({
    node: Object.assign(node, { publishers: () => known }),
    textOf: folderOf(inFolder),
  });
  return { finder, asked, known };
}

const answers = (description: Description['description']) => () => ({
  ...{ successful: true, reason: '', description },
});

describe('A type that is not shipped', () => {
  it('is what its publisher says of it, where that has the hash that it announces', async () => {
    const { finder, asked } = robot([{}], answers(right.description));
    expect(await finder.find('/arm', type)).toEqual({ name: type, hash: right.hash, shape: right.shape });
    expect(asked).toEqual([`${type} ${right.hash}`]);
  });

  it('is that of the folder where it has the hash, and nobody is asked', async () => {
    const { finder, asked } = robot([{}], answers(right.description), text);
    expect(await finder.find('/arm', type)).toMatchObject({ hash: right.hash });
    expect(asked).toEqual([]);
  });

  it('is that of the publisher where the folder has another version', async () => {
    const { finder } = robot([{}], answers(right.description), other);
    expect((await finder.find('/arm', type))?.shape).toEqual(right.shape);
  });

  it('is that of the publisher where the folder lacks the file of an inner type', async () => {
    const inner = 'other_msgs/Part part';
    expect((await robot([{}], answers(right.description), inner).finder.find('/arm', type))?.shape).toEqual(
      right.shape,
    );
    await expect(robot([{}], undefined, inner).finder.find('/arm', type)).rejects.toThrow('other_msgs');
  });

  it('is that of the folder where the publisher announces no hash', async () => {
    const { finder } = robot([{ typeHash: undefined }], undefined, other);
    expect(await finder.find('/arm', type)).toMatchObject({ hash: made(other).hash });
  });

  it('is asked of the next node where one has no answer', async () => {
    const { finder } = robot([{ node: '/silent' }, {}], answers(right.description));
    expect(await finder.find('/arm', type)).toMatchObject({ hash: right.hash });
  });

  it('waits for a publisher, and a while for its node', async () => {
    expect(await robot([]).finder.find('/arm', type)).toBeUndefined();
    const { finder } = robot([{ node: undefined }]);
    for (let look = 1; look < 5; look += 1) expect(await finder.find('/arm', type)).toBeUndefined();
    await expect(finder.find('/arm', type)).rejects.toThrow('the node of its publisher is not known');
  });

  const refusals: Record<string, [Parameters<typeof robot>, string, string]> = {
    'another type on the topic': [
      [[{ type: 'arm_msgs/msg/Other' }]],
      ...(['ros-bridge-type', 'carries arm_msgs/msg/Other'] as const),
    ],
    'two versions of it': [
      [[{}, { typeHash: made(other).hash }], answers(right.description)],
      ...(['ros-type-versions', 'two versions'] as const),
    ],
    'no hash and no folder': [
      [[{ typeHash: undefined }], answers(right.description)],
      ...(['ros-type-unknown', 'does not say what it is made of'] as const),
    ],
    'a node without the service': [[[{}]], 'ros-type-unknown', 'gave no answer'],
    'a node that refuses': [
      [[{}], () => ({ successful: false, reason: 'not here' })],
      ...(['ros-type-unknown', '/driver does not describe arm_msgs/msg/State: not here'] as const),
    ],
    'a description that is another one than announced': [
      [[{}], answers(made(other).description)],
      ...(['ros-type-unknown', 'the hashes differ'] as const),
    ],
    'a description of another type': [
      [[{}], answers(typeDescription('std_msgs/msg/Header'))],
      ...(['ros-type-unknown', 'it describes std_msgs/msg/Header'] as const),
    ],
    'a folder with another version, and no answer': [
      [[{}], undefined, other],
      ...(['ros-type-unknown', 'the .msg file of the folder is another version'] as const),
    ],
    'a folder without a part': [
      [[{ typeHash: undefined }], answers(right.description), 'Joint[] joints'],
      ...(['ros-message-missing', 'no definition of arm_msgs/msg/Joint'] as const),
    ],
  };
  it.each(Object.keys(refusals))('is refused for %s', async (what) => {
    const [given, code, words] = refusals[what]!;
    await expect(robot(...given).finder.find('/arm', type)).rejects.toMatchObject({
      ...{ code, message: expect.stringContaining(words) },
    });
  });

  it('has changed where a publisher announces another hash', async () => {
    const { finder, known } = robot([{}], answers(right.description));
    const found = (await finder.find('/arm', type))!;
    expect(finder.hasChanged('/arm', found)).toBe(false);
    known.push({ node: '/driver', type, typeHash: typeHashes['std_msgs/msg/Header'] });
    expect(finder.hasChanged('/arm', found)).toBe(true);
  });

  it('has the hash that the fake graph announces of a publisher of its own', () => {
    const graph = new FakeRosGraph();
    const node = graph.join({ namespace: '/', name: 'driver' });
    node.advertise('/arm', { name: type, hash: right.hash }, qosProfiles.standard);
    expect(node.publishers('/arm')).toEqual([{ node: '/driver', type, typeHash: right.hash }]);
  });
});

describe('Folders of messages', () => {
  it('have a message in the first folder that has it, and never a file from elsewhere', () => {
    const [first, second] = [temporaryFolder(), temporaryFolder()];
    const write = (folder: string, name: string, content: string) => {
      mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
      writeFileSync(path.join(folder, name), content);
    };
    write(first, 'arm_msgs/msg/State.msg', 'uint8 first');
    write(second, 'arm_msgs/msg/State.msg', 'uint8 second');
    write(second, 'arm_msgs/msg/Joint.msg', 'uint8 joint');
    write(second, 'arm_msgs/msg/Huge.msg', '#'.repeat((64 << 10) + 1));
    const textOf = messageTexts([first, second]);
    expect(textOf('arm_msgs/msg/State')).toBe('uint8 first');
    expect(textOf('arm_msgs/msg/Joint')).toBe('uint8 joint');
    for (const none of ['arm_msgs/msg/Huge', 'arm_msgs/msg/None']) expect(textOf(none)).toBeUndefined();
  });

  // Each name with a file where it leads whoever puts it, or its parts, into a path.
  it.each([
    ['../Secret', '../Secret.msg'],
    ['../msg/Secret', '../msg/Secret.msg'],
    ['arm_msgs/msg/../../Secret', 'Secret.msg'],
    ['a/srv/B', 'a/srv/B.msg'],
    ['a/srv/B', 'a/msg/B.msg'],
    ['a/B', 'a/msg/B.msg'],
    ['a/msg/b', 'a/msg/b.msg'],
    ['A/msg/B', 'A/msg/B.msg'],
  ])('have no message for %s, though there is %s', (name, file) => {
    const folder = path.join(temporaryFolder(), 'share');
    const secret = path.join(folder, file);
    mkdirSync(path.join(folder, 'arm_msgs/msg'), { recursive: true });
    mkdirSync(path.dirname(secret), { recursive: true });
    writeFileSync(secret, 'uint8 secret');
    expect(messageTexts([folder])(name)).toBeUndefined();
  });
});
