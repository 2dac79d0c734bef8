/** `npm run cli -- snapshot`, `genesis …`: what outlives every server (`ledger.md` 11, 13.3), and the chain that begins from it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { decodeGenesis, encodeGenesis } from '#ledger/codec/genesis.ts';
import { REGISTER } from '#ledger/codec/leaves.ts';
import { pinChain, pinnedChain } from '#ledger/node/keys.ts';
import { readSignedAbove } from '#ledger/node/signer/signing-records.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { beginSuccessor } from '#ledger/node/snapshot/begin-store.ts';
import { snapshotNow } from '#ledger/node/snapshot/snapshot-now.ts';
import { folderSource } from '#ledger/node/snapshot/snapshot-source.ts';
import { readChain } from '#ledger/node/store/blocks.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { chainIdOf } from '#ledger/tx/ids.ts';
import { SnapshotFault, type VerifiedSnapshot, verifySnapshot } from '#ledger/verify/verify-snapshot.ts';
import { systemClock } from '#server/clock.ts';
import { migrate } from '#server/db.ts';
import { successorGenesis } from '#server/members/successor.ts';
import type { ConsortiumIo } from './consortium.ts';
import { type Installation, withDatabase } from './database.ts';

type JsonOption = { readonly json?: boolean };
type ChainOption = JsonOption & { readonly chain?: string };
type SuccessorOptions = ChainOption & {
  readonly snapshot: string;
  readonly to: string;
  readonly leaves?: string;
  readonly operator?: string;
};

const DONE = 0;
const BROKEN = 1;
const NOT_YET = 3;
const { sm2 } = startSm2();

export function addArchiveCommands(program: Command, io: ConsortiumIo): void {
  program
    .command('snapshot')
    .description('write the certified state into a folder that any member can go on from; with --verify: prove such a folder')
    .option('--to <folder>', 'must not exist yet')
    .option('--verify <folder>', 'every leaf against the roots, the Finality against the ChainId')
    .option('--chain <hex>', 'ChainId to hold against; the one of this installation when left out')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- snapshot --to archive/2027-03-01\nExit 0: made or proven; 1: it does not hold, with the code; 3: nothing is certified yet.',
    )
    .action(async ({ to, verify, chain, json }: ChainOption & { readonly to?: string; readonly verify?: string }) => {
      if ((to === undefined) === (verify === undefined)) throw new Error('snapshot needs either --to or --verify');
      process.exitCode = verify === undefined ? await take(to ?? '', json, io) : await prove(verify, chain, json, io);
    });

  const genesis = program.command('genesis').description('the bytes that the ChainId stands for; and the chain that follows a lost one');
  addShow(genesis, io);
  addSuccessor(genesis, io);
  addBegin(genesis, io);
}

async function take(to: string, json: boolean | undefined, io: ConsortiumIo): Promise<number> {
  if (existsSync(to)) throw new Error(`${to} exists already`);
  mkdirSync(path.dirname(path.resolve(to)), { recursive: true });
  const made = await withDatabase(({ sql }) => snapshotNow({ sql, sm2, now: BigInt(systemClock.now()), folder: to }));
  if (made === null) {
    io.answer(json, { outcome: 'nothing_certified' });
    return NOT_YET;
  }
  io.answer(json, { outcome: 'made', folder: to, ...made });
  return DONE;
}

async function prove(folder: string, chain: string | undefined, json: boolean | undefined, io: ConsortiumIo): Promise<number> {
  try {
    io.answer(json, { outcome: 'proven', ...factsOf(await read(folder, chain)) });
    return DONE;
  } catch (error) {
    if (!(error instanceof SnapshotFault)) throw error;
    io.answer(json, { outcome: 'broken', code: error.code, ...error.facts });
    return BROKEN;
  }
}

/** @throws {SnapshotFault} */
function read(folder: string, chain: string | undefined): Promise<VerifiedSnapshot> {
  const anchor = chain ?? pinnedChain(path.resolve(process.env.DATA_DIR ?? '.data', 'keys'));
  if (anchor === null) throw new Error('--chain HEX: this installation keeps no chain to hold the snapshot against');
  if (!existsSync(path.join(folder, 'manifest'))) throw new Error(`there is no snapshot in ${folder}`);
  return verifySnapshot(folderSource(folder), fromHex(anchor, 32), sm2);
}

function factsOf({ manifest: { header }, genesis, state }: VerifiedSnapshot) {
  return {
    chain: toHex(chainIdOf(genesis)),
    height: header.height,
    sealedAt: header.sealedAt,
    entries: header.logSize,
    items: state.count(REGISTER.items),
    accounts: state.count(REGISTER.accounts),
    stateRoot: toHex(header.stateRoot),
  };
}

