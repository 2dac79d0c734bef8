/** `npm run cli -- config …`, `promote`, `rotate-key`: decisions of the members, each run with the DATA_DIR of the member that acts. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { parseMemberRecord } from '#ledger/block/member-record.ts';
import { ROLE } from '#ledger/codec/config.ts';
import { requireNodeKey } from '#ledger/node/keys.ts';
import { holdsRole, memberOf } from '#ledger/node/membership.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { systemClock } from '#server/clock.ts';
import {
  approve,
  type ConfigChange,
  type ConfigProposal,
  changed,
  formatProposal,
  objections,
  parseProposal,
} from '#server/members/governance.ts';
import { type MemberSite, openMemberSite, signAsMember, submitTo } from '#server/members/member-site.ts';
import { systemRandom } from '#server/random.ts';
import { type Installation, withDatabase } from './database.ts';
import { addMemberRecordCommands } from './member-record.ts';

export type ConsortiumIo = {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly answer: (isJson: boolean | undefined, facts: Readonly<Record<string, unknown>>) => void;
};
type JsonOption = { readonly json?: boolean };

type ProposeOptions = { readonly admit?: string; readonly leaves?: string; readonly operator?: string; readonly to: string };

/** @throws {Error} when it names no change */
function changeOf({ admit, leaves, operator }: ProposeOptions): ConfigChange {
  if (admit !== undefined) return { kind: 'admit', member: parseMemberRecord(readFileSync(admit, 'utf8')).member };
  if (leaves === undefined || operator === undefined) throw new Error('propose what? --admit FILE, or --leaves ID and --operator ID');
  return { kind: 'promote', leaves: Number(leaves), operator: Number(operator) };
}

/** Exit codes of the commands. */
const REFUSED = 1;
const NOT_YET = 3;

const withSite = <T>(work: (site: MemberSite, installation: Installation) => Promise<T>): Promise<T> =>
  withDatabase(async (installation) => work(await openMemberSite(installation, systemRandom), installation));

