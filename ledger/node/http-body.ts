/** What the doors of a node share: a body that is read up to a limit, and an answer without one. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bytes } from '#ledger/primitives/bytes.ts';

/** Null: longer than `most` bytes. */
export async function readBody(request: IncomingMessage, most: number): Promise<Bytes | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    length += part.length;
    if (length > most) return null;
    chunks.push(part);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

export function end(response: ServerResponse, status: number): true {
  response.statusCode = status;
  response.end();
  return true;
}
