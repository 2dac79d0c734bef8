/** A signer process in this one: a key, tables in a database of its own, and a door behind a port. */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { KeyPair } from '#ledger/node/keys.ts';
import { keyInMemory } from '#ledger/node/signer/file-signer.ts';
import { type SignerDoor, signerDoor } from '#ledger/node/signer/signer-door.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import type { Bytes } from '#ledger/primitives/bytes.ts';
import type { Sql } from '#server/db.ts';
import { openSignerTables } from '#server/members/open-signer.ts';
import type { Random } from '#server/random.ts';

export interface TestSigner {
  readonly url: string;
  readonly door: SignerDoor;
  stop(): Promise<void>;
}

export interface TestSignerOptions {
  readonly sql: Sql;
  readonly keysDir: string;
  /** 0 takes any free one. */
  readonly port?: number;
  readonly key: KeyPair;
  readonly clients: readonly Bytes[];
  readonly random: Random;
}

const HOST = '127.0.0.1';

export async function openTestSigner({ sql, keysDir, port = 0, key, clients, random }: TestSignerOptions): Promise<TestSigner> {
  mkdirSync(keysDir, { recursive: true });
  const { sm2 } = startSm2();
  const log = { info: () => undefined, error: () => undefined };
  const device = keyInMemory(key, sm2);
  const signerFor = await openSignerTables({ sql, keysDir, device, sm2, log });
  const door = signerDoor({ device, clients, signerFor, sm2, random: (length) => random.bytes(length), log });
  const server = createServer((request, response) => void door.handle(request, response));
  await new Promise<void>((resolve) => server.listen(port, HOST, resolve));
  const address = server.address();
  return {
    url: `http://${HOST}:${typeof address === 'object' && address !== null ? address.port : 0}`,
    door,
    stop: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
