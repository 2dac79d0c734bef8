/**
 * A supervisor's member runs a policy replay again (rulebook 6.8) from its inputs as the market kept them. It signs when the body that it comes
 * to is the one the operator has signed, and when the trades among the inputs are those that it has certified itself: none that its log does
 * not have, none left out, and no other amounts where its keys open them. What no ledger has (attempts, people's levels) is the market's word.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { type ConsortiumConfig, ROLE } from '#ledger/codec/config.ts';
import type { TradeOp } from '#ledger/codec/op-types.ts';
import type { GrantedKey } from '#ledger/crypto/envelope.ts';
import { decodeKeyGrant } from '#ledger/crypto/envelope-codec.ts';
import type { Sm2 } from '#ledger/crypto/sm2.ts';
import type { CertifiedPast } from '#ledger/node/consortium/certified-past.ts';
import type { FollowerNode } from '#ledger/node/follower-node.ts';
import type { KeyPair, NodeKeys } from '#ledger/node/keys.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { memberRecipient, readGrants } from '#ledger/node/store/envelopes.ts';
import { type Bytes, equalBytes, fromBase64, fromHex, fromUtf8, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { startOfBeijingDate } from '#ledger/primitives/instant.ts';
import type { TradeFact } from '#sandbox/replay/facts.ts';
import type { ReplayInputs } from '#sandbox/replay/inputs.ts';
import { readReplayInputs } from '#sandbox/replay/inputs-file.ts';
import { type ReplayAnswer, replaySteps } from '#sandbox/replay/replay.ts';
import { replayMessage } from '#server/compliance/replay-message.ts';
import type { Sql } from '#server/db.ts';
import { keyRing } from './checks/member-checks.ts';
import { readSale } from './checks/sealed-sale.ts';
import { operatorKeys } from './mirror-papers.ts';

const request = z.strictObject({
  bodyHash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of the operator. */
  signature: z.string().regex(/^[0-9a-f]{128}$/),
  /** `daoju.replay-inputs/1`, compressed. */
  inputs: z.base64(),
});
export type ConfirmRequest = z.infer<typeof request>;

export const CONFIRM_CODES = [
  'request_malformed',
  'not_supervisor',
  'replay_unsigned',
  'replay_inputs_malformed',
  'replay_body_differs',
  'replay_ledger_differs',
] as const;
export type ConfirmAnswer =
  | { readonly kind: 'confirmed'; readonly member: number; readonly sig: string; readonly trades: number; readonly opened: number }
  | { readonly kind: 'rejected'; readonly code: (typeof CONFIRM_CODES)[number]; readonly facts: Readonly<Record<string, string>> };

export type ConfirmGround = {
  /** In force. */
  readonly config: ConsortiumConfig;
  readonly governance: KeyPair;
  readonly sm2: Sm2;
  /** Of the accounts that are operator in force. */
  readonly operatorKeys: readonly Bytes[];
  readonly past: () => CertifiedPast;
  /** That open sealed parts here. */
  readonly keys: () => Promise<readonly GrantedKey[]>;
};

const rejected = (code: (typeof CONFIRM_CODES)[number], facts: Readonly<Record<string, string>> = {}): ConfirmAnswer => ({
  kind: 'rejected',
  code,
  facts,
});
const unzip = promisify(gunzip);
/** 100,000 trades with their attempts are about 200 MB. */
const UNZIPPED_BYTES = 1_000_000_000;
const PAGE = 1_000n;

export async function confirmReplay(ground: ConfirmGround, input: unknown): Promise<ConfirmAnswer> {
  const parsed = request.safeParse(input);
  if (!parsed.success) return rejected('request_malformed', { reason: z.prettifyError(parsed.error) });
  const { config, governance, sm2 } = ground;
  const self = config.members.find(({ govPub, role }) => role === ROLE.supervisor && equalBytes(govPub, governance.publicKey));
  // Whoever may not know prices and levels of people is never shown the inputs.
  if (self === undefined) return rejected('not_supervisor');
  const { bodyHash, signature } = parsed.data;
  const message = replayMessage(bodyHash);
  // Computing costs minutes: only for what the operator stands behind.
  const isSigned = ground.operatorKeys.some((key) => sm2.verify(key, message, fromHex(signature, 64)));
  if (!isSigned) return rejected('replay_unsigned');
  const inputs = await readInputs(fromBase64(parsed.data.inputs));
  if (inputs === null) return rejected('replay_inputs_malformed');
  const answer = await runAgain(inputs);
  if (answer === null) return rejected('replay_inputs_malformed');
  if (answer.kind === 'rejected') return rejected('replay_body_differs', { code: answer.code });
  if (answer.replay.bodyHash !== bodyHash) return rejected('replay_body_differs', { bodyHash: answer.replay.bodyHash });
  const compared = await compareWithLedger(ground, inputs);
  if ('tradeId' in compared) return rejected('replay_ledger_differs', compared);
  return { kind: 'confirmed', member: self.id, sig: toHex(sm2.sign(governance.privateKey, message)), ...compared };
}

