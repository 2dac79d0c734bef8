/**
 * Socket.IO's own wire format (protocol 5), with a message written once however many batches it is in, and a batch once however many sockets
 * it goes to: five hundred screens stand at the same number. Over WebSocket the bytes are shared too: a socket's own are the head of the frame
 * and the number by which it answers; what follows is the same buffer for everybody, handed to the kernel as it is.
 */
import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';
import type { FeedBatch, FeedMessage } from './events.ts';

type Written = { readonly text: string; readonly bytes: Buffer };

const messages = new WeakMap<FeedMessage, string>();
/** Batches that a `RoomTail` shares; anything else goes the usual way. `null`: not written yet. */
const batches = new WeakMap<object, Written | null>();

export function shareBatch(batch: FeedBatch): FeedBatch {
  batches.set(batch, null);
  return batch;
}

function isSharedBatch(value: unknown): value is FeedBatch {
  return typeof value === 'object' && value !== null && batches.has(value);
}

function textOf(message: FeedMessage): string {
  const text = messages.get(message) ?? JSON.stringify(message);
  messages.set(message, text);
  return text;
}

/** As `JSON.stringify(batch)` writes it, and the end of the packet. */
function writeBatch(batch: FeedBatch): Written {
  const known = batches.get(batch);
  if (known !== undefined && known !== null) return known;
  const { messages: all, ...head } = batch;
  const text = `${JSON.stringify(head).slice(0, -1)},"messages":[${all.map(textOf).join(',')}]}]`;
  const written = { text, bytes: Buffer.from(text) };
  batches.set(batch, written);
  return written;
}

/** What engine.io is about to send; it takes a finished frame instead of `data` where the transport is a WebSocket. */
export type EnginePacket = { readonly data?: unknown; readonly options?: { wsPreEncodedFrame?: readonly Buffer[] } };

/** The encoder and the engine of one server: the engine announces a packet while the encoder's caller still runs. */
export function openBatchParser() {
  let last: { readonly text: string; readonly frame: () => readonly Buffer[] } | null = null;

  class BatchEncoder extends Encoder {
    override encode(packet: Packet): (string | Buffer)[] {
      const [event, batch, ...rest] = packet.type === PacketType.EVENT && Array.isArray(packet.data) ? packet.data : [];
      if (event !== 'feed.batch' || rest.length > 0 || !isSharedBatch(batch)) return super.encode(packet);
      const { text, bytes } = writeBatch(batch);
      const namespace = packet.nsp === '/' ? '' : `${packet.nsp},`;
      const own = `${packet.type}${namespace}${packet.id ?? ''}["feed.batch",`;
      const whole = own + text;
      last = { text: whole, frame: () => frameOf(own, bytes) };
      return [whole];
    }
  }

  return {
    parser: { Encoder: BatchEncoder, Decoder },
    /** For engine.io's event `packetCreate`. */
    frame: (packet: EnginePacket): void => {
      if (last === null || packet.options === undefined || packet.data !== last.text) return;
      packet.options.wsPreEncodedFrame = last.frame();
      last = null;
    },
  };
}

const FINAL_TEXT = 0x81;
/** engine.io's packet type *message*. */
const MESSAGE = '4';

/** A WebSocket text frame from the server, unmasked (RFC 6455, 5.2), in two pieces. */
function frameOf(own: string, shared: Buffer): readonly Buffer[] {
  const text = Buffer.from(MESSAGE + own);
  const length = text.length + shared.length;
  if (length > 0xffff) {
    const head = Buffer.alloc(10);
    head.writeUInt16BE((FINAL_TEXT << 8) | 127, 0);
    head.writeBigUInt64BE(BigInt(length), 2);
    return [Buffer.concat([head, text]), shared];
  }
  if (length > 125) {
    const head = Buffer.alloc(4);
    head.writeUInt16BE((FINAL_TEXT << 8) | 126, 0);
    head.writeUInt16BE(length, 2);
    return [Buffer.concat([head, text]), shared];
  }
  return [Buffer.concat([Buffer.from([FINAL_TEXT, length]), text]), shared];
}
