import { createSocket, type Socket } from 'node:dgram';

/* What a network has beside a fleet: a server of names and one of time, on this loopback, where QEMU passes them on to a board. */

/** Answers every question for an address with one: that of the machine that QEMU shows. */
function answerName(question: Buffer, address: string): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const type = question.readUInt16BE(end - 4);
  const head = Buffer.from(question.subarray(0, end));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(type === 1 ? 1 : 0, 6);
  head.writeUInt16BE(0, 8);
  head.writeUInt16BE(0, 10);
  if (type !== 1) return head;
  const answer = Buffer.alloc(16);
  answer.writeUInt16BE(0xc00c, 0);
  answer.writeUInt16BE(1, 2);
  answer.writeUInt16BE(1, 4);
  answer.writeUInt32BE(60, 6);
  answer.writeUInt16BE(4, 10);
  answer.set(address.split('.').map(Number), 12);
  return Buffer.concat([head, answer]);
}

const secondsFrom1900To1970 = 2_208_988_800;

/** RFC 4330. */
function answerTime(question: Buffer): Buffer {
  const answer = Buffer.alloc(48);
  const now = Date.now() / 1000 + secondsFrom1900To1970;
  answer[0] = 0x24;
  answer[1] = 1;
  answer.write('LOCL', 12, 'latin1');
  // What the board said as its own time comes back.
  question.copy(answer, 24, 40, 48);
  for (const at of [16, 32, 40]) {
    answer.writeUInt32BE(Math.floor(now), at);
    answer.writeUInt32BE(Math.floor((now % 1) * 2 ** 32), at + 4);
  }
  return answer;
}

function serve(port: number, answer: (question: Buffer) => Buffer): Socket {
  const socket = createSocket('udp4');
  socket.on('message', (question, { address, port: from }) => socket.send(answer(question), from, address));
  socket.bind(port, '127.0.0.1');
  return socket;
}

/** Needs a network of its own, and /etc/resolv.conf to name 127.0.0.1. */
export function startNamesAndTime(address: string): () => void {
  const sockets = [serve(53, (question) => answerName(question, address)), serve(123, answerTime)];
  return () => {
    for (const socket of sockets) socket.close();
  };
}
