/** `npm run cli -- court-order …`: a judgement about an item, signed by court and supervisor each on their own machine (`ledger.md` op 13). */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { toHex } from '#ledger/primitives/bytes.ts';
import { parseAccountId } from '#ledger/primitives/ids.ts';
import { draftCourtOrder, formatCourtOrder, parseCourtOrder, signCourtOrder } from '#server/members/court-order.ts';
import { openMemberSite, submitTo } from '#server/members/member-site.ts';
import { systemRandom } from '#server/random.ts';
import type { ConsortiumIo } from './consortium.ts';
import { withDatabase } from './database.ts';

type JsonOption = { readonly json?: boolean };
type DraftOptions = JsonOption & Readonly<Record<'item' | 'owner' | 'judgement' | 'to', string>>;

const DONE = 0;
const REFUSED = 1;
const bytesOf = (file: string) => new Uint8Array(readFileSync(file));

export function addCourtOrderCommands(program: Command, io: ConsortiumIo): void {
  const court = program
    .command('court-order')
    .description('carry out a judgement about an item: drafted by any member, signed by a court and by a supervisor, then submitted');

  court
    .command('draft')
    .description('write the LedgerTx down, unsigned; it names the judgement’s file by its SM3')
    .requiredOption('--item <serial>', 'number of the item on the ledger')
    .requiredOption('--owner <account>', 'whose it is by the judgement, 64 hex digits')
    .requiredOption('--judgement <file>', 'the judgement')
    .requiredOption('--to <file>', 'where the draft goes')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- court-order draft --item 1204 --owner 5f0c… --judgement judgement.pdf --to order.json\nThe draft holds for 23 hours, and as long as the item is where it is: freeze it first.',
    )
    .action(async ({ item, owner, judgement, to, json }: DraftOptions) => {
      if (!/^\d{1,18}$/.test(item)) throw new Error(`--item ${item}: the number of an item on the ledger`);
      const facts = { serial: BigInt(item), to: parseAccountId(owner), judgement: bytesOf(judgement) };
      const drafted = await withDatabase(async (installation) => {
        const { sql, clock } = installation;
        return draftCourtOrder(
          { sql, site: await openMemberSite(installation, systemRandom), now: clock.now(), random: systemRandom },
          facts,
        );
      });
      writeFileSync(to, formatCourtOrder(drafted));
      io.answer(json, { outcome: 'drafted', file: to, ...factsOf(drafted) });
    });

  court
    .command('sign')
    .description('say what the draft moves, hold the judgement against it, and sign it with this member’s account key')
    .argument('<file>')
    .requiredOption('--judgement <file>', 'the judgement, as it lies before whoever signs')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: DATA_DIR=/srv/court npm run --silent cli -- court-order sign order.json --judgement judgement.pdf\nThe ledger takes it with the signatures of a court and of a supervisor.',
    )
    .action(async (file: string, { judgement, json }: JsonOption & { readonly judgement: string }) => {
      const given = parseCourtOrder(readFileSync(file, 'utf8'));
      const signed = await withDatabase(async (installation) =>
        signCourtOrder(installation.sql, await openMemberSite(installation, systemRandom), given, bytesOf(judgement)),
      );
      writeFileSync(file, formatCourtOrder(signed));
      io.answer(json, { outcome: 'signed', ...factsOf(signed), signers: signed.env?.sigs.map(({ acct }) => toHex(acct)) ?? [] });
    });

  court
    .command('submit')
    .description('give the signed order to a member’s node')
    .argument('<file>')
    .requiredOption('--to <url>', 'address of any member’s node that is no market: its own, as a rule')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- court-order submit order.json --to http://its.own.node\nExit 0: taken; 1: refused, with the code.',
    )
    .action(async (file: string, { to, json }: JsonOption & { readonly to: string }) => {
      const { env } = parseCourtOrder(readFileSync(file, 'utf8'));
      if (env === null) throw new Error(`${file} is not signed yet: court-order sign`);
      const answer = await submitTo(to, env);
      const isTaken = answer.status === 202;
      io.answer(json, { outcome: isTaken ? 'taken' : 'refused', ...answer.body });
      process.exitCode = isTaken ? DONE : REFUSED;
    });
}

function factsOf({ body: { op } }: ReturnType<typeof parseCourtOrder>) {
  if (op.kind !== 'court_order') return {};
  const items = op.items.map(({ serial, ver, to }) => ({ serial: String(serial), ver: String(ver), to: toHex(to) }));
  return { items, judgementSm3: toHex(op.doc) };
}
