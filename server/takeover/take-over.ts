/**
 * A member takes over the market (product O-05): from the ledger come items, accounts, certified sales, rules and references; from the payment
 * institution balances, holds and payouts due; from the copies that members keep, what kinds are called. One database transaction, or
 * nothing happened. Nobody else may be writing.
 */
import { decodeGenesis } from '#ledger/codec/genesis.ts';
import type { GrantedKey } from '#ledger/crypto/envelope.ts';
import { decodeKeyGrant } from '#ledger/crypto/envelope-codec.ts';
import { openGrant } from '#ledger/crypto/key-grant.ts';
import { readChain } from '#ledger/node/store/blocks.ts';
import { memberRecipient, readEnvelopes, readGrants } from '#ledger/node/store/envelopes.ts';
import { assert } from '#ledger/primitives/assert.ts';
import { type Bytes, fromUtf8, isZero, toHex } from '#ledger/primitives/bytes.ts';
import { type AccountId, parseAccountId } from '#ledger/primitives/ids.ts';
import { type Instant, parseInstant } from '#ledger/primitives/instant.ts';
import { recordKey as ledgerRecordKey } from '#ledger/tx/ids.ts';
import { EXPERIMENT_STATES, type Experiment } from '#sandbox/experiments/experiment.ts';
import { findPackByHash, rememberPack } from '#sandbox/packs/pack.ts';
import { readStoredPack } from '#sandbox/packs/parse-pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import { insertPack } from '#server/compliance/packs.repo.ts';
import { replayCustody } from '#server/custody/rebuild-custody.ts';
import type { Sql, Tx } from '#server/db.ts';
import { insertExperiment } from '#server/exchange/experiments.repo.ts';
import { appendOutbox } from '#server/outbox/append-outbox.ts';
import { copyBooks } from '#server/payments/institution-copy.repo.ts';
import type { PaymentProvider } from '#server/payments/provider.ts';
import { insertClasses } from '#server/studio/catalogue.repo.ts';
import { classIdOfRef } from '#server/studio/class-documents.ts';
import { listItemsOfTrades } from './custody-of-trades.repo.ts';
import { gameDocument, type KindDocument, kindDocument } from './kind-document.ts';
import { finishKinds, readCopies, restoreGames } from './kinds.repo.ts';
import { type KnownPerson, type KnownTrade, openPerson, openTrade } from './open-sealed.ts';
import { type OpenRequest, openingBooks } from './opening-books.ts';
import { type Carried, findKeptPapers, restorePapers } from './papers.repo.ts';
import { readKept } from './papers.ts';
import { type ChainFacts, readChainFacts } from './read-chain.ts';
import { type ArtGround, restoreArt } from './restore-art.ts';
import { restoreTransfers, saveOpeningBooks } from './restore-books.repo.ts';
import { type PeopleGround, restorePeople } from './restore-people.ts';
import {
  forgetUnknownTrades,
  payoutAfterTakeover,
  payoutOf,
  type RestoredTrade,
  restoreAssessments,
  restoreReturnedLots,
  restoreTrades,
} from './restore-trades.repo.ts';
import { holdSellersOfToday, keepSealed, type OpenedLater, openSealedPurchases } from './sealed-purchases.ts';
import { findTakeover, insertSightings, insertTakeover, listInstitutionRequests, numberEntries } from './takeover.repo.ts';

export type TakeOverGround = {
  readonly sql: Sql;
  /** The payment institution, and where the simulated one keeps its books. */
  readonly institution: { readonly provider: Pick<PaymentProvider, 'books'>; readonly sql: Sql };
  readonly member: number;
  readonly operator: AccountId;
  readonly encryptionKey: Bytes;
  /** Documents that this member has kept, by hash. */
  readonly document: (sm3: string) => Bytes | null;
  /** Art that it has kept, and how much a kind may have. */
  readonly media: Pick<ArtGround, 'art' | 'bytesMax'>;
  readonly people: Omit<PeopleGround, 'genesis'>;
  /** Every supervisor has handed over: what is sealed here is sealed to everybody. */
  readonly isAllOpen: boolean;
  readonly now: Instant;
};

