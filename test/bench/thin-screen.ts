/**
 * A screen without a screen. In the world each supervisor has a machine of their own; here five hundred share two cores with the server that
 * is measured, and what they did with their messages was most of what the machine did. A thin screen speaks the same protocol (WebSocket,
 * Engine.IO 4, Socket.IO 5: join, batches, acknowledgements, resume by the last number), reads the number of every message and shows each
 * once; it makes no objects of bodies, hashes nothing and draws nothing. A batch whose bytes are, to the last one, those of another screen's
 * is read once; any other bytes are read for themselves.
 */
import WebSocket, { type RawData } from 'ws';
import { z } from 'zod';
import { type Counted, seeNumbers } from './count-numbers.ts';

const batchBody = z.tuple([
  z.literal('feed.batch'),
  z.object({ room: z.string(), fromSeq: z.int(), toSeq: z.int(), messages: z.array(z.object({ seq: z.int() })) }),
]);
export type Numbers = { readonly room: string; readonly toSeq: number; readonly seqs: readonly number[] };
export type Frame = { readonly id: string; readonly numbers: Numbers };

const HEAD = /^42\/supervisor,(\d+)(\["feed\.batch",\{"room":"[^"]*","fromSeq":\d+,"toSeq":\d+,)/;
const HEAD_BYTES = 160;
const MOST_KEPT = 200;

/** Reads batches; one for many screens, since it knows again what it has read before. */
export class FrameReader {
  readonly #known = new Map<string, { readonly bytes: Buffer; readonly numbers: Numbers }>();

  /** Null: no batch. */
  read(frame: Buffer): Frame | null {
    const [head, id = '', key = ''] = HEAD.exec(frame.toString('latin1', 0, HEAD_BYTES)) ?? [];
    if (head === undefined) return null;
    const bytes = frame.subarray(head.length - key.length);
    const known = this.#known.get(key);
    if (known?.bytes.equals(bytes) === true) return { id, numbers: known.numbers };
    const [, { room, toSeq, messages }] = batchBody.parse(JSON.parse(bytes.toString()));
    const numbers = { room, toSeq, seqs: messages.map(({ seq }) => seq) };
    this.#known.set(key, { bytes, numbers });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KEPT && oldest !== undefined) this.#known.delete(oldest);
    return { id, numbers };
  }
}

export type ThinScreen = {
  /** Lost in the middle of whatever is on its way; comes back by itself, as Socket.IO's client does. */
  cut(): void;
};
type Order = { readonly base: string; readonly room: string; readonly cookie: string; readonly reader: FrameReader };

const JOIN_ID = 0;
const BACK_MS = 100;

/** Resolves when the room was joined. `told` hears of each batch as it comes, before it is acknowledged. */
export function openThinScreen(order: Order, counted: Counted, told: (numbers: Numbers) => void): Promise<ThinScreen> {
  const { room, cookie, reader } = order;
  const address = `${order.base.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
  let socket: WebSocket | null = null;
  return new Promise((resolve) => {
    const onFrame = (to: WebSocket, frame: Buffer): void => {
      const batch = reader.read(frame);
      if (batch !== null) {
        told(batch.numbers);
        seeNumbers(counted, batch.numbers.seqs);
        to.send(`43/supervisor,${batch.id}[${batch.numbers.toSeq}]`);
        return;
      }
      const text = frame.toString();
      if (text === '2') to.send('3');
      else if (text.startsWith('0')) to.send('40/supervisor,');
      else if (text.startsWith('40/supervisor,')) {
        to.send(`42/supervisor,${JOIN_ID}${JSON.stringify(['join', { room, afterSeq: counted.lastSeq }])}`);
      } else if (text.startsWith(`43/supervisor,${JOIN_ID}[`) && text.includes('"ok":true')) resolve(screen);
      else if (text.startsWith('41')) to.terminate();
      else if (!text.startsWith('42/supervisor,["feed.head",')) throw new Error(`not expected: ${text.slice(0, 200)}`);
    };
    const open = (): void => {
      const opened = new WebSocket(address, { headers: { cookie }, skipUTF8Validation: true, perMessageDeflate: false });
      opened.on('message', (data: RawData) => onFrame(opened, bytesOf(data)));
      opened.on('error', () => undefined); // `close` follows
      opened.on('close', () => setTimeout(open, BACK_MS));
      socket = opened;
    };
    const screen: ThinScreen = { cut: () => socket?.terminate() };
    open();
  });
}

/** With ws's usual `binaryType` a whole message is one buffer. */
function bytesOf(data: RawData): Buffer {
  if (!Buffer.isBuffer(data)) throw new Error('one buffer');
  return data;
}
