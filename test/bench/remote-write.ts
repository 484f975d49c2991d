/** A sample of a series at a time. */
export type Point = readonly [timeMs: number, value: number];

export interface RemoteSeries {
  /** Sorted by name; `__name__` is the metric. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly points: readonly Point[];
}

/** The body of a request of Prometheus remote write 1.0: protobuf in a block of snappy, which is valid without compression. */
export function remoteWriteBody(series: readonly RemoteSeries[]): Buffer {
  return snappyLiterals(
    Buffer.concat(
      series.flatMap(({ labels, points }) => {
        const parts = [
          ...labels.map(([name, value]) => field(1, Buffer.concat([text(1, name), text(2, value)]))),
          ...points.map((point) => field(2, sample(point))),
        ];
        return field(1, Buffer.concat(parts));
      }),
    ),
  );
}

function sample([timeMs, value]: Point): Buffer {
  const double = Buffer.alloc(9);
  double[0] = (1 << 3) | 1;
  double.writeDoubleLE(value, 1);
  return Buffer.concat([double, Buffer.from([2 << 3]), varint(timeMs)]);
}

function text(number: number, value: string): Buffer {
  return field(number, Buffer.from(value));
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

function snappyLiterals(content: Buffer): Buffer {
  const parts = [varint(content.length)];
  for (let at = 0; at < content.length; at += 65_536) {
    const part = content.subarray(at, at + 65_536);
    const head = Buffer.from([61 << 2, 0, 0]);
    head.writeUInt16LE(part.length - 1, 1);
    parts.push(head, part);
  }
  return Buffer.concat(parts);
}