export type TakenOver = {
  readonly kind: 'taken_over';
  readonly items: number;
  readonly kinds: number;
  /** Kinds whose art this member held. */
  readonly art: number;
  readonly players: number;
  readonly playersWithoutIdentity: number;
  readonly trades: number;
  /** Certified sales whose figures no key here opens: the items are where they belong, the figures are not known. */
  readonly tradesWithoutFigures: number;
  /** Items bought in them that can't be sold before a supervisor hands over what opens them. */
  readonly purchasesSealed: number;
  readonly unpaidTrades: number;
  /** Of those, in dispute when the former operator went: their parties claim again. */
  readonly disputedTrades: number;
  readonly heldFen: bigint;
  /** Of the desk's papers that a supervisor has handed over; null: there were none. */
  readonly carried: Carried | null;
  readonly height: bigint;
};
/** `OpenedLater`: what a hand-over that came afterwards has opened. */
export type TakeOverAnswer = TakenOver | ({ readonly kind: 'taken_over_before'; readonly at: Instant } & OpenedLater);

export async function takeOver(ground: TakeOverGround): Promise<TakeOverAnswer> {
  const { sql, institution, isAllOpen, now } = ground;
  const before = await findTakeover(sql);
  if (before !== null)
    return { kind: 'taken_over_before', at: before.at, ...(await openSealedPurchases(sql, await openKeys(ground), isAllOpen)) };
  const stored = await readChain(sql);
  assert(stored !== null, 'a member has the chain');
  const facts = await readChainFacts(sql);
  const keys = await openKeys(ground);
  const trades = await openAll(
    sql,
    facts.trades.map((recorded) => ({ env: recorded.op.env, open: (bytes: Bytes | null) => openTrade(recorded, bytes, keys) })),
  );
  const persons = await openAll(
    sql,
    facts.players.map((account) => ({ env: account.env, open: (bytes: Bytes | null) => openPerson(account, bytes, keys) })),
  );
  const books = await institution.provider.books([]);
  const requests = await openRequests(institution.sql);
  if (institution.sql !== sql) await copyBooks(institution.sql, sql);
  return sql.begin(async (tx) => {
    await numberEntries(tx);
    const classIds = await restoreKinds(tx, facts, now);
    const art = await restoreArt(tx, { document: ground.document, ...ground.media }, facts.art, classIds);
    const custody = await replayCustody(sql, tx);
    const packOf = restorePacks(ground.document);
    for (const { doc, at } of facts.packs) await keepPack(tx, packOf(toHex(doc)), at);
    const experiments = await restoreExperiments(tx, ground, facts);
    const people = { ...ground.people, genesis: decodeGenesis(stored.genesis) };
    const byAcct = new Map(persons.map((person): readonly [AccountId, KnownPerson] => [person.account.acct, person]));
    const players = await restorePeople(tx, people, facts.players, byAcct, facts.erased, now);
    const papers = await keptPapers(tx, ground.encryptionKey);
    const held = new Map((papers?.holds ?? []).map(({ tradeId, payoutAt }) => [tradeId, parseInstant(payoutAt)]));
    const sales = await placeTrades(tx, trades, { facts, packOf, experiments, held, now });
    const opening = openingBooks({ balances: books.accounts, sales: sales.map(soldBefore), requests });
    const restored = sales.map((sale) => {
      const known = { ...sale, isUnpaid: opening.unpaid.has(sale.tradeId) };
      return { ...known, payoutAt: payoutAfterTakeover(known, now) };
    });
    await restoreTrades(tx, restored, now);
    await restoreAssessments(tx, restored, packOf);
    const purchasesSealed = await keepSealed(tx, isAllOpen);
    await forgetUnknownTrades(tx);
    await holdSellersOfToday(tx, isAllOpen, now);
    await restoreReturnedLots(tx);
    const carried = papers === null ? null : await restorePapers(tx, papers, now);
    await restoreTransfers(tx, requests, now);
    await saveOpeningBooks(tx, opening.entries, books.executedTo, now);
    await insertSightings(tx, facts.sightings);
    await beginFeeds(tx, ground, facts);
    return {
      kind: 'taken_over',
      items: custody.items,
      kinds: classIds.size,
      art,
      players: players.players,
      playersWithoutIdentity: players.withoutIdentity,
      trades: restored.length,
      tradesWithoutFigures: facts.trades.length - restored.length,
      purchasesSealed,
      unpaidTrades: opening.unpaid.size,
      disputedTrades: restored.filter(({ isDisputed, isUnpaid }) => isDisputed && isUnpaid).length,
      heldFen: books.accounts.reduce((sum, { pot, amountFen }) => (pot === 'bank' ? sum - amountFen : sum), 0n),
      carried,
      height: facts.height,
    };
  });
}

