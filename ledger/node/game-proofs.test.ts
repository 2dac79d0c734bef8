/** A game's archive from a ledger in memory: what its proofs hold, and that nothing altered or left out passes. */
import { expect, test } from 'vitest';
import { ARCHIVE_MANIFEST, ARCHIVE_SCHEMA, type ArchiveManifest } from '#ledger/archive/manifest.ts';
import { verifyArchive } from '#ledger/archive/verify-archive.ts';
import { canonicalBytes } from '#ledger/codec/canonical-json.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { isZero, toHex } from '#ledger/primitives/bytes.ts';
import { headerHash } from '#ledger/tx/ids.ts';
import { actor, bytes32, DAY } from '#test/vectors/ledger-world.ts';
import { marketDay, OTHER_CHAIN } from '#test/vectors/sealed-world.ts';
import { gameProofs, gatherEntries, leavesOf } from './game-proofs.ts';

const { world, at } = marketDay();
const { chain, sm2 } = world;
const studio = actor('studio').acct;

type Files = ReadonlyMap<string, Uint8Array>;
type Change = { readonly drop?: string; readonly put?: readonly [string, Uint8Array]; readonly say?: Partial<ArchiveManifest> };

/** The files of the archive and its manifest, or both otherwise: a manifest that fits what it lists proves nothing by itself. */
function listed(files: Files, facts: Omit<ArchiveManifest, 'files'>, { drop, put, say }: Change = {}): Files {
  const held = new Map(files);
  if (drop !== undefined) held.delete(drop);
  if (put !== undefined) held.set(...put);
  const names = [...held].map(([path, bytes]) => ({ path, sm3: toHex(sm3(bytes)), size: bytes.length }));
  const manifest = { ...facts, ...say, files: names.sort((a, b) => (a.path < b.path ? -1 : 1)) };
  return held.set(ARCHIVE_MANIFEST, canonicalBytes(manifest));
}

async function archive() {
  expect(leavesOf(world.state, studio)).toBeNull();
  const end = { kind: 'studio_sunset', studio, at: world.now + 60n * DAY + 600_000n, archive: bytes32('art'), successor: null } as const;
  const ended = world.record(end, ['studio', 'operator']);
  world.seal();
  const leaves = leavesOf(world.state, studio);
  if (leaves === null) throw new Error('the end is recorded');
  const source = world.source();
  const entries = await gatherEntries(world.state, leaves, new Map(), (index) => source.entry(index));
  // Not the rule pack, which is nobody's kind.
  expect([...entries.keys()].sort()).toEqual([at.define, at.mint, at.trade, at.gift, ended].sort());
  const game = gameProofs(source.view(), leaves, entries);
  const named = leaves.classes.flatMap(({ terms, media }) => [terms, media]).filter((each) => !isZero(each));
  const facts = {
    schema: ARCHIVE_SCHEMA,
    chain: toHex(chain),
    studio: toHex(studio),
    height: String(game.header.height),
    header: toHex(headerHash(game.header)),
    sealedAt: String(game.header.sealedAt),
    endedAt: String(end.at),
    classes: leaves.classes.length,
    items: leaves.items.length,
    entries: game.entries,
    entriesFrom: '0',
    missing: [...new Set(named.map(toHex))].sort(),
  } as const;
  const files: Files = new Map([['trust.pltrust', game.trust], ...game.proofs.map(({ path, bytes }) => [path, bytes] as const)]);
  return { files, facts };
}

test('it proves every item with its last owner, and the whole history; a wrong owner, another chain and anything altered or missing are told apart', async () => {
  const { files, facts } = await archive();
  const judge = (change: Change = {}, item?: { serial: bigint; owner: Uint8Array<ArrayBuffer> | null }) =>
    verifyArchive(listed(files, facts, change), { chain, sm2, ...(item === undefined ? {} : { item }) });
  const carol = actor('carol').acct;
  expect(judge()).toMatchObject({ outcome: 'proven', code: null, manifest: { items: 3, classes: 1, entries: 5 } });
  expect(judge({}, { serial: 0n, owner: carol })).toMatchObject({ outcome: 'proven', item: { owner: toHex(carol), ver: 3n } });
  expect(judge({}, { serial: 0n, owner: actor('alice').acct })).toMatchObject({ outcome: 'disproven', code: 'archive_owner' });
  expect(judge({}, { serial: 9n, owner: null })).toMatchObject({ outcome: 'insufficient', code: 'archive_item_unknown' });
  expect(verifyArchive(listed(files, facts), { chain: OTHER_CHAIN, sm2 })).toMatchObject({
    outcome: 'malformed',
    code: 'archive_other_chain',
  });

  const codeOf = (change: Change) => judge(change).code;
  const items = files.get('items/0000.plproof') ?? new Uint8Array(0);
  const flipped = items.map((byte, place) => (place === items.length - 300 ? byte ^ 1 : byte));
  expect(codeOf({ put: ['items/0000.plproof', flipped] })).toBe('archive_proof');
  expect(codeOf({ drop: 'items/0000.plproof' })).toBe('archive_sunset');
  expect(codeOf({ drop: 'entries/0000.plproof', say: { entries: 0 } })).toBe('archive_entries_incomplete');
  expect(codeOf({ say: { items: 2 } })).toBe('archive_items_incomplete');
  expect(codeOf({ say: { entriesFrom: '99', entries: 4 } })).toBe('archive_entries_incomplete');
  expect(codeOf({ say: { height: '1' } })).toBe('archive_other_header');
  expect(codeOf({ say: { endedAt: '1' } })).toBe('archive_sunset');
  expect(codeOf({ say: { studio: toHex(actor('studio-two').acct) } })).toBe('archive_sunset');
  if (facts.missing.length > 0) expect(codeOf({ say: { missing: [] } })).toBe('archive_document');
  expect(codeOf({ put: [`media/${'0'.repeat(64)}`, new Uint8Array(1)] })).toBeNull();

  const whole = listed(files, facts);
  const without = new Map(whole);
  without.delete('trust.pltrust');
  expect(verifyArchive(without, { chain, sm2 }).code).toBe('archive_file_missing');
  expect(verifyArchive(new Map([...whole, ['trust.pltrust', new Uint8Array(3)]]), { chain, sm2 }).code).toBe('archive_file_differs');
  expect(verifyArchive(new Map([...whole, ['more', new Uint8Array(3)]]), { chain, sm2 }).code).toBe('archive_file_unlisted');
  expect(verifyArchive(new Map(), { chain, sm2 }).code).toBe('archive_malformed');
});
