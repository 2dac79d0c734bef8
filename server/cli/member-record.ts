/** `npm run cli -- config record | vouch`: an organisation states its record with its own keys; operator and supervisor vouch for its account. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { formatMemberRecord, parseMemberRecord } from '#ledger/block/member-record.ts';
import { type KeyOptions, loadHeldKeys, loadNodeKeys } from '#ledger/node/keys.ts';
import { remoteProof } from '#ledger/node/signer/remote-signer.ts';
import { startSm2 } from '#ledger/node/sm2-openssl.ts';
import { findPem } from '#ledger/pki/certificate.ts';
import { toHex } from '#ledger/primitives/bytes.ts';
import { systemClock } from '#server/clock.ts';
import { parseEnvironment } from '#server/env.ts';
import { coSignAsMember, openMemberSite } from '#server/members/member-site.ts';
import { signerPlace } from '#server/members/signer-place.ts';
import { RECORD_ROLES, type RecordWish, stateRecord, stateRecordElsewhere } from '#server/members/state-record.ts';
import { systemRandom } from '#server/random.ts';
import type { ConsortiumIo } from './consortium.ts';
import { withDatabase } from './database.ts';

type JsonOption = { readonly json?: boolean };
type RecordOptions = JsonOption & {
  readonly id: string;
  readonly org: string;
  readonly role: string;
  readonly endpoint: string;
  readonly to: string;
  readonly chainOf?: string;
  readonly certificate?: string;
  readonly signer?: string;
  readonly signerKey?: string;
  readonly leads: boolean;
  readonly mirrors: boolean;
};

const MAX_ID = 65_535;
const MAX_ORG = 64;
const FETCH_MS = 10_000;

export function addMemberRecordCommands(config: Command, io: ConsortiumIo): void {
  config
    .command('record')
    .description('state this organisation as a member, with the keys of DATA_DIR/keys, which are made if there are none')
    .requiredOption('--id <n>', 'number among the members, never used before')
    .requiredOption('--org <name>', 'name of the organisation')
    .requiredOption('--role <role>', RECORD_ROLES.join(', '))
    .requiredOption('--endpoint <url>', 'where its node will answer the others')
    .requiredOption('--to <file>', 'where the record goes')
    .option('--chain-of <url>', 'any member of the chain to join: its account is opened there; left out by a founder')
    .option('--certificate <file>', 'of its node, DER or PEM')
    .option('--signer <url>', 'process that holds the node key (signer client); its key then never comes here')
    .option('--signer-key <hex>', 'the public half that the signer printed')
    .option('--no-leads', 'its node never leads a round')
    .option('--no-mirrors', 'its node keeps no copies of media')
    .option('--json')
    .addHelpText(
      'after',
      '\nExample: DATA_DIR=/srv/fifth npm run --silent cli -- config record --id 5 --org "Second notary" --role notary --endpoint https://fifth.example --chain-of https://market.example --to fifth.json\nThe opening of the account holds for 23 hours; state the record again after that.',
    )
    .action(async (options: RecordOptions) => {
      const role = RECORD_ROLES.find((each) => each === options.role);
      const id = Number(options.id);
      if (role === undefined) throw new Error(`--role ${options.role}: one of ${RECORD_ROLES.join(', ')}`);
      if (!Number.isInteger(id) || id < 2 || id > MAX_ID) throw new Error(`--id ${options.id}: a number from 2 to ${MAX_ID}`);
      if (options.org.trim() === '' || options.org.length > MAX_ORG) throw new Error(`--org: a name of at most ${MAX_ORG} characters`);
      const { dataDir, keyPassphraseFile } = parseEnvironment(process.env);
      const { sm2 } = startSm2();
      const keyOptions: KeyOptions = {
        ...{ dir: path.join(path.resolve(dataDir), 'keys'), sm2, random: (length: number) => systemRandom.bytes(length), create: true },
        ...(keyPassphraseFile === null ? {} : { passphraseFile: keyPassphraseFile }),
      };
      const { org, endpoint, leads, mirrors, certificate, chainOf, to } = options;
      const genesis = chainOf === undefined ? null : await fetchGenesis(chainOf);
      const wish: RecordWish = {
        ...{ id, org, role, endpoint: new URL(endpoint).href.replace(/\/$/, ''), mayLead: leads, mirrorsMedia: mirrors },
        certificate: certificate === undefined ? null : derOf(certificate),
      };
      const ground = { sm2, random: systemRandom, now: systemClock.now(), genesis };
      const elsewhere = signerOf(options, keyOptions);
      const record =
        elsewhere === null
          ? stateRecord(wish, { ...ground, keys: loadNodeKeys(keyOptions) })
          : await stateRecordElsewhere(wish, {
              ...ground,
              keys: loadHeldKeys(keyOptions, elsewhere.publicKey),
              prove: (payload) => remoteProof(elsewhere, sm2, payload),
            });
      writeFileSync(to, `${formatMemberRecord(record)}\n`);
      const { member, accountOpen } = record;
      io.answer(options.json, {
        outcome: 'stated',
        file: to,
        member: member.id,
        acct: toHex(member.acct),
        node: toHex(member.pub),
        chain: accountOpen === null ? null : toHex(accountOpen.body.chain),
      });
    });

  config
    .command('vouch')
    .description('as operator or supervisor: sign along that the organisation of a record may have an account')
    .argument('<file>')
    .option('--json')
    .addHelpText('after', '\nA demonstration signs both by itself. Example: npm run --silent cli -- config vouch fifth.json')
    .action(async (file: string, { json }: JsonOption) => {
      const record = parseMemberRecord(readFileSync(file, 'utf8'));
      const { accountOpen } = record;
      if (accountOpen === null) throw new Error(`${file} opens no account: state it with --chain-of`);
      const signed = await withDatabase(async (installation) =>
        coSignAsMember(installation.sql, await openMemberSite(installation, systemRandom), accountOpen),
      );
      writeFileSync(file, `${formatMemberRecord({ ...record, accountOpen: signed })}\n`);
      io.answer(json, { outcome: 'vouched', member: record.member.id, signatures: signed.sigs.length });
    });
}

function signerOf({ signer: url, signerKey: key }: RecordOptions, keyOptions: KeyOptions) {
  if (url === undefined && key === undefined) return null;
  if (url === undefined || key === undefined || !/^[0-9a-f]{128}$/.test(key))
    throw new Error('--signer URL and --signer-key, 128 lower-case hex digits, belong together');
  return signerPlace({ url, key }, keyOptions);
}

async function fetchGenesis(base: string) {
  const response = await fetch(new URL('/peer/v1/genesis', base), { signal: AbortSignal.timeout(FETCH_MS) });
  if (!response.ok) throw new Error(`${base} answered ${response.status}: it is no member's node`);
  return new Uint8Array(await response.arrayBuffer());
}

function derOf(file: string) {
  const bytes = new Uint8Array(readFileSync(file));
  const [pem] = findPem(new TextDecoder().decode(bytes), 'CERTIFICATE');
  return pem ?? bytes;
}