export function addConsortiumCommands(program: Command, io: ConsortiumIo): void {
  const config = program.command('config').description('the configuration of the consortium: who are members, who decides');

  config
    .command('show')
    .description('in force at the next height')
    .option('--json')
    .addHelpText('after', '\nExample: npm run --silent cli -- config show --json')
    .action(async ({ json }: JsonOption) => {
      await withSite(async ({ config: current, height, self }) => {
        const members = current.members.map(({ id, org, role, flags, endpoint }) => ({ id, org, role, flags, endpoint }));
        io.answer(json, {
          height,
          epoch: current.epoch,
          f: current.f,
          self: self?.id ?? null,
          members,
          agents: current.agents.map(({ org, role }) => ({ org, role })),
        });
      });
    });

  addMemberRecordCommands(config, io);

  config
    .command('propose')
    .description('write a proposal: an organisation is admitted, or a member leaves for good and another takes the operator’s place')
    .option('--admit <file>', 'record of the organisation (config record)')
    .option('--leaves <id>', 'member that is gone')
    .option('--operator <id>', 'member that becomes operator')
    .requiredOption('--to <file>', 'where the proposal goes')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- config propose --admit fifth.json --to proposal.json\nThe operator is gone: config propose --leaves 1 --operator 4 --to proposal.json',
    )
    .action(async (options: ProposeOptions) => {
      const { to } = options;
      const change = changeOf(options);
      const next = await withSite(async ({ config: current }) => changed(current, change));
      writeFileSync(to, formatProposal({ config: next, approvals: [] }));
      io.err(`${to}: configuration ${next.epoch} of ${next.members.length} members. Each approves it with: config approve ${to}`);
    });

  config
    .command('approve')
    .description('add this member’s approval, signed by its governance key')
    .argument('<file>')
    .addHelpText('after', '\nExample: DATA_DIR=/srv/notary npm run --silent cli -- config approve proposal.json')
    .action(async (file: string) => {
      const { sm2 } = startSm2();
      await withSite(async ({ chain, config: current, keys }) => {
        save(file, approve(read(file), current, { chain, sm2, key: keys.governance }));
      });
      io.err(`approved; in the file: ${read(file).approvals.length}`);
    });

  config
    .command('submit')
    .description('put an approved proposal on the ledger, in the name of this member’s organisation')
    .argument('<file>')
    .requiredOption('--to <url>', 'address of any member’s node')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- config submit proposal.json --to http://127.0.0.1:3000\nExit 0: taken; 1: refused, with what speaks against it.',
    )
    .action(async (file: string, { to, json }: JsonOption & { readonly to: string }) => {
      const given = read(file);
      process.exitCode = await withSite(async (site, { sql }) => {
        const against = objections(given, site.config, startSm2().sm2);
        if (against.length > 0) {
          io.answer(json, { outcome: 'refused', against });
          return REFUSED;
        }
        const env = await signAsMember(sql, site, { kind: 'config_update', ...given }, { now: systemClock.now(), random: systemRandom });
        const answer = await submitTo(to, env);
        io.answer(json, { outcome: answer.status === 202 ? 'taken' : 'refused', ...answer.body });
        return answer.status === 202 ? 0 : REFUSED;
      });
    });

  program
    .command('backup')
    .description('everything this installation holds, of one moment, into one file; its private keys, encrypted, into another')
    .requiredOption('--to <folder>', 'where both files go')
    .requiredOption('--passphrase-file <file>', 'its first line encrypts the keys; keep it elsewhere')
    .option('--json')
    .addHelpText(
      'after',
      '\nThe server may run meanwhile.\nExample: npm run --silent cli -- backup --to /backups --passphrase-file /secrets/backup',
    )
    .action(async ({ to, passphraseFile, json }: JsonOption & { readonly to: string; readonly passphraseFile: string }) => {
      const { backUp } = await import('./backup.ts');
      io.answer(json, { outcome: 'written', ...(await withDatabase((installation) => backUp(installation, to, passphraseFile))) });
    });

  program
    .command('restore')
    .description(
      'FILE: a backup into an empty data folder, then verify and reconcile. --from-peers: empty the store but for what this member has signed; the next start fetches and verifies everything anew',
    )
    .argument('[file]')
    .option('--from-peers', 'the other members have it all')
    .option('--keys <file>', 'the key file of the same backup')
    .option('--passphrase-file <file>', 'what its keys are encrypted with')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: DATA_DIR=.data-new npm run --silent cli -- restore b.backup --keys b.keys --passphrase-file /secrets/backup',
    )
    .action(async (file: string | undefined, options: JsonOption & RestoreOptions) => {
      const { json } = options;
      if (file !== undefined) {
        process.exitCode = await restoreFile(io, file, options);
        return;
      }
      if (options.fromPeers !== true) throw new Error('restore what? A backup FILE with --keys and --passphrase-file, or --from-peers');
      const { emptyStore } = await import('#ledger/node/store/empty-store.ts');
      const { holdNode } = await import('#ledger/node/node-lock.ts');
      await withDatabase(async ({ sql }) => {
        const lock = await holdNode(sql);
        try {
          io.answer(json, { outcome: 'emptied', ...(await emptyStore(sql)) });
        } finally {
          await lock.release();
        }
      });
    });

  program
    .command('hand-over')
    .description('as a supervisor: the sealed envelopes and their keys, wrapped for the member that the members have made operator')
    .requiredOption('--to <id>', 'member that takes over')
    .requiredOption('--file <file>', 'where they go')
    .option('--json')
    .addHelpText('after', '\nExample: npm run --silent cli -- hand-over --to 4 --file hand-over.jsonl')
    .action(async ({ to, file, json }: JsonOption & { readonly to: string; readonly file: string }) => {
      process.exitCode = await withSite(async (site, { sql }) => {
        const heir = memberOf(site.config, Number(to));
        if (site.self === null || !holdsRole(site.config, ROLE.operator, heir.acct)) {
          io.err('The members have not made that member operator: nothing is handed over.');
          return NOT_YET;
        }
        const { writeHandOver } = await import('#server/takeover/hand-over.ts');
        const ground = {
          sql,
          chain: site.chain,
          sm2: startSm2().sm2,
          keys: { ...site.keys, node: requireNodeKey(site.keys) },
          random: systemRandom.bytes,
        };
        io.answer(json, { outcome: 'written', file, ...(await writeHandOver(ground, file, { from: site.self, to: heir })) });
        return 0;
      });
    });

  program
    .command('promote')
    .description(
      'take over as operator, when the configuration in force says so: the market is written anew from the ledger, the payment institution and the copies of the members; only while the node is down',
    )
    .option('--hand-over <file>', 'what a supervisor has handed over: figures of sales, names of people')
    .option('--json')
    .addHelpText(
      'after',
      '\nINSTITUTION_URL names the books of the payment institution. After a takeover a hand-over that came later is taken in the same way.\nExample: npm run --silent cli -- promote --hand-over hand-over.jsonl',
    )
    .action(async ({ handOver, json }: JsonOption & { readonly handOver?: string }) => {
      process.exitCode = await withSite(async (site, installation) => {
        const { promote } = await import('./promote.ts');
        const { kind, ...facts } = await promote(site, installation, handOver ?? null);
        io.answer(json, { outcome: kind, ...facts });
        if ('purchasesSealed' in facts && facts.purchasesSealed > 0)
          io.err(
            `${facts.purchasesSealed} items were bought in sales whose figures are sealed here: their owners can give them away and not sell them, until a supervisor hands over. Stop the market, then: promote --hand-over FILE.`,
          );
        if (kind !== 'not_operator') return 0;
        io.err('The members have not decided so, or their decision is not in force yet: see config propose, approve, submit.');
        return NOT_YET;
      });
    });
}

type RestoreOptions = { readonly fromPeers?: boolean; readonly keys?: string; readonly passphraseFile?: string };

async function restoreFile(io: ConsortiumIo, file: string, { keys, passphraseFile, json }: JsonOption & RestoreOptions): Promise<number> {
  if (keys === undefined || passphraseFile === undefined) throw new Error('a backup needs --keys FILE and --passphrase-file FILE');
  const { restore } = await import('./backup.ts');
  const { BackupDamage } = await import('#server/operations/backup.repo.ts');
  const { parseEnvironment } = await import('#server/env.ts');
  try {
    const done = await restore(path.resolve(parseEnvironment(process.env).dataDir), file, keys, passphraseFile);
    io.answer(json, { outcome: 'restored', ...done });
    return 'broken' in done.verified || done.breaks > 0 ? REFUSED : 0;
  } catch (error) {
    if (!(error instanceof BackupDamage)) throw error;
    io.answer(json, { outcome: 'refused', reason: error.message });
    return REFUSED;
  }
}

/** @throws {Error} when it is no proposal */
function read(file: string): ConfigProposal {
  if (!existsSync(file)) throw new Error(`there is no file ${file}`);
  return parseProposal(readFileSync(file, 'utf8'));
}

function save(file: string, given: ConfigProposal): void {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.new`);
  writeFileSync(draft, formatProposal(given));
  renameSync(draft, file);
}