async function keptPapers(tx: Tx, encryptionKey: Bytes) {
  const kept = await findKeptPapers(tx);
  return kept === null ? null : readKept(encryptionKey, kept);
}

async function openKeys({ sql, member, encryptionKey }: TakeOverGround): Promise<readonly GrantedKey[]> {
  const grants = await readGrants(sql, memberRecipient(member));
  return grants.flatMap(({ grant: body }) => {
    const grant = decodeKeyGrant(body);
    const key = openGrant(encryptionKey, grant);
    return key === null ? [] : [{ kid: grant.kid, key }];
  });
}

const AT_ONCE = 500;

async function openAll<T>(
  sql: Sql,
  wanted: readonly { readonly env: Bytes; readonly open: (bytes: Bytes | null) => T | null }[],
): Promise<readonly T[]> {
  const opened: T[] = [];
  for (let from = 0; from < wanted.length; from += AT_ONCE) {
    const some = wanted.slice(from, from + AT_ONCE);
    const bytes = await readEnvelopes(
      sql,
      some.map(({ env }) => env).filter((env) => !isZero(env)),
    );
    for (const { env, open } of some) {
      const found = open(bytes.get(toHex(env)) ?? null);
      if (found !== null) opened.push(found);
    }
  }
  return opened;
}

/** What the former operator had asked for and was not told the end of. A payment for a purchase that is over becomes money of its payer. */
async function openRequests(institution: Sql): Promise<readonly OpenRequest[]> {
  return (await listInstitutionRequests(institution)).flatMap(({ client_ref, kind, ref, amount_fen, state, is_told }) => {
    if (is_told || state === 'failed') return [];
    return [
      {
        transferId: client_ref,
        kind: kind === 'pay_out' ? ('withdrawal' as const) : ('deposit' as const),
        acct: parseAccountId(ref),
        amountFen: BigInt(amount_fen),
        isDone: state === 'done',
      },
    ];
  });
}

/** @returns their ids by the ledger's serial */
async function restoreKinds(tx: Tx, { txOfKind }: ChainFacts, now: Instant): Promise<ReadonlyMap<number, string>> {
  const copies = await readCopies(tx);
  const games = copies.games.map((each) => gameDocument.parse(each));
  const kinds = copies.kinds.map((each) => kindDocument.parse(each)).filter(({ serial }) => txOfKind.has(BigInt(serial)));
  await restoreGames(tx, games, now);
  const classIdOf = ({ studioAcct, row }: KindDocument) => classIdOfRef(parseAccountId(studioAcct), row.class_ref);
  const groups = Map.groupBy(kinds, ({ studioAcct, gameId, referenceId }) => `${studioAcct} ${gameId} ${referenceId}`);
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const { studioAcct: acct, gameId, referenceId } = first;
    const rows = [first, ...others].map((kind) => ({
      classId: classIdOf(kind),
      ledgerSerial: BigInt(kind.serial),
      txId: txOfKind.get(BigInt(kind.serial)) ?? new Uint8Array(32),
      row: kind.row,
    }));
    await insertClasses(tx, { acct, gameId, referenceId, at: now }, rows);
  }
  await finishKinds(
    tx,
    kinds.map((kind) => ({ ...kind, classId: classIdOf(kind) })),
    now,
  );
  return new Map(kinds.map((kind) => [Number(kind.serial), classIdOf(kind)]));
}

function restorePacks(document: TakeOverGround['document']): (hash: string) => RulePack | null {
  return (hash) => {
    const known = findPackByHash(hash);
    if (known !== null) return known;
    const bytes = document(hash);
    if (bytes === null) return null;
    const pack = readStoredPack(JSON.parse(fromUtf8(bytes)));
    rememberPack(pack);
    return pack;
  };
}

async function keepPack(tx: Tx, pack: RulePack | null, at: Instant): Promise<void> {
  if (pack === null) return;
  await insertPack(tx, pack, at, { zh: `规则包 ${pack.id} ${pack.version}`, en: `Rule pack ${pack.id} ${pack.version}` });
}

