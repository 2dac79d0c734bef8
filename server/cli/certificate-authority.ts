/** `npm run cli -- ca …`: a test authority in a folder, and what this installation trusts. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { generatePrivateKey, publicKeyOf } from '#ledger/crypto/sm2.ts';
import { drawPassphrase, readPassphrase, sealPrivateKey } from '#ledger/node/key-file.ts';
import { openSslSm2 } from '#ledger/node/sm2-openssl.ts';
import { findPem, type NamePart, OID, parseCertificate, toPem } from '#ledger/pki/certificate.ts';
import { parseCertificateRequest } from '#ledger/pki/certificate-request.ts';
import { type CertificateProfile, type DistinguishedName, requestCertificate } from '#ledger/pki/issue-certificate.ts';
import { type Bytes, toHex } from '#ledger/primitives/bytes.ts';
import { parseInstant } from '#ledger/primitives/instant.ts';
import { systemClock } from '#server/clock.ts';
import { type AuthorityTools, addAuthority, authorityChain, initAuthority, issue, makeCrl, revoke } from '#server/pki/authority-folder.ts';
import { openPki } from '#server/pki/open-pki.ts';
import { CERTIFICATE_PURPOSES, type CertificatePurpose } from '#server/pki/pki.repo.ts';
import { systemRandom } from '#server/random.ts';
import type { StaffRole } from '#server/trpc/views.ts';
import { withDatabase } from './database.ts';

type Io = { readonly out: (line: string) => void; readonly err: (line: string) => void };
type FolderOptions = { readonly dir: string; readonly passphraseFile?: string };
type SubjectOptions = { readonly cn?: string; readonly o?: string; readonly ou?: string; readonly sn?: string };
type IssueOptions = FolderOptions &
  SubjectOptions & { readonly by: string; readonly profile: string; readonly csr?: string; readonly days: string; readonly to: string };
type ImportOptions = {
  readonly trustRoots?: boolean;
  readonly licensed?: boolean;
  readonly purpose: string;
  readonly role?: readonly string[];
  readonly json?: boolean;
};

const ROLES: readonly StaffRole[] = ['sup_tax', 'sup_market', 'sup_finance', 'auditor', 'operator', 'notary', 'studio'];

export function addAuthorityCommands(program: Command, io: Io): void {
  const ca = program
    .command('ca')
    .description('a test authority in a folder (NOT_LICENSED), and the certificates this installation trusts');
  const inFolder = (name: string, description: string) =>
    ca
      .command(name)
      .description(description)
      .option('--dir <folder>', 'where the authority lives', path.join(process.env.DATA_DIR ?? '.data', 'ca'))
      .option('--passphrase-file <file>', 'passphrase of the keys in its first line; DIR/passphrase when left out');
  const subject = (command: Command) =>
    command
      .option('--cn <name>', 'common name')
      .option('--o <name>', 'organisation')
      .option('--ou <name>', 'unit: of a person the role')
      .option('--sn <number>', 'staff number');

  inFolder('init', 'make a root; with --demonstration the published hierarchy of a demonstration chain')
    .option('--cn <name>', 'common name of the root', 'Test root')
    .option('--demonstration')
    .action((options: FolderOptions & { readonly cn: string; readonly demonstration?: boolean }) => {
      const name = { commonName: options.cn, organization: 'NOT_LICENSED' };
      const root = initAuthority(toolsOf(options, true), options.demonstration === true ? 'demonstration' : name);
      io.out(toHex(parseCertificate(root).fingerprint));
      io.err('SM3 of the root. Its organisation says NOT_LICENSED: no court takes it for a licensed authority.');
    });

  subject(inFolder('issue', 'issue an authority below the root, or certificates of a subject'))
    .option('--by <authority>', 'short name of the issuer', 'root')
    .option('--profile <profile>', 'authority, signing, encryption, time_stamping, or pair: one to sign and one to encrypt', 'pair')
    .option('--csr <file>', 'PKCS#10 request: name and key come from it; without it keys are made and sealed')
    .option('--days <n>', 'how long', '1095')
    .option('--to <name>', 'file name of what is written, without ending', 'subject')
    .addHelpText(
      'after',
      '\nExample: ca issue --profile authority --to supervisor-ca --cn "Supervisor CA" --o Supervisor\n         ca issue --by supervisor-ca --cn 王检查 --o Supervisor --ou tax --sn S-1 --to wang',
    )
    .action((options: IssueOptions) => issueTo(options, io));

  inFolder('revoke', 'put a serial number on the list of its authority and write the list')
    .requiredOption('--by <authority>', 'short name of the issuer')
    .requiredOption('--serial <hex>')
    .option('--at <time>', 'from when on, as 2026-11-27T08:00:00Z; now when left out')
    .action((options: FolderOptions & { readonly by: string; readonly serial: string; readonly at?: string }) => {
      const tools = toolsOf(options);
      revoke(tools, options.by, options.serial.toLowerCase(), options.at === undefined ? tools.now : parseInstant(options.at));
      makeCrl(tools, options.by, 30);
      io.out(path.join(options.dir, `${options.by}.crl.pem`));
    });

  inFolder('crl', 'write the revocation list of an authority')
    .requiredOption('--by <authority>', 'short name of the issuer')
    .option('--days <n>', 'until the next one', '30')
    .action((options: FolderOptions & { readonly by: string; readonly days: string }) => {
      makeCrl(toolsOf(options), options.by, whole(options.days));
      io.out(path.join(options.dir, `${options.by}.crl.pem`));
    });

  subject(inFolder('request', 'make a sealed key and a request (PKCS#10) for an outside authority'))
    .option('--to <name>', 'file name without ending', 'request')
    .action((options: FolderOptions & SubjectOptions & { readonly to: string }) => {
      const tools = toolsOf(options, true);
      const privateKey = generatePrivateKey(tools.random);
      write(`${options.to}.key.pem`, sealPrivateKey(privateKey, tools.passphrase, tools.random), 0o600);
      write(`${options.to}.csr.pem`, toPem(requestCertificate(tools.sm2, nameOf(options), privateKey), 'CERTIFICATE REQUEST'));
      io.out(`${options.to}.csr.pem`);
    });

  ca.command('import')
    .description('take certificates and revocation lists (PEM) of an authority into the trust store of this installation')
    .argument('<files...>')
    .option('--trust-roots', 'self-signed roots among them are trusted from now on, by SM3 of their DER')
    .option('--licensed', 'state that the root belongs to a licensed authority')
    .option('--purpose <purpose>', CERTIFICATE_PURPOSES.join(', '), 'other')
    .option('--role <unit=role>', 'a unit that the authorities among them may name, with its role', collect)
    .option('--json')
    .action(async (files: readonly string[], options: ImportOptions) => {
      process.exitCode = await importFiles(files, options, io);
    });

  ca.command('export')
    .description('PEM of the trusted roots, authorities and members\u2019 certificates: what `verify --roots` takes')
    .addHelpText(
      'after',
      '\nExample: npm run --silent cli -- ca export > roots.pem && npm run --silent cli -- verify trade.plproof --roots roots.pem',
    )
    .action(async () => {
      const { certificates } = await withDatabase(({ sql }) => openPki({ sql, clock: systemClock, sm2: openSslSm2() }, null).shelf());
      io.out(
        certificates
          .map((der) => toPem(der))
          .join('')
          .trimEnd(),
      );
    });

  ca.command('list')
    .description('every certificate known here: days left, chain, state of the revocation list')
    .option('--json')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const rows = await withDatabase(({ sql }) => openPki({ sql, clock: systemClock, sm2: openSslSm2() }, null).list());
      if (json === true) return io.out(JSON.stringify(rows));
      for (const row of rows)
        io.out(
          `${String(row.daysLeft).padStart(6)} d  ${row.purpose.padEnd(10)} ${row.kind.padEnd(13)} ${row.refusal ?? 'ok'}  ${row.subject}`,
        );
    });
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function importFiles(files: readonly string[], options: ImportOptions, io: Io): Promise<number> {
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  const purpose = CERTIFICATE_PURPOSES.find((each) => each === options.purpose);
  const grants = (options.role ?? []).map(readGrant);
  if (purpose === undefined) throw new Error(`--purpose is one of ${CERTIFICATE_PURPOSES.join(', ')}`);
  const certificates = texts.flatMap((text) => findPem(text, 'CERTIFICATE'));
  const answer = await withDatabase(async ({ sql }) => {
    const pki = openPki({ sql, clock: systemClock, sm2: openSslSm2() }, null);
    const imported = await pki.import({
      certificates,
      crls: texts.flatMap((text) => findPem(text, 'X509 CRL')),
      trustsRoots: options.trustRoots === true,
      isLicensed: options.licensed === true,
      purpose: purpose satisfies CertificatePurpose,
    });
    if (imported.kind === 'imported') await grantRoles(pki, certificates, grants);
    return imported;
  });
  if (options.json === true) io.out(JSON.stringify(answer));
  else if (answer.kind === 'rejected') io.err(`Nothing was imported: ${answer.code} (${answer.subject})`);
  else io.out(`${answer.anchors} roots, ${answer.certificates} certificates, ${answer.crls} revocation lists`);
  return answer.kind === 'rejected' ? 1 : 0;
}

type Grant = { readonly unit: string; readonly role: StaffRole };

async function grantRoles(pki: ReturnType<typeof openPki>, certificates: readonly Bytes[], grants: readonly Grant[]): Promise<void> {
  for (const authority of certificates.map((der) => parseCertificate(der)).filter((each) => each.isCa)) {
    const organisation = authority.subject.parts.find(({ oid }) => oid === OID.organization)?.text ?? '';
    for (const { unit, role } of grants) await pki.grantRole(authority.fingerprint, { unit, role, organisation });
  }
}

function readGrant(text: string): Grant {
  const [unit = '', name] = text.split('=');
  const role = ROLES.find((each) => each === name);
  if (unit === '' || role === undefined) throw new Error(`--role is UNIT=ROLE, ROLE one of ${ROLES.join(', ')}`);
  return { unit, role };
}

function issueTo(options: IssueOptions, io: Io): void {
  const tools = toolsOf(options);
  const days = whole(options.days);
  if (options.profile === 'authority') {
    addAuthority(tools, options.to, nameOf(options));
    io.out(path.join(options.dir, `${options.to}.pem`));
    return;
  }
  const kinds = options.profile === 'pair' ? (['signing', 'encryption'] as const) : [endProfile(options.profile)];
  const chain = authorityChain(options.dir, options.by).map((file) => readFileSync(file, 'utf8'));
  for (const kind of kinds) {
    const { name, publicKey } = options.csr === undefined ? drawSubject(tools, options, kind) : readRequest(tools, options.csr);
    const der = issue(tools, { by: options.by, subject: name, publicKey, profile: { kind }, days });
    write(`${options.to}.${kind}.pem`, [toPem(der), ...chain].join(''));
    io.out(`${options.to}.${kind}.pem  serial ${toHex(parseCertificate(der).serial)}`);
  }
}

function endProfile(text: string): Exclude<CertificateProfile['kind'], 'authority'> {
  const kind = (['signing', 'encryption', 'time_stamping'] as const).find((each) => each === text);
  if (kind === undefined) throw new Error('--profile is authority, signing, encryption, time_stamping or pair');
  return kind;
}

function drawSubject(
  tools: AuthorityTools,
  options: IssueOptions,
  kind: string,
): { readonly name: DistinguishedName; readonly publicKey: Bytes } {
  const privateKey = generatePrivateKey(tools.random);
  write(`${options.to}.${kind}.key.pem`, sealPrivateKey(privateKey, tools.passphrase, tools.random), 0o600);
  return { name: nameOf(options), publicKey: publicKeyOf(privateKey) };
}

function readRequest(tools: AuthorityTools, file: string): { readonly name: DistinguishedName; readonly publicKey: Bytes } {
  const [der] = findPem(readFileSync(file, 'utf8'), 'CERTIFICATE REQUEST');
  if (der === undefined) throw new Error(`${file} holds no certificate request`);
  const { subject, publicKey } = parseCertificateRequest(der, tools.sm2);
  return { name: nameFromParts(subject.parts), publicKey };
}

function nameFromParts(parts: readonly NamePart[]): DistinguishedName {
  const text = (oid: string) => parts.find((part) => part.oid === oid)?.text;
  const [cn, o, ou, sn] = [text(OID.commonName), text(OID.organization), text(OID.organizationalUnit), text(OID.serialNumber)];
  return nameOf({
    ...(cn === undefined ? {} : { cn }),
    ...(o === undefined ? {} : { o }),
    ...(ou === undefined ? {} : { ou }),
    ...(sn === undefined ? {} : { sn }),
  });
}

function nameOf({ cn, o, ou, sn }: SubjectOptions): DistinguishedName {
  if (cn === undefined || o === undefined) throw new Error('--cn and --o name the subject');
  return {
    commonName: cn,
    organization: o,
    ...(ou === undefined ? {} : { organizationalUnit: ou }),
    ...(sn === undefined ? {} : { serialNumber: sn }),
  };
}

function toolsOf({ dir, passphraseFile }: FolderOptions, isNew = false): AuthorityTools {
  const file = passphraseFile ?? path.join(dir, 'passphrase');
  const random = (length: number) => systemRandom.bytes(length);
  if (isNew && passphraseFile === undefined && !existsSync(file)) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeFileSync(file, `${drawPassphrase(random)}\n`, { mode: 0o600 });
  }
  return { dir, passphrase: readPassphrase(readFileSync(file, 'utf8')), sm2: openSslSm2(), random, now: systemClock.now() };
}

function write(file: string, text: string, mode = 0o644): void {
  // Never over something: a key that is gone can't be asked for again.
  writeFileSync(file, text, { mode, flag: 'wx' });
}

function whole(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new Error('--days is a whole number');
  return Number(text);
}
