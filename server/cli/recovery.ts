/** `npm run cli -- seal`, `recover …`: leaving an epoch that cannot go on (`ledger.md` 13), each run with the DATA_DIR of the member that acts. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { decodeRecovery, RECOVERY_KIND, type Recovery } from '#ledger/codec/recovery.ts';
import { loadGovernanceKey, pinnedChain } from '#ledger/node/keys.ts';
import { insertSealOrder, readRecoveries } from '#ledger/node/signer/signing-records.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { decodeReceipt } from '#ledger/proof/receipt.ts';
import { systemClock } from '#server/clock.ts';
import type { Sql } from '#server/db.ts';
import { parseEnvironment } from '#server/env.ts';
import { openMemberSite } from '#server/members/member-site.ts';
import {
  approveRecovery,
  draft,
  faultOf,
  formatRecovery,
  formatStatement,
  parseRecovery,
  parseStatement,
  type SealStatement,
  sealStatement,
  tellMember,
} from '#server/members/recovery.ts';
import { systemRandom } from '#server/random.ts';
import type { ConsortiumIo } from './consortium.ts';
import { withDatabase } from './database.ts';

type JsonOption = { readonly json?: boolean };
type DraftOptions = JsonOption & {
  readonly to: string;
  readonly leaves?: readonly string[];
  readonly newEngine?: boolean;
  readonly lastResort?: boolean;
  readonly receipt?: readonly string[];
};

const DONE = 0;
const REFUSED = 1;
const NOT_YET = 3;
/** The node looks for orders each second, exchanges tips, and writes the record. */
const ANSWER_MS = 20_000;
const POLL_MS = 250;

export function addRecoveryCommands(program: Command, io: ConsortiumIo): void {
  program
    .command('seal')
    .description('leave an epoch that cannot go on: the running node signs nothing below the new epoch any more, and says what it knows')
    .option('--epoch <n>', 'the new epoch; the next one when left out')
    .option('--to <file>', 'where the Seal goes, for whoever drafts the Recovery')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- seal --to seal-2.json\nExit 0: sealed; 1: one member seals alone; 3: the node is down, behind or may not sign, and has not sealed yet.',
    )
    .action(async ({ epoch, to, json }: JsonOption & { readonly epoch?: string; readonly to?: string }) => {
      process.exitCode = await withDatabase(async (installation) => {
        const { sql } = installation;
        const { config } = await openMemberSite(installation, systemRandom);
        if (config.members.length === 1) {
          io.answer(json, { outcome: 'alone' });
          io.err('One member seals alone here: there is no epoch to leave.');
          return REFUSED;
        }
        const newEpoch = epoch === undefined ? config.epoch + 1 : Number(epoch);
        if (!Number.isInteger(newEpoch) || newEpoch <= config.epoch)
          throw new Error(`--epoch ${epoch}: a number above ${config.epoch}, the epoch in force`);
        await insertSealOrder(sql, newEpoch, systemClock.now());
        const sealed = await waitFor(() => sealStatement(sql, newEpoch));
        if (sealed === null) {
          io.answer(json, { outcome: 'not_sealed', newEpoch });
          io.err('The node has not sealed: is it running, and level with the others? The order stands.');
          return NOT_YET;
        }
        if (to !== undefined) writeFileSync(to, formatStatement(sealed));
        io.answer(json, { outcome: 'sealed', ...factsOf(sealed) });
        return DONE;
      });
    });

  const recover = program.command('recover').description('begin a new epoch from the Seals of a quorum, or as a last resort');
  addDraft(recover, io);
  addApprove(recover, io);
  addSubmit(recover, io);
}

function addDraft(recover: Command, io: ConsortiumIo): void {
  recover
    .command('draft')
    .description('put a Recovery together from the files that seal wrote')
    .argument('<seals...>')
    .requiredOption('--to <file>', 'where the draft goes')
    .option('--leaves <ids...>', 'members that are gone for good')
    .option('--new-engine', 'the ordering engine is lost: another takes its place, wherever each site says it is')
    .option('--last-resort', 'fewer than a quorum is left for good: under the last-resort policy, after the time for objections')
    .option(
      '--receipt <files...>',
      'receipts that the public holds: the last resort begins above the highest block that one of them proves',
    )
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- recover draft seal-1.json seal-3.json seal-4.json --new-engine --to recovery.json\nA last resort: npm run --silent cli -- recover draft seal-3.json seal-4.json --leaves 1 2 --last-resort --receipt player.plproof --to recovery.json\nExit 0: drafted; 1: a receipt is not certified by this consortium.',
    )
    .action(async (files: readonly string[], { to, leaves, newEngine, lastResort, receipt, json }: DraftOptions) => {
      const statements = files.map((file) => parseStatement(read(file)));
      const drafted = await withDatabase(async (installation) => {
        const site = await openMemberSite(installation, systemRandom);
        const recovery = draft(site.config, {
          statements,
          leaves: (leaves ?? []).map(Number),
          engine: newEngine === true ? new Uint8Array(systemRandom.bytes(16)) : null,
          isLastResort: lastResort === true,
          receipts: (receipt ?? []).map((file) => decodeReceipt(readBytes(file))),
          now: systemClock.now(),
        });
        return { recovery, fault: faultOf(recovery, site) };
      });
      const { recovery } = drafted;
      // Approvals are still to come; the tip is what it stays.
      if (drafted.fault === 'recovery_tip') {
        io.answer(json, { outcome: 'refused', code: drafted.fault });
        io.err('The block that a receipt or a Seal names is not certified by this consortium.');
        process.exitCode = REFUSED;
        return;
      }
      writeFileSync(to, formatRecovery(recovery));
      io.answer(json, {
        outcome: 'drafted',
        newEpoch: recovery.newEpoch,
        tipHeight: recovery.tip.header.height,
        base: recovery.base === null ? null : toHex(recovery.base.set.header),
        members: recovery.config.members.length,
        closedAt: recovery.closedAt,
      });
    });
}

