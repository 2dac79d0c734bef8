/**
 * Everything that is stored about one person, as one zip: a README, one JSON document, and the files that they handed in (product P-46). Written
 * row by row from one snapshot of the database, so that it agrees with itself and needs no memory of its size.
 */
import { Zip, ZipDeflate } from 'fflate';
import { toHex, utf8 } from '#ledger/primitives/bytes.ts';
import { type AccountId, accountIdBytes } from '#ledger/primitives/ids.ts';
import { toIso } from '#ledger/primitives/instant.ts';
import { restrictionsOf } from '#server/cases/case-views.ts';
import { accessesOf } from '#server/cases/opening-views.ts';
import { clocksAt } from '#server/exchange/active-pack.ts';
import { readSnapshot, type Snapshot } from '#server/market/snapshot.ts';
import type { DataGroup } from '#server/trpc/views.ts';
import { DATA_GROUPS, isDataGroup } from './groups.ts';
import { basesOf } from './legal-bases.ts';
import type { MyDataGround } from './read-my-data.ts';
import { DATA_SECTIONS, type DataRow, listOwnFiles, readOwnFile, readSection } from './sections.repo.ts';
import { exportReadme } from './texts.ts';

export const EXPORT_FORMAT = 'daoju.my-data/1';

/** Resolves when the bytes have left, or may be forgotten; throws when nobody takes them any more. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

export async function writeExport(ground: MyDataGround, acct: AccountId, sink: Sink): Promise<void> {
  const { identity, clock } = ground;
  const [person, own] = await Promise.all([identity.openPerson(acct), identity.openOwnRecords(acct)]);
  const zip = openZip(clock.now(), sink);
  await readSnapshot(ground, acct, async (snapshot) => {
    const asOf = toIso(snapshot.now);
    await zip.add('README.txt', [exportReadme({ acct, asOf, years: clocksAt(ground.ledger, snapshot.now).retentionYears })]);
    const head = { format: EXPORT_FORMAT, chain: toHex(ground.ledger.chain), acct, asOf, certifiedHeight: snapshot.height };
    const identityRows = [{ ...person, cardNumber: own.cardNumber, declarations: own.declarations.map(declarationOf) }];
    await zip.add('my-data.json', document(ground, snapshot, acct, { head, identity: identityRows }));
    for (const file of await listOwnFiles(snapshot.tx, acct)) {
      const name = `files/${toHex(new Uint8Array(file.sm3)).slice(0, 16)}-${file.name.replaceAll(/[^\p{L}\p{N}._-]/gu, '_')}`;
      await zip.add(name, [await readOwnFile(snapshot.tx, file)]);
    }
    return {};
  });
  await zip.end();
}

function declarationOf({ declaredAt, ...rest }: { readonly declaredAt: Parameters<typeof toIso>[0] } & DataRow): DataRow {
  return { ...rest, declaredAt: toIso(declaredAt) };
}

type Start = { readonly head: DataRow; readonly identity: readonly DataRow[] };

/** The JSON document in pieces: one line per record, so that it can be read by eye. */
async function* document(ground: MyDataGround, snapshot: Snapshot, acct: AccountId, { head, identity }: Start): AsyncIterable<string> {
  const { tx } = snapshot;
  yield `{${JSON.stringify(head).slice(1, -1)},\n"data":{`;
  yield* list('identity', [identity], '');
  yield* list('legalBases', [Object.keys(DATA_GROUPS).filter(isDataGroup).map(legalBasisOf)]);
  yield* list('onLedger', [onLedger(ground, acct)]);
  for (const section of DATA_SECTIONS) yield* list(section.id, readSection(tx, section, acct));
  yield* list('restrictions', [await restrictionsOf(snapshot, acct)]);
  yield* list('whoLooked', [await accessesOf(snapshot, acct)]);
  yield* list('files', [await listOwnFiles(tx, acct)]);
  yield '\n}}\n';
}

/** Each group with its sections, their ground in law, and the fields that have another (CN-PI-01). */
function legalBasisOf(group: DataGroup): DataRow {
  const { basis, exceptions } = basesOf(group);
  return { group, sections: DATA_SECTIONS.flatMap((section) => (section.group === group ? [section.id] : [])), ...basis, exceptions };
}

function onLedger({ ledger }: MyDataGround, acct: AccountId): readonly DataRow[] {
  const leaf = ledger.certified.state.accountById(accountIdBytes(acct));
  if (leaf === null) return [];
  const { serial, kind, keyEpoch, frozenUntil, itemCount, policy, kyc, lastEntry } = leaf;
  return [{ serial, kind, keyEpoch, frozenUntil, itemCount, policyHash: policy, identityCommitment: kyc, lastEntry }];
}

type Batches = AsyncIterable<readonly object[]> | Iterable<readonly object[]>;

async function* list(id: string, batches: Batches, before = ','): AsyncIterable<string> {
  yield `${before}\n${JSON.stringify(id)}:[`;
  let isFirst = true;
  for await (const rows of batches) {
    if (rows.length === 0) continue;
    yield `${isFirst ? '' : ','}\n${rows.map(lineOf).join(',\n')}`;
    isFirst = false;
  }
  yield ']';
}

/** Names as the API writes them; bytes as hex, amounts and other big integers as digits, moments in UTC. */
function lineOf(row: object): string {
  const named = Object.entries(row).map(([name, value]) => [
    name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    plain(value),
  ]);
  return JSON.stringify(Object.fromEntries(named));
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(new Uint8Array(value));
  return typeof value === 'bigint' ? String(value) : value;
}

type Pieces = AsyncIterable<string> | readonly (string | Uint8Array)[];

function openZip(now: number, sink: Sink) {
  const ready: Uint8Array[] = [];
  const zip = new Zip((error, bytes) => {
    if (error !== null) throw error;
    ready.push(bytes);
  });
  const flush = async () => {
    for (const bytes of ready.splice(0)) await sink(bytes);
  };
  return {
    add: async (name: string, pieces: Pieces): Promise<void> => {
      const entry = new ZipDeflate(name, { level: 6 });
      entry.mtime = now;
      zip.add(entry);
      for await (const piece of pieces) {
        entry.push(typeof piece === 'string' ? utf8(piece) : piece);
        await flush();
      }
      entry.push(new Uint8Array(0), true);
      await flush();
    },
    end: async (): Promise<void> => {
      zip.end();
      await flush();
    },
  };
}
