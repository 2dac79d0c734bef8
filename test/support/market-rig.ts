/** The market on a test database with a movable clock: Amy and Bob with keys and money, a studio with kinds of items, and what they do
 *  said in one line each. Nothing turns by itself: a test turns the clocks, the institution and the sealing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DEMONSTRATION_MARKET_MAKERS, DEMONSTRATION_PLAYERS } from '#drizzle/seed/demonstration-keys.ts';
import { decodeOrder, encodeSignedOrder } from '#ledger/codec/order.ts';
import { encodeTxEnv, type TxEnv } from '#ledger/codec/tx.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import { type LedgerNode, openLedger } from '#ledger/node/ledger-node.ts';
import { fromHex, toHex, ZERO_32 } from '#ledger/primitives/bytes.ts';
import { fen } from '#ledger/primitives/fen.ts';
import { type AccountId, accountIdBytes, type ClassId, type ItemId, parseReferenceId } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import type { LedgerCode } from '#ledger/tx/codes.ts';
import { classIdFrom, extOf, itemIdOf as ledgerItemId } from '#ledger/tx/ids.ts';
import { signOrders, signTx } from '#ledger/tx/sign.ts';
import type { Clock } from '#server/clock.ts';
import { followDisplaced } from '#server/custody/displaced.ts';
import type { Sql } from '#server/db.ts';
import type { QuoteRequest } from '#server/exchange/market.ts';
import { type OpenedMarket, openMarket } from '#server/exchange/open-market.ts';
import { demonstrationPlayerAcct, ensureDemonstrationPlayers } from '#server/identity/demonstration.ts';
import type { Identity, Player } from '#server/identity/identity.ts';
import { openIdentity } from '#server/identity/open-identity.ts';
import { silentLog } from '#server/log.ts';
import { openOutbox } from '#server/outbox/open-outbox.ts';
import type { Outbox } from '#server/outbox/outbox.ts';
import type { Random } from '#server/random.ts';
import type {
  CancelOrderAnswer,
  CancelOrderInput,
  OrderView,
  PlaceOrderAnswer,
  PlaceOrderInput,
  Quote,
  ReplaceOrderAnswer,
  ReplaceOrderInput,
} from '#server/trpc/views.ts';
import { orderFromQuote } from '#server/workers/demonstration/player-client.ts';
import { demonstrationStudioAcct, ensureDemonstrationStudio } from '#server/workers/demonstration/studio-account.ts';
import { seededRandom } from './seeded-random.ts';

export type Kind = { readonly classId: ClassId; readonly classRef: string };
export type Trader = { readonly name: string; readonly acct: AccountId; readonly privateKey: Uint8Array; player(): Promise<Player> };
export type KindFacts = Partial<{
  readonly feeBps: number;
  readonly royaltyBps: number;
  readonly publicityHours: number;
  readonly isInterchangeable: boolean;
  readonly isCollectible: boolean;
}>;

export interface TestMarket {
  readonly sql: Sql;
  readonly clock: MovableClock;
  readonly ledger: LedgerNode;
  readonly random: Random;
  readonly identity: Identity;
  readonly outbox: Outbox;
  /** Another one after `reopen`. */
  readonly market: OpenedMarket;
  readonly amy: Trader;
  readonly bob: Trader;
  readonly cid: Trader;
  /** 16 years old. */
  readonly kim: Trader;
  trader(name: string): Promise<Trader>;
  kind(classRef: string, facts?: KindFacts): Promise<Kind>;
  mint(kind: Kind, to: Trader, quantity: number): Promise<readonly ItemId[]>;
  fund(trader: Trader, amountFen: bigint): Promise<void>;
  quote(trader: Trader, request: Partial<QuoteRequest> & Pick<QuoteRequest, 'intent' | 'classId'>): Promise<Quote>;
  input(trader: Trader, quote: Quote, referenceId?: string): PlaceOrderInput;
  /** Many under one batch signature. */
  inputSheet(trader: Trader, quotes: readonly Quote[]): readonly PlaceOrderInput[];
  cancelSheet(trader: Trader, orders: readonly OrderView[]): readonly CancelOrderInput[];
  place(trader: Trader, quote: Quote, referenceId?: string): Promise<PlaceOrderAnswer>;
  cancelInput(trader: Trader, order: OrderView, referenceId?: string): CancelOrderInput;
  cancel(trader: Trader, order: OrderView, referenceId?: string): Promise<CancelOrderAnswer>;
  /** A cancel of `order` and a new order on `quote` in its place. */
  replaceInput(trader: Trader, order: OrderView, quote: Quote, referenceId?: string): ReplaceOrderInput;
  replace(trader: Trader, order: OrderView, quote: Quote, referenceId?: string): Promise<ReplaceOrderAnswer>;
  /** The supervisor freezes an item for thirty days. */
  freeze(serial: bigint): Promise<void>;
  /** What the members find of each LedgerTx from now on: the code that refuses it, or null. */
  judge(verdict: (env: TxEnv) => LedgerCode | null): void;
  /** Stops the market and opens it again from its tables. */
  reopen(): Promise<boolean>;
  /** Seals what is sequenced, then turns the clocks. */
  certify(): Promise<void>;
  stop(): Promise<void>;
}