/** With what this member has certified and the keys that were granted to it. */
export async function confirmAt(
  node: FollowerNode,
  { sql, keys, member }: { readonly sql: Sql; readonly keys: Pick<NodeKeys, 'governance' | 'encryption'>; readonly member: number },
  request: unknown,
): Promise<ConfirmAnswer> {
  const ring = keyRing(keys.encryption.privateKey);
  const granted = async () => ring((await readGrants(sql, memberRecipient(member))).map(({ grant }) => decodeKeyGrant(grant)));
  const ground = { config: node.config, governance: keys.governance, sm2: startSm2().sm2, operatorKeys: operatorKeys(node) };
  return confirmReplay({ ...ground, past: () => node.past(), keys: granted }, request);
}

async function readInputs(zipped: Uint8Array): Promise<ReplayInputs | null> {
  try {
    const text = fromUtf8(new Uint8Array(await unzip(zipped, { maxOutputLength: UNZIPPED_BYTES })));
    return readReplayInputs(text.split('\n').filter((line) => line !== ''));
  } catch (error) {
    // What does not unzip is as unreadable as what does not parse.
    if (error instanceof ParseError || (error instanceof Error && 'code' in error)) return null;
    throw error;
  }
}

/** In steps, so that the node goes on voting. Null: rows that are no facts. */
async function runAgain(inputs: ReplayInputs): Promise<ReplayAnswer | null> {
  try {
    let answer: ReplayAnswer | null = null;
    for (const run of replaySteps(inputs)) {
      await nextTurn();
      answer = run.answer;
    }
    return answer;
  } catch (error) {
    if (error instanceof ParseError || error instanceof TypeError) return null;
    throw error;
  }
}

type Differs = { readonly tradeId: string; readonly what: string };
type Compared = { readonly trades: number; readonly opened: number };

async function compareWithLedger(ground: ConfirmGround, { facts }: ReplayInputs): Promise<Compared | Differs> {
  const named = new Map(facts.trades.map((trade) => [trade.id, trade]));
  const undone = new Set(facts.undone?.map(({ id }) => id));
  const [from, before] = [startOfBeijingDate(facts.coverage.from), startOfBeijingDate(facts.coverage.to)];
  const past = ground.past();
  const keys = await ground.keys();
  const { from: first, isWhole } = await past.since(BigInt(from));
  let opened = 0;
  for (let next = first; next < past.logSize; next += PAGE) {
    const entries = await past.entries(next, next + PAGE < past.logSize ? next + PAGE : past.logSize);
    const envelopes = await past.envelopesOf(entries);
    for (const { entry } of entries) {
      const { op } = entry.env.body;
      if (op.kind !== 'trade') continue;
      const tradeId = `trd_${toHex(op.tradeId)}`;
      // What is said never to have come to be must not stand here.
      if (undone.has(tradeId)) return { tradeId, what: 'undone_on_ledger' };
      const fact = named.get(tradeId);
      named.delete(tradeId);
      const envelope = envelopes.get(toHex(op.env));
      const sale = envelope === undefined ? null : readSale(op, envelope, keys);
      if (fact === undefined) {
        if (sale !== null && sale.paidAt >= from && sale.paidAt < before) return { tradeId, what: 'left_out' };
        continue;
      }
      const what = differenceOf(fact, op, sale);
      if (what !== null) return { tradeId, what };
      if (sale !== null) opened += 1;
    }
  }
  const [unknown] = isWhole ? named.keys() : [];
  if (unknown !== undefined) return { tradeId: unknown, what: 'not_on_ledger' };
  return { trades: facts.trades.length - named.size, opened };
}

function differenceOf(fact: TradeFact, op: TradeOp, sale: ReturnType<typeof readSale>): string | null {
  if (fact.sellerRef !== toHex(op.sell.order.acct)) return 'seller';
  if (fact.buyerRef !== toHex(op.buy.order.acct)) return 'buyer';
  if (fact.itemIds.length !== op.items.length) return 'items';
  if (sale === null) return null;
  if (fact.grossFen !== sale.grossFen) return 'gross';
  return fact.paidAt === sale.paidAt ? null : 'paid_at';
}