function addShow(genesis: Command, io: ConsortiumIo): void {
  genesis
    .command('show')
    .description('the genesis of this installation’s chain; --to writes its bytes')
    .option('--to <file>')
    .option('--json')
    .addHelpText('after', '\nExample: npm run --silent cli -- genesis show --json')
    .action(async ({ to, json }: JsonOption & { readonly to?: string }) => {
      process.exitCode = await withDatabase(async ({ sql }) => {
        const stored = await readChain(sql);
        if (stored === null) {
          io.answer(json, { outcome: 'no_chain' });
          return NOT_YET;
        }
        if (to !== undefined) writeFileSync(to, stored.genesis);
        const { name, demonstration, sealedAt, config, accounts, predecessor } = decodeGenesis(stored.genesis);
        io.answer(json, {
          chain: toHex(stored.chain),
          name,
          demonstration,
          sealedAt,
          members: config.members.map(({ id, org }) => ({ id, org })),
          accounts: accounts.length,
          predecessor: predecessor === null ? null : toHex(predecessor.header.chain),
        });
        return DONE;
      });
    });
}

function addSuccessor(genesis: Command, io: ConsortiumIo): void {
  genesis
    .command('successor')
    .description('the genesis of the chain that follows a lost one: from a snapshot of it, with the members that are left')
    .requiredOption('--snapshot <folder>', 'verified against the ChainId of the lost chain')
    .requiredOption('--to <file>', 'where the genesis goes: every member begins with the same')
    .option('--chain <hex>', 'ChainId of the lost chain; the one that this installation keeps when left out')
    .option('--leaves <id>', 'member that is gone for good')
    .option('--operator <id>', 'member that takes the operator’s place')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- genesis successor --snapshot archive/last --leaves 1 --operator 4 --to genesis.bin',
    )
    .action(async ({ snapshot, to, chain, leaves, operator, json }: SuccessorOptions) => {
      if ((leaves === undefined) !== (operator === undefined)) throw new Error('--leaves and --operator go together');
      const change = leaves === undefined ? null : { leaves: Number(leaves), operator: Number(operator) };
      process.exitCode = await guarded(json, io, async () => {
        const next = successorGenesis(await read(snapshot, chain), { change, sealedAt: BigInt(systemClock.now()) });
        writeFileSync(to, encodeGenesis(next));
        io.answer(json, {
          outcome: 'drafted',
          chain: toHex(chainIdOf(next)),
          predecessor: toHex(next.predecessor?.header.chain ?? new Uint8Array(0)),
        });
        io.err('Every member begins with this file and the snapshot. Publish the new ChainId as the old one was published.');
      });
    });
}

function addBegin(genesis: Command, io: ConsortiumIo): void {
  genesis
    .command('begin')
    .description('begin this member’s empty store with a successor’s genesis and the snapshot that it follows')
    .argument('<file>')
    .requiredOption('--snapshot <folder>')
    .option('--json')
    .addHelpText('after', '\nExample: npm run --silent cli -- genesis begin genesis.bin --snapshot archive/last')
    .action(async (file: string, { snapshot, json }: JsonOption & { readonly snapshot: string }) => {
      const next = decodeGenesis(new Uint8Array(readFileSync(file)));
      const before = next.predecessor?.header.chain;
      if (before === undefined) throw new Error(`${file} follows no other chain`);
      process.exitCode = await guarded(json, io, async () => {
        const verified = await read(snapshot, toHex(before));
        const height = await withDatabase(async (installation) => {
          await requireEmpty(installation);
          return (await beginSuccessor(installation.sql, next, verified, sm2)).logSize;
        });
        const chain = chainIdOf(next);
        pinChain(path.resolve(process.env.DATA_DIR ?? '.data', 'keys'), chain);
        io.answer(json, { outcome: 'begun', chain: toHex(chain), entriesBefore: height, items: verified.state.count(REGISTER.items) });
      });
    });
}

/** Signatures of another chain would bar this one's first heights: a successor begins in a database of its own. */
async function requireEmpty({ sql }: Installation): Promise<void> {
  await migrate(sql);
  const { votes, endorsements } = await readSignedAbove(sql, 0n);
  if ((await readChain(sql)) !== null || votes.length + endorsements.length > 0)
    throw new Error('this database holds a chain or its signatures: a successor begins in an empty one');
}

async function guarded(json: boolean | undefined, io: ConsortiumIo, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return DONE;
  } catch (error) {
    if (!(error instanceof SnapshotFault)) throw error;
    io.answer(json, { outcome: 'broken', code: error.code, ...error.facts });
    return BROKEN;
  }
}
