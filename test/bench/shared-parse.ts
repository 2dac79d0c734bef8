/**
 * In the world every screen has a computer of its own; here 250 of them share a core, and reading the same JSON 250 times was most of what the
 * machine did. A batch whose text is to the last character that of another screen's is read once; any other text is read for itself.
 */
import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';
import type { FeedBatch } from '#server/realtime/events.ts';

const BATCH = /^2(\/[^,]*,)?(\d+)\["feed\.batch",(?=(\{"room":"[^"]*","fromSeq":\d+,"toSeq":\d+),)/;
const MOST = 200;

const read = new Map<string, { readonly text: string; readonly batch: FeedBatch }>();

function readBatch(key: string, text: string): FeedBatch {
  const known = read.get(key);
  if (known?.text === text) return known.batch;
  const batch: FeedBatch = JSON.parse(text);
  read.set(key, { text, batch });
  const [oldest] = read.keys();
  if (read.size > MOST && oldest !== undefined) read.delete(oldest);
  return batch;
}

class SharingDecoder extends Decoder {
  override add(data: unknown): void {
    const found = typeof data === 'string' ? BATCH.exec(data) : null;
    if (typeof data !== 'string' || found === null) {
      super.add(data);
      return;
    }
    const [head, namespace = '/,', id, key = ''] = found;
    const batch = readBatch(key, data.slice(head.length, -1));
    const packet: Packet = { type: PacketType.EVENT, nsp: namespace.slice(0, -1), id: Number(id), data: ['feed.batch', batch] };
    this.emitReserved('decoded', packet);
  }
}

export const sharingParser = { Encoder, Decoder: SharingDecoder };
