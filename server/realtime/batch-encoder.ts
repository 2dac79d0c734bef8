/**
 * Socket.IO's own wire format (protocol 5), with the JSON of a batch written once however many sockets it goes to: five hundred screens
 * stand at the same number, and writing 200 messages anew for each was most of the server's time.
 */
import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';
import type { FeedBatch } from './events.ts';

const written = new WeakMap<FeedBatch, string>();
/** Batches that a `RoomTail` shares; anything else goes the usual way. */
const shared = new WeakSet<object>();

export function shareBatch(batch: FeedBatch): FeedBatch {
  shared.add(batch);
  return batch;
}

function isSharedBatch(value: unknown): value is FeedBatch {
  return typeof value === 'object' && value !== null && shared.has(value);
}

class BatchEncoder extends Encoder {
  override encode(packet: Packet): (string | Buffer)[] {
    const [event, batch, ...rest] = packet.type === PacketType.EVENT && Array.isArray(packet.data) ? packet.data : [];
    if (event !== 'feed.batch' || rest.length > 0 || !isSharedBatch(batch)) return super.encode(packet);
    const json = written.get(batch) ?? JSON.stringify(batch);
    written.set(batch, json);
    const namespace = packet.nsp === '/' ? '' : `${packet.nsp},`;
    return [`${packet.type}${namespace}${packet.id ?? ''}["feed.batch",${json}]`];
  }
}

export const batchParser = { Encoder: BatchEncoder, Decoder };
