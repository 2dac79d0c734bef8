/** `npm run cli -- rotate-key …`: another node key for this member (`ledger.md` 12), decided by the members as any configuration. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { decodeGenesis } from '#ledger/codec/genesis.ts';
import { adoptNextNodeKey, type KeyOptions, loadNextNodeKey, requireNodeKey } from '#ledger/node/keys.ts';
import { buildMember } from '#ledger/node/membership.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { readChain } from '#ledger/node/store/blocks.ts';
import { equalBytes, toHex } from '#ledger/primitives/bytes.ts';
import { formatProposal, withMember } from '#server/members/governance.ts';
import { type MemberSite, openMemberSite } from '#server/members/member-site.ts';
import { systemRandom } from '#server/random.ts';
import type { ConsortiumIo } from './consortium.ts';
import { type Installation, withDatabase } from './database.ts';

type JsonOption = { readonly json?: boolean };

const DONE = 0;
const REFUSED = 1;
const NOT_YET = 3;
const { sm2 } = startSm2();

export function addRotateKeyCommands(program: Command, io: ConsortiumIo): void {
  const rotate = program.command('rotate-key').description('another node key for this member: begin, let the members decide, finish');

  rotate
    .command('begin')
    .description(
      'make the next key and write the proposal that names it; members then approve and submit it (config approve, config submit)',
    )
    .requiredOption('--to <file>', 'where the proposal goes')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- rotate-key begin --to rotation.json\nExit 0: written; 1: this installation is no member.',
    )
    .action(async ({ to, json }: JsonOption & { readonly to: string }) => {
      process.exitCode = await withDatabase(async (installation) => {
        const site = await openMemberSite(installation, systemRandom);
        const { self, config, keys } = site;
        if (self === null) return refuse(io, json, 'no_member');
        requireNodeKey(keys);
        const next = loadNextNodeKey(keyOptions(installation, true));
        const member = buildMember({ ...self, keys: { ...keys, node: next }, sm2, certifiedAt: await certifiedAt(installation) });
        const proposed = withMember(config, member);
        writeFileSync(to, formatProposal({ config: proposed, approvals: [] }));
        io.answer(json, { outcome: 'proposed', member: self.id, epoch: proposed.epoch, key: toHex(next.publicKey), file: to });
        io.err(`Sixteen blocks after it is recorded the old key is void: run rotate-key finish then, and start the node again.`);
        return DONE;
      });
    });

  rotate
    .command('finish')
    .description('the configuration in force names the next key: it takes the old one’s place; only while the node is down')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- rotate-key finish\nExit 0: done; 1: there is no next key; 3: the decision is not in force yet.',
    )
    .action(async ({ json }: JsonOption) => {
      const { holdNode } = await import('#ledger/node/node-lock.ts');
      process.exitCode = await withDatabase(async (installation) => {
        const site = await openMemberSite(installation, systemRandom);
        const next = findNext(installation);
        if (next === null) return refuse(io, json, 'no_next_key');
        if (!isInForce(site, next.publicKey)) {
          io.answer(json, { outcome: 'not_in_force', epoch: site.config.epoch, key: toHex(next.publicKey) });
          return NOT_YET;
        }
        const lock = await holdNode(installation.sql);
        adoptNextNodeKey(installation.keysDir, site.config.epoch);
        await lock.release();
        io.answer(json, { outcome: 'rotated', epoch: site.config.epoch, key: toHex(next.publicKey) });
        return DONE;
      });
    });
}

const keyOptions = ({ keysDir, environment }: Installation, create: boolean): KeyOptions => ({
  dir: keysDir,
  sm2,
  random: (length) => systemRandom.bytes(length),
  create,
  ...(environment.keyPassphraseFile === null ? {} : { passphraseFile: environment.keyPassphraseFile }),
});

function findNext(installation: Installation) {
  try {
    return loadNextNodeKey(keyOptions(installation, false));
  } catch {
    return null;
  }
}

const isInForce = ({ config }: MemberSite, key: Uint8Array): boolean => config.members.some((member) => equalBytes(member.pub, key));

/** Certificates of a demonstration follow from name, role, key and the time of its genesis. */
async function certifiedAt({ sql }: Installation): Promise<bigint | null> {
  const stored = await readChain(sql);
  const genesis = stored === null ? null : decodeGenesis(stored.genesis);
  return genesis?.demonstration === 1 ? genesis.sealedAt : null;
}

function refuse(io: ConsortiumIo, json: boolean | undefined, outcome: string): number {
  io.answer(json, { outcome });
  return REFUSED;
}
