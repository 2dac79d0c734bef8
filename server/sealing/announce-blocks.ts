/** Tells the public room of every certified block (product V-25, `ledger.block`), each once and in order. What was told last is read from the
 *  feed itself, so a crash between a block and its message is made good at the next turn. */

import type { CertifiedBlock } from '#ledger/node/ledger-node.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { instant } from '#ledger/primitives/instant.ts';
import type { Ground } from '#server/context.ts';
import type { NewMessage, Outbox } from '#server/outbox/outbox.ts';

const ROOM = 'public';
const AT_ONCE = 100;

export type BlockAnnouncer = { turn(): Promise<void>; start(): Promise<void>; stop(): Promise<void> };

export function announceBlocks({ sql, ledger, log }: Ground, outbox: Pick<Outbox, 'append'>): BlockAnnouncer {
  const tell = (blocks: readonly CertifiedBlock[]): Promise<void> => sql.begin((tx) => outbox.append(tx, blocks.map(messageOf)));
  const turn = async (): Promise<void> => {
    const [row] = await sql<{ height: string }[]>`
      select body::jsonb ->> 'height' as height from outbox.messages where room = ${ROOM} and type = 'ledger.block' order by seq desc limit 1`;
    let waiting: CertifiedBlock[] = [];
    for await (const block of ledger.blocksAfter(BigInt(row?.height ?? 0))) {
      waiting.push(block);
      if (waiting.length < AT_ONCE) continue;
      await tell(waiting);
      waiting = [];
    }
    if (waiting.length > 0) await tell(waiting);
  };
  let following = Promise.resolve();
  const follow = (): void => {
    following = following
      .then(turn)
      .catch((error: unknown) => log.error({ error }, "couldn't announce certified blocks; the next block tries again"));
  };
  let stopListening = (): void => undefined;
  return {
    turn,
    start: async () => {
      stopListening = ledger.onCertified(follow);
      follow();
      await following;
    },
    stop: async () => {
      stopListening();
      await following;
    },
  };
}

function messageOf({ height, header, signers }: CertifiedBlock): NewMessage {
  return {
    room: ROOM,
    type: 'ledger.block',
    at: instant(Number(header.sealedAt)),
    body: {
      height: height.toString(),
      prevHash: toHex(header.prevHash),
      logRoot: toHex(header.logRoot),
      stateRoot: toHex(header.stateRoot),
      txCount: header.txCount,
      signers: [...signers],
      certified: true,
    },
  };
}
