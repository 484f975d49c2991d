import { type CdrLimits, CdrReader, defaultCdrLimits } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';

/** Octets of rmw_dds_common/msg/Gid: 24 up to Humble, 16 from Iron on. */
export const gidSizes = [16, 24] as const;
export type GidSize = (typeof gidSizes)[number];

export interface GraphNode {
  /** With a slash in front, `/` for none. */
  readonly namespace: string;
  readonly name: string;
  readonly readers: readonly Uint8Array[];
  readonly writers: readonly Uint8Array[];
}

/** rmw_dds_common/msg/ParticipantEntitiesInfo: which nodes a DDS participant holds; what `ros2 node list` reads. */
export interface ParticipantEntities {
  readonly participant: Uint8Array;
  readonly nodes: readonly GraphNode[];
}

/** GUIDs of 16 octets; the rest of a longer Gid is zero. */
export function writeParticipantEntities(
  writer: CdrWriter,
  { participant, nodes }: ParticipantEntities,
  gidSize: GidSize,
): Uint8Array {
  const gid = (guid: Uint8Array) => {
    const octets = new Uint8Array(gidSize);
    octets.set(guid.subarray(0, gidSize));
    writer.fixedOctets(octets);
  };
  const gids = (guids: readonly Uint8Array[]) => {
    writer.uint32(guids.length);
    for (const guid of guids) gid(guid);
  };
  writer.reset();
  gid(participant);
  writer.uint32(nodes.length);
  for (const node of nodes) {
    writer.string(node.namespace);
    writer.string(node.name);
    gids(node.readers);
    gids(node.writers);
  }
  return writer.finish();
}

export function readParticipantEntities(
  bytes: Uint8Array,
  gidSize: GidSize,
  limits: CdrLimits = defaultCdrLimits,
): ParticipantEntities {
  return readEntities(new CdrReader(bytes, type, limits), gidSize);
}

/**
 * What a participant of whichever release announces; undefined where it is damaged or of none that is known. The message does not
 * say its size, and need not: a longer Gid ends in zeros, which read as a shorter one are an empty list in front of the message's
 * end, and a shorter one read as a longer one was tried before.
 */
export function readAnnouncement(
  bytes: Uint8Array,
  limits: CdrLimits = defaultCdrLimits,
): (ParticipantEntities & { readonly gidSize: GidSize }) | undefined {
  for (const gidSize of gidSizes) {
    try {
      const reader = new CdrReader(bytes, type, limits);
      const entities = readEntities(reader, gidSize);
      if (reader.remaining <= mostPadding) return { ...entities, gidSize };
    } catch {
      // Not in this size.
    }
  }
  return undefined;
}

const type = 'rmw_dds_common/msg/ParticipantEntitiesInfo';
/** What a serializer may leave behind the last field. */
const mostPadding = 3;

function readEntities(reader: CdrReader, gidSize: GidSize): ParticipantEntities {
  const gids = (field: string) => {
    const found: Uint8Array[] = [];
    const count = reader.sequence(field, gidSize);
    for (let index = 0; index < count; index += 1) found.push(reader.fixedOctets(gidSize, field));
    return found;
  };
  const participant = reader.fixedOctets(gidSize, 'gid');
  const nodes: GraphNode[] = [];
  const count = reader.sequence('node_entities_info_seq', 18);
  for (let index = 0; index < count; index += 1) {
    const namespace = reader.string('node_namespace');
    const name = reader.string('node_name');
    const readers = gids('reader_gid_seq');
    nodes.push({ namespace, name, readers, writers: gids('writer_gid_seq') });
  }
  return { participant, nodes };
}