const AMOUNT = fen(0n);
let references = 0;

/** `advance` and `set` move a fake clock; the system's own cannot be moved, and a bench does not ask it to. */
export type MovableClock = Clock & { advance(milliseconds: number): void; set(iso: string): void };
export type RigOptions = {
  readonly clock: MovableClock;
  readonly workers?: number;
  /** Nothing turns by itself. */
  readonly isManual: boolean;
  readonly makers?: number;
  /** Kept by the caller over restarts; a folder of its own otherwise. */
  readonly keysDir?: string;
  readonly random?: Random;
};

/** On a migrated database of the caller's. */
export async function openMarketRig(sql: Sql, options: RigOptions): Promise<TestMarket> {
  const { clock } = options;
  const keysDir = options.keysDir ?? mkdtempSync(path.join(tmpdir(), 'daoju-market-'));
  const random = options.random ?? seededRandom('market');
  let verdict: (env: TxEnv) => LedgerCode | null = () => null;
  const ledger = await openLedger({
    sql,
    now: () => clock.now(),
    random: (length) => random.bytes(length),
    keysDir,
    demonstration: true,
    workers: options.workers ?? 0,
    judge: (env) => verdict(env),
    onDisplaced: followDisplaced,
  });
  const ground = { sql, clock, random, log: silentLog, ledger };
  const identity = openIdentity(ground, { keysDir });
  const outbox = openOutbox(ground);
  await ensureDemonstrationPlayers(identity.ground, [
    ...DEMONSTRATION_PLAYERS,
    ...DEMONSTRATION_MARKET_MAKERS.slice(0, options.makers ?? 6),
  ]);
  const studio = await ensureDemonstrationStudio(ground);
  await ledger.sealNow();
  const open = async () => {
    const opened = await openMarket({ ...ground, identity, outbox }, { isManual: options.isManual });
    await opened.start();
    return opened;
  };
  let market = await open();
  if (!options.isManual) ledger.start();
  const studioAcct = demonstrationStudioAcct();
  await sql`insert into catalogue.games (game_id, studio_acct, game_ref, name_en, approval_no, heartbeat_at, created_at)
    values (${GAME}, ${studioAcct}, 'demo', 'Demo', 'ISBN 978-7-0000-0000-0', now(), now()) on conflict do nothing`;

  const trader = async (name: string): Promise<Trader> => {
    const acct = demonstrationPlayerAcct(ledger, name);
    return {
      name,
      acct,
      privateKey: demonstrationKeys(name).privateKey,
      player: async () => {
        const player = await identity.getPlayer(acct);
        if (player === null) throw new Error(`no player ${name}`);
        return player;
      },
    };
  };
  const window = () => ({ notBefore: BigInt(clock.now() - 1000), notAfter: BigInt(clock.now() + 3_600_000) });
  const body = (op: Parameters<typeof studio.batchSign>[0][number]['op']) => ({
    chain: ledger.chain,
    salt: random.bytes(16),
    ...window(),
    op,
  });

  const kind: TestMarket['kind'] = async (classRef, facts = {}) => {
    const classId = classIdFrom(accountIdBytes(studioAcct), extOf(classRef));
    const definition = { ext: extOf(classRef), transferRule: 0, supplyCap: 0n, meta: ZERO_32, media: ZERO_32, terms: ZERO_32 };
    const envs = studio.batchSign([body({ kind: 'class_define', issuer: accountIdBytes(studioAcct), classes: [definition] })]);
    await market.sequence(envs, async (tx, results) => {
      const [result] = results;
      if (result?.kind !== 'sequenced') throw new Error(`class refused: ${result?.code}`);
      const leaf = result.classes[0];
      await tx`insert into catalogue.item_classes (class_id, ledger_serial, studio_acct, game_id, class_ref, name_en, name_zh, category, type, icon,
          rarity, attributes, royalty_bps, fee_bps, publicity_hours, protection_hours, resale_wait_trading_days, collectible, interchangeable,
          giftable, origin, tx_id, reference_id, created_at, certified_at)
        values (${classId}, ${String(leaf?.serial ?? 0)}, ${studioAcct}, ${GAME}, ${classRef}, ${classRef}, ${`${classRef} 道具`}, 'weapon', 'sword',
          'broadsword', 'rare', ${sql.json({ level: classRef.length })}, ${facts.royaltyBps ?? 200}, ${facts.feeBps ?? 500},
          ${facts.publicityHours ?? 0}, 168, 0, ${facts.isCollectible ?? false}, ${facts.isInterchangeable ?? false}, true, 'PLAY',
          ${result.txId}, ${classRef}, ${toIso(clock.now())}, ${toIso(clock.now())})`;
    });
    await ledger.sealNow();
    return { classId, classRef };
  };
  let unit = 0;
  const mint: TestMarket['mint'] = async ({ classId, classRef }, to, quantity) => {
    const [row] = await sql<{ ledger_serial: string }[]>`select ledger_serial from catalogue.item_classes where class_id = ${classId}`;
    const items = Array.from({ length: quantity }, () => ({
      cls: Number(row?.ledger_serial),
      to: accountIdBytes(to.acct),
      ext: extOf(`${classRef}/${unit++}`),
      meta: ZERO_32,
    }));
    const ids = items.map((item) => ledgerItemId(accountIdBytes(studioAcct), extOf(classRef), item.ext));
    for (let from = 0; from < items.length; from += 200) {
      const [result] = await market.sequence(studio.batchSign([body({ kind: 'mint', items: items.slice(from, from + 200) })]));
      if (result?.kind !== 'sequenced') throw new Error(`mint refused: ${result?.code}`);
    }
    await ledger.sealNow();
    return ids;
  };
  const certify = async () => {
    clock.advance(300);
    await ledger.sealNow();
    await market.turnClocks();
  };
  const nextReference = () => `ref-${references++}`;
  const inputSheet: TestMarket['inputSheet'] = (who, quotes) => {
    const drafts = quotes.map((quote) => orderFromQuote(quote, (length) => random.bytes(length)));
    const { keyIdx, keyEpoch } = quotes[0]?.document ?? { keyIdx: 0, keyEpoch: 0 };
    const key = { acct: accountIdBytes(who.acct), keyIdx, keyEpoch, privateKey: who.privateKey };
    const signed = signOrders(
      ledger.sm2,
      key,
      drafts.map(({ order }) => order),
    );
    return quotes.map(({ document, sig }, index): PlaceOrderInput => {
      const [order, draft] = [signed[index], drafts[index]];
      if (order === undefined || draft === undefined) throw new Error('one order, one signature');
      return {
        referenceId: nextReference(),
        intent: document.intent,
        targetOrderId: document.targetOrderId,
        signedOrder: toHex(encodeSignedOrder(order)),
        terms: draft.fields.map((field, id) => ({ id, salt: toHex(field.salt), value: toHex(field.value) })),
        quote: { document, sig },
      };
    });
  };
  const input: TestMarket['input'] = (who, quote, referenceId) => {
    const [only] = inputSheet(who, [quote]);
    if (only === undefined) throw new Error('one quote, one order');
    return referenceId === undefined ? only : { ...only, referenceId };
  };
  const cancelSheet: TestMarket['cancelSheet'] = (who, orders) => {
    const account = ledger.pending.accountById(accountIdBytes(who.acct));
    const policy = account === null ? null : ledger.pending.policyByHash(account.policy);
    const keyIdx = policy?.keys.findIndex((key) => key.use === 1) ?? 0;
    const signer = { acct: accountIdBytes(who.acct), keyIdx, keyEpoch: account?.keyEpoch ?? 0, privateKey: who.privateKey };
    const bodies = orders.map((order) => body({ kind: 'order_cancel', order: decodeOrder(fromHex(order.orderBytes)) }));
    return signTx(ledger.sm2, signer, bodies).map((env, index): CancelOrderInput => {
      const order = orders[index];
      if (order === undefined) throw new Error('one body, one env');
      return { referenceId: nextReference(), orderId: order.orderId, signedCancel: toHex(encodeTxEnv(env)) };
    });
  };
  const cancelInput: TestMarket['cancelInput'] = (who, order, referenceId) => {
    const [only] = cancelSheet(who, [order]);
    if (only === undefined) throw new Error('one order, one cancel');
    return referenceId === undefined ? only : { ...only, referenceId };
  };
  const replaceInput: TestMarket['replaceInput'] = (who, order, quote, referenceId = `ref-${references++}`) => {
    const { orderId, signedCancel } = cancelInput(who, order, referenceId);
    const { intent, targetOrderId, signedOrder, terms, quote: signed } = input(who, quote, referenceId);
    return { referenceId, cancel: { orderId, signedCancel }, place: { intent, targetOrderId, signedOrder, terms, quote: signed } };
  };
  return {
    sql,
    clock,
    ledger,
    random,
    identity,
    outbox,
    get market() {
      return market;
    },
    amy: await trader('lin-yue'),
    bob: await trader('chen-hai'),
    cid: await trader('zhou-ning'),
    kim: await trader('xiao-he'),
    trader,
    kind,
    mint,
    fund: async (who, amountFen) => {
      const answer = await market.deposit(await who.player(), {
        referenceId: parseReferenceId(`fund-${references++}`),
        amountFen: fen(amountFen),
      });
      if (answer.kind !== 'requested') throw new Error(`deposit refused: ${answer.code}`);
      for (let turn = 0; turn < 4; turn++) {
        clock.advance(5_000);
        await market.turnClocks();
      }
    },
    quote: async (who, request) => {
      const answer = await market.quote(await who.player(), {
        itemIds: [],
        targetOrderId: null,
        priceFen: AMOUNT,
        quantity: 1,
        timeInForce: 'gtc',
        payFrom: 'balance',
        replaces: null,
        expression: '',
        smallestFill: 1,
        lifeDays: 30,
        ...request,
      });
      if (answer.kind === 'rejected') throw new Error(`quote refused: ${answer.code}`);
      return answer.quote;
    },
    input,
    inputSheet,
    cancelSheet,
    place: async (who, quote, referenceId) => market.place(await who.player(), input(who, quote, referenceId)),
    cancelInput,
    cancel: async (who, order, referenceId) => market.cancel(await who.player(), cancelInput(who, order, referenceId)),
    replaceInput,
    replace: async (who, order, quote, referenceId) => market.replace(await who.player(), replaceInput(who, order, quote, referenceId)),
    freeze: async (serial) => {
      if (ledger.demo === null) throw new Error('a demonstration chain');
      const target = { kind: 'item', serial } as const;
      const op = { kind: 'freeze', target, until: BigInt(clock.now() + 30 * 86_400_000), doc: ZERO_32 } as const;
      const [result] = await market.sequence(ledger.demo.supervisor.batchSign([body(op)]));
      if (result?.kind !== 'sequenced') throw new Error(`freeze refused: ${result?.code}`);
      await ledger.sealNow();
    },
    judge: (next) => {
      verdict = next;
    },
    reopen: async () => {
      await market.stop();
      market = await open();
      return true;
    },
    certify,
    stop: async () => {
      await market.stop();
      await ledger.stop();
      rmSync(keysDir, { recursive: true, force: true });
    },
  };
}

const GAME = 'gam_00000000000000000000000000000001';
