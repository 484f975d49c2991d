import { randomBytes } from 'node:crypto';
import type { DdsReaderHandle, DdsWriterHandle } from '../../native/index.ts';
import { type CallCodec, unansweredCall, unheardAnswer } from '../../src/ros2/index.ts';
import type { ServiceWire } from './service-wire.ts';

/** What a call needs of its node. */
export interface CallEnds {
  readonly wire: ServiceWire;
  /** Endpoints of the service's two topics; each tells when something happened to it. */
  openReader(onNotice: (reader: DdsReaderHandle) => void): { reader: DdsReaderHandle; close(): void };
  openWriter(onMatched: () => void): { writer: DdsWriterHandle; close(): void };
}

const againAfterMs = 20;

/** One request to a service of another node, sent when both of its ends are there. */
export function callService<Answer>(
  { wire, openReader, openWriter }: CallEnds,
  service: string,
  codec: CallCodec<Answer>,
  timeoutMs: number,
): Promise<Answer> {
  const client = randomBytes(8).readBigUInt64LE();
  return new Promise((resolve, reject) => {
    let servers = 0;
    let sent = false;
    /** Octets of an answer that was not taken. */
    let tooLarge = 0;
    let requests: ReturnType<CallEnds['openWriter']> | undefined;
    let replies: ReturnType<CallEnds['openReader']> | undefined;
    let again: NodeJS.Timeout | undefined;
    const end = (finish: () => void) => {
      clearTimeout(timer);
      clearTimeout(again);
      replies?.close();
      requests?.close();
      finish();
    };
    /** A callback of a timer or the middleware has no caller that would get its error. */
    const guarded = (act: () => void) => {
      try {
        act();
      } catch (error) {
        end(() => reject(error));
      }
    };
    const timer = setTimeout(
      () =>
        guarded(() => {
          if (replies !== undefined) hear(replies.reader);
          const unheard = sent && tooLarge > 0;
          const why = unheard ? unheardAnswer(service, tooLarge) : unansweredCall(service, timeoutMs);
          end(() => reject(why));
        }),
      timeoutMs,
    );
    timer.unref();
    const send = () => {
      if (sent || servers === 0 || replies === undefined || requests === undefined) return;
      if (requests.writer.matched() === 0) return;
      const { bytes, related } = wire.ask(codec, client, replies.reader.guid());
      sent = requests.writer.write(bytes, related);
      if (sent) return;
      // The middleware's lock was held for a moment, and there may be no later event that sends it.
      clearTimeout(again);
      again = setTimeout(() => guarded(send), againAfterMs);
      again.unref();
    };
    const hear = (reader: DdsReaderHandle) => {
      const taken = reader.take();
      for (const { kind, count } of taken?.events ?? []) if (kind === 'matched') servers = count;
      // It may be the answer to another caller: reported if none of ours comes.
      if (taken !== null && taken.tooLarge > 0) tooLarge = taken.largest;
      for (const sample of taken?.samples ?? []) {
        try {
          const answer = wire.answer(codec, sample, client, reader.guid());
          if (answer !== undefined) end(() => resolve(answer));
        } finally {
          reader.release(sample.id);
        }
      }
    };
    guarded(() => {
      // In this order: the service should know where its answer goes before it knows who asks.
      replies = openReader((reader) =>
        guarded(() => {
          hear(reader);
          send();
        }),
      );
      requests = openWriter(() => guarded(send));
      send();
    });
  });
}
