/** The program's checks, as the node takes them (`ledger.md` 15.3): what they read is fetched for the whole block, then each is pure. */
import { z } from 'zod';
import { type ClassLeaf, RECORD } from '#ledger/codec/leaves.ts';
import type { TradeOp } from '#ledger/codec/op-types.ts';
import type { Entry } from '#ledger/codec/tx.ts';
import type { GrantedKey } from '#ledger/crypto/envelope.ts';
import type { KeyGrant } from '#ledger/crypto/envelope-codec.ts';
import { openGrant } from '#ledger/crypto/key-grant.ts';
import type { CheckSources, ConsortiumOptions } from '#ledger/node/consortium/options.ts';
import { type Bytes, fromUtf8, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { findPackByHash, rememberPack } from '#sandbox/packs/pack.ts';
import { readStoredPack } from '#sandbox/packs/parse-pack.ts';
import type { RulePack } from '#sandbox/packs/rule-pack.ts';
import type { Documents } from '../documents.ts';
import type { Media } from '../media.ts';
import { checkClassTerms, checkMint, type TermsFacts, termsOf } from './class-terms.ts';
import { holdMedia, mediaNeeded } from './held-media.ts';
import { originsOf } from './item-origins.ts';
import { openPastSales, sumsAt } from './past-sales.ts';
import { checkSealedPart, type TradeCaps } from './sealed-part.ts';
import { readSale, type SealedSale } from './sealed-sale.ts';

export type MemberChecksOptions = {
  readonly documents: Pick<Documents, 'get'>;
  /** Art held here; null at the operator's market, which everybody else has it from. */
  readonly media: Pick<Media, 'hold'> | null;
  /** Opens the keys granted to this member; null for one that sees no price. */
  readonly encryptionKey: Bytes | null;
};

const termsDocument = z.object({
  royalty_bps: z.int(),
  protection_hours: z.int(),
  is_resalable: z.boolean().default(true),
  mint_schedule: z.array(z.object({ from: z.iso.datetime(), total: z.int() })).default([]),
});
const experimentDocument = z.object({
  caps: z.object({
    perTradeFen: z.int(),
    perPersonDayFen: z.int(),
    perPersonMonthFen: z.int(),
    experimentTotalTurnoverFen: z.int(),
    experimentOpenExposureFen: z.int(),
  }),
});

export function memberChecks({ documents, media, encryptionKey }: MemberChecksOptions): NonNullable<ConsortiumOptions['prepareChecks']> {
  const keys = keyRing(encryptionKey);
  const past = openPastSales();
  const sales = rememberSales();
  return async (sources) => {
    const { block, envelopes, grants, state } = sources;
    const { sealedAt } = block.header;
    const terms = new Map<string, TermsFacts>();
    const packs = new Map<string, RulePack>();
    const caps = new Map<string, TradeCaps | null>();
    const issues = issuesOf(block);
    const issued = new Map([...issues.values()].flatMap((each) => [...each.keys()]).map((cls) => [cls, state.classById(cls)] as const));
    for (const leaf of issued.values()) await readTermsOf(leaf, documents, terms);
    for (const op of tradesOf(block)) {
      await readTermsOf(classOf(op, state), documents, terms);
      if (encryptionKey === null) continue;
      const pack = await readPack(op.rulePack, documents);
      if (pack !== null) packs.set(toHex(op.rulePack), pack);
      if (op.experiment !== null) caps.set(toHex(op.experiment), await readCaps(op.experiment, state, documents));
    }
    const held = media === null ? null : await holdMedia(block, state, media);
    const opened = keys(grants);
    const packOf = (hash: Bytes) => packs.get(toHex(hash)) ?? findPackByHash(toHex(hash));
    const sums = encryptionKey === null ? null : await past.sumsOf(sources, sales(opened), packOf);
    const origins = encryptionKey === null ? null : await originsOf(sources, sales(opened));
    const hasKeyOfToday = grants.some(({ from, until }) => from <= sealedAt && sealedAt < until);
    return {
      media: ({ entry }) => {
        const isHeld = held === null || mediaNeeded(entry.env.body.op, state).every((list) => held.get(toHex(list)) === true);
        return isHeld ? null : 'media_missing';
      },
      classTerms: ({ entry, pos }) => {
        const { body } = entry.env;
        const issuedInBlock = issues.get(pos);
        if (issuedInBlock !== undefined) {
          return checkMint({ body, sealedAt, documents: terms, leafOf: (cls) => issued.get(cls) ?? null, issuedInBlock });
        }
        return checkClassTerms({ body, sealedAt, leaf: classOf(body.op, state), documents: terms });
      },
      sealedPart: ({ entry, pos }) => {
        const { op, salt } = entry.env.body;
        const env = op.kind === 'trade' || op.kind === 'account_open' ? op.env : null;
        return checkSealedPart({
          op,
          salt,
          sealedAt,
          envelope: env === null ? null : (envelopes.get(toHex(env)) ?? null),
          keys: opened,
          hasKeyOfToday,
          pack: op.kind === 'trade' ? (packs.get(toHex(op.rulePack)) ?? null) : null,
          caps: op.kind === 'trade' && op.experiment !== null ? (caps.get(toHex(op.experiment)) ?? null) : null,
          royaltyBpsMax: highestRoyalty(op, state, terms),
          sums: sumsAt(sums ?? new Map(), pos),
          origins: origins?.get(pos) ?? [],
        });
      },
    };
  };
}

const tradesOf = (block: CheckSources['block']): readonly TradeOp[] =>
  block.entries.flatMap(({ env }) => (env.body.op.kind === 'trade' ? [env.body.op] : []));

/** By place of a Mint in the block: of each of its kinds, how many were issued up to and with it. */
function issuesOf(block: CheckSources['block']): ReadonlyMap<number, ReadonlyMap<number, bigint>> {
  const total = new Map<number, bigint>();
  const byPlace = new Map<number, ReadonlyMap<number, bigint>>();
  for (const [pos, { env }] of block.entries.entries()) {
    const { op } = env.body;
    if (op.kind !== 'mint') continue;
    for (const { cls } of op.items) total.set(cls, (total.get(cls) ?? 0n) + 1n);
    byPlace.set(pos, new Map(op.items.map(({ cls }) => [cls, total.get(cls) ?? 0n])));
  }
  return byPlace;
}

type State = CheckSources['state'];
type AnyOp = CheckSources['block']['entries'][number]['env']['body']['op'];

/** A kind cannot be traded in the block that defines it: its Items have no serial before Finality. */
const classOf = (op: AnyOp, state: State) => (op.kind === 'trade' ? state.classById(op.sell.order.cls) : null);

function highestRoyalty(op: AnyOp, state: State, terms: ReadonlyMap<string, TermsFacts>): number | null {
  const known = termsOf(classOf(op, state)).flatMap((hash) => terms.get(toHex(hash)) ?? []);
  return known.length === 0 ? null : Math.max(...known.map(({ royaltyBps }) => royaltyBps));
}

async function readTermsOf(leaf: ClassLeaf | null, documents: Pick<Documents, 'get'>, into: Map<string, TermsFacts>): Promise<void> {
  for (const hash of termsOf(leaf)) {
    if (leaf === null || into.has(toHex(hash))) continue;
    const parsed = termsDocument.safeParse(json(await documents.get(hash, Number(leaf.serial))));
    if (!parsed.success) continue;
    const { royalty_bps, protection_hours, is_resalable, mint_schedule } = parsed.data;
    into.set(toHex(hash), {
      royaltyBps: royalty_bps,
      protectionHours: protection_hours,
      isResalable: is_resalable,
      mintSchedule: mint_schedule,
    });
  }
}

async function readPack(hash: Bytes, documents: Pick<Documents, 'get'>): Promise<RulePack | null> {
  const known = findPackByHash(toHex(hash));
  if (known !== null) return known;
  try {
    const document = json(await documents.get(hash, null));
    if (document === null) return null;
    const pack = readStoredPack(document);
    rememberPack(pack);
    return pack;
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

async function readCaps(experiment: Bytes, state: State, documents: Pick<Documents, 'get'>): Promise<TradeCaps | null> {
  const record = state.record(RECORD.experiment, experiment);
  const document = record === null ? null : json(await documents.get(record.value, null));
  const parsed = experimentDocument.safeParse(document);
  return parsed.success ? parsed.data.caps : null;
}

function json(bytes: Bytes | null): unknown {
  if (bytes === null) return null;
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return null; // its hash is right and it is no JSON: nothing to read
  }
}

/** A Trade is opened for its own block, for every other proposal of it, and once more when it is certified. */
const SALES_KEPT = 20_000;
function rememberSales(): (keys: readonly GrantedKey[]) => (entry: Entry, envelope: Bytes) => SealedSale | null {
  const known = new Map<string, SealedSale>();
  return (keys) => (entry, envelope) => {
    const { op } = entry.env.body;
    if (op.kind !== 'trade') return null;
    const name = `${toHex(op.env)} ${toHex(op.pay)} ${toHex(op.tradeId)}`;
    const sale = known.get(name) ?? readSale(op, envelope, keys);
    if (sale === null) return null;
    if (known.size >= SALES_KEPT) known.clear();
    known.set(name, sale);
    return sale;
  };
}

/** Opening a grant costs 10 ms: each is opened once. */
export function keyRing(encryptionKey: Bytes | null): (grants: readonly KeyGrant[]) => readonly GrantedKey[] {
  const opened = new Map<string, GrantedKey | null>();
  return (grants) =>
    grants.flatMap((grant) => {
      const name = toHex(grant.wrap);
      let key = opened.get(name);
      if (key === undefined) {
        const bytes = encryptionKey === null ? null : openGrant(encryptionKey, grant);
        key = bytes === null ? null : { kid: grant.kid, key: bytes };
        opened.set(name, key);
      }
      return key === null ? [] : [key];
    });
}