/** In the state that the ledger has now. @returns their names by the key that trades use */
async function restoreExperiments(tx: Tx, { document }: TakeOverGround, { experiments }: ChainFacts): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { doc, state, at } of experiments) {
    const bytes = document(toHex(doc));
    if (bytes === null) continue;
    const experiment: Experiment = JSON.parse(fromUtf8(bytes));
    names.set(toHex(ledgerRecordKey.experiment(experiment.id)), experiment.id);
    await insertExperiment(tx, { ...experiment, status: EXPERIMENT_STATES[state] ?? experiment.status }, at);
  }
  return names;
}

type Placing = {
  readonly facts: ChainFacts;
  readonly packOf: (hash: string) => RulePack | null;
  readonly experiments: ReadonlyMap<string, string>;
  /** By trade: proceeds that wait longer than its protection. */
  readonly held: ReadonlyMap<string, Instant>;
  readonly now: Instant;
};

/** No dispute lasts longer: answer, desk, appeal and ruling together (product 1.6), with holidays in between. */
const DISPUTE_MS = 45 * 86_400_000;

/** With what custody and catalogue know of the items; a sale of a kind that has no copy here stays without a row. */
async function placeTrades(
  tx: Tx,
  trades: readonly KnownTrade[],
  { facts, packOf, experiments, held, now }: Placing,
): Promise<readonly Omit<RestoredTrade, 'isUnpaid'>[]> {
  const items = await listItemsOfTrades(
    tx,
    trades.flatMap(({ recorded }) => recorded.op.items),
  );
  return trades.flatMap((trade) => {
    const { op, index } = trade.recorded;
    const sold = op.items.flatMap((serial) => {
      const item = items.get(serial);
      const ver = op.sell.order.items.find((each) => each.serial === serial)?.ver;
      return item === undefined || ver === undefined ? [] : [{ ...item, serial, ver }];
    });
    const [first] = sold;
    if (first === undefined || sold.length !== op.items.length) return [];
    const { grossFen, feeFen, royaltyFen } = trade.pay;
    return [
      {
        ...trade,
        classId: first.classId,
        studio: first.studioAcct,
        items: sold,
        netFen: grossFen - feeFen - royaltyFen,
        payoutAt: laterOf(payoutOf(trade, packOf(toHex(op.rulePack))), held.get(trade.tradeId)),
        isReversed: facts.reversed.has(index),
        isDisputed: now - (facts.disputes.get(index)?.at ?? 0) < DISPUTE_MS,
        experimentId: op.experiment === null ? null : (experiments.get(toHex(op.experiment)) ?? null),
      },
    ];
  });
}

const laterOf = (due: Instant, held: Instant | undefined): Instant => (held !== undefined && held > due ? held : due);

function soldBefore(trade: Omit<RestoredTrade, 'isUnpaid'>) {
  const { tradeId, seller, buyer, netFen, payoutAt, isReversed, isDisputed } = trade;
  const { grossFen, feeFen, royaltyFen } = trade.pay;
  return {
    tradeId,
    seller,
    buyer,
    studio: parseAccountId(trade.studio),
    grossFen,
    feeFen,
    royaltyFen,
    netFen,
    payoutAt,
    isReversed,
    isDisputed,
  };
}

const SUPERVISED_ROOMS = ['public', 'sup:tax', 'sup:market', 'sup:finance', 'sup:all'] as const;

/** Each room begins anew with a message that names where the former operator's ended, as far as the ledger can prove it. */
async function beginFeeds(tx: Tx, { operator, now, document }: TakeOverGround, { heads, height }: ChainFacts): Promise<void> {
  const kept = heads === null ? null : document(toHex(heads.doc));
  const attested: { heads?: readonly { room: string; seq: number; hash: string; keyId: string; sig: string; ts: string }[] } =
    kept === null ? {} : JSON.parse(fromUtf8(kept));
  await insertTakeover(tx, { at: now, height, operator, attestedEntry: heads?.index ?? null, attestedHeads: attested.heads ?? null });
  await appendOutbox(
    tx,
    SUPERVISED_ROOMS.map((room) => ({
      room,
      type: 'feed.part',
      at: now,
      body: {
        part: 2,
        operator,
        height: height.toString(),
        attestedEntry: heads === null ? null : heads.index.toString(),
        attestedDoc: heads === null ? null : toHex(heads.doc),
        lastHead: attested.heads?.find((head) => head.room === room) ?? null,
      },
    })),
  );
}