function addApprove(recover: Command, io: ConsortiumIo): void {
  recover
    .command('approve')
    .description('add this member’s approval, signed by its governance key')
    .argument('<file>')
    .option('--member <id>', 'whose governance key this is, where it is kept apart: no node, no database, only DATA_DIR/keys')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- recover approve recovery.json\nOut of a safe: DATA_DIR=/safe npm run --silent cli -- recover approve recovery.json --member 2\nThe folder keys/ there holds governance.pem, chain-id and the passphrase.',
    )
    .action(async (file: string, { member, json }: JsonOption & { readonly member?: string }) => {
      const given = parseRecovery(read(file));
      const approved =
        member === undefined
          ? await withDatabase(async (installation) => approveRecovery(given, await openMemberSite(installation, systemRandom)))
          : approveApart(given, Number(member));
      writeFileSync(file, formatRecovery(approved));
      io.answer(json, { outcome: 'approved', approvals: approved.approvals.map(({ member }) => member) });
    });
}

function addSubmit(recover: Command, io: ConsortiumIo): void {
  recover
    .command('submit')
    .description('give the approved Recovery to members’ nodes, which pass it on; waits until this one has accepted it')
    .argument('<file>')
    .requiredOption('--to <urls...>', 'addresses of nodes')
    .option('--json')
    .addHelpText('after', '\nExit 0: the new epoch has begun here; 1: refused, with the code; 3: too early, or not accepted yet.')
    .action(async (file: string, { to, json }: JsonOption & { readonly to: readonly string[] }) => {
      const recovery = parseRecovery(read(file));
      const { newEpoch } = recovery;
      process.exitCode = await withDatabase(async (installation) => {
        const { sql } = installation;
        if (await isAccepted(sql, newEpoch)) return answerWith('accepted', DONE);
        const site = await openMemberSite(installation, systemRandom);
        const fault = faultOf(recovery, site);
        if (fault !== null) return answerWith('refused', REFUSED, { code: fault });
        if (recovery.kind === RECOVERY_KIND.lastResort && BigInt(systemClock.now()) < recovery.closedAt)
          return answerWith('published', NOT_YET, { closedAt: recovery.closedAt });
        for (const base of to) await tellMember(base, site, { kind: 'recovery', recovery });
        const accepted = await waitFor(async () => ((await isAccepted(sql, newEpoch)) ? true : null));
        return accepted === true ? answerWith('accepted', DONE) : answerWith('sent', NOT_YET);
      });

      function answerWith(outcome: string, code: number, more: Readonly<Record<string, unknown>> = {}): number {
        io.answer(json, { outcome, newEpoch, ...more });
        return code;
      }
    });
}

/** Whether the key is that member's is for those who hold the configuration: `recover submit` says so. */
function approveApart(recovery: Recovery, member: number): Recovery {
  const { dataDir, keyPassphraseFile } = parseEnvironment(process.env);
  const dir = path.resolve(dataDir, 'keys');
  const chain = pinnedChain(dir);
  if (!Number.isInteger(member) || member < 1) throw new Error(`--member ${member}: the number of a member`);
  if (chain === null) throw new Error(`${dir} holds no chain-id: which chain this key decides about must be known`);
  const { sm2 } = startSm2();
  const random = (length: number) => systemRandom.bytes(length);
  const passphrase = keyPassphraseFile === null ? {} : { passphraseFile: keyPassphraseFile };
  const governance = loadGovernanceKey({ dir, sm2, random, create: false, ...passphrase });
  return approveRecovery(recovery, { chain: fromHex(chain, 32), keys: { governance }, self: { id: member } });
}

async function isAccepted(sql: Sql, newEpoch: number): Promise<boolean> {
  return (await readRecoveries(sql)).some((body) => decodeRecovery(body).newEpoch === newEpoch);
}

function factsOf({ signed: { seal }, base }: SealStatement) {
  const { newEpoch, member, tipHeight } = seal;
  return { newEpoch, member, tipHeight, endorsedAbove: base === null ? null : base.height, tipHeader: toHex(seal.tipHeader) };
}

async function waitFor<T>(find: () => Promise<T | null>): Promise<T | null> {
  const end = performance.now() + ANSWER_MS;
  for (;;) {
    const found = await find();
    if (found !== null || performance.now() > end) return found;
    await sleep(POLL_MS);
  }
}

/** @throws {Error} */
function readBytes(file: string): Uint8Array {
  if (!existsSync(file)) throw new Error(`there is no file ${file}`);
  return new Uint8Array(readFileSync(file));
}

const read = (file: string): string => new TextDecoder().decode(readBytes(file));
