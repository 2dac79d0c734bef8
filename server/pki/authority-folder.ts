/**
 * A test authority in a folder of its own (`ledger.md` 20): root, organisations' authorities, certificates, revocation lists. Private keys
 * are encrypted PKCS#8; every root made here says NOT_LICENSED. It knows nothing of the market: what it issues is imported like an outside one's.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generatePrivateKey, publicKeyOf, type Sm2 } from '#ledger/crypto/sm2.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import {
  DEMONSTRATION_AUTHORITIES,
  DEMONSTRATION_ROOT_NAME,
  demonstrationAuthorityKeyName,
  demonstrationAuthorityName,
  demonstrationHierarchy,
} from '#ledger/node/demonstration-pki.ts';
import { openPrivateKey, sealPrivateKey } from '#ledger/node/key-file.ts';
import { toPem } from '#ledger/pki/certificate.ts';
import { type CertificateProfile, type DistinguishedName, issueCertificate, issueCrl } from '#ledger/pki/issue-certificate.ts';
import { type Bytes, concat, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { ParseError } from '#ledger/primitives/errors.ts';
import { type Instant, instant, parseInstant, toIso } from '#ledger/primitives/instant.ts';

type Revoked = { readonly serial: string; readonly at: string };
type Authority = { readonly name: DistinguishedName; readonly parent: string | null; readonly revoked: readonly Revoked[] };
type State = { readonly schema: 'daoju.authority/1'; readonly authorities: Readonly<Record<string, Authority>> };

export type AuthorityTools = {
  readonly dir: string;
  readonly passphrase: string;
  readonly sm2: Sm2;
  readonly random: (length: number) => Bytes;
  readonly now: Instant;
};

export type IssueRequest = {
  /** Short name of the issuing authority in this folder. */
  readonly by: string;
  readonly subject: DistinguishedName;
  readonly publicKey: Uint8Array;
  readonly profile: CertificateProfile;
  readonly days: number;
};

const DAY_MS = 86_400_000;
const NAME = /^[a-z0-9][a-z0-9-]{0,40}$/;
const stateFile = (dir: string) => path.join(dir, 'authority.json');

/** A new root, or with `demonstration` the published hierarchy. @throws {ParseError} `authority_exists` */
export function initAuthority(tools: AuthorityTools, root: DistinguishedName | 'demonstration'): Bytes {
  const { dir } = tools;
  if (existsSync(stateFile(dir))) throw new ParseError('authority_exists', { dir });
  mkdirSync(path.join(dir, 'issued'), { recursive: true, mode: 0o700 });
  if (root === 'demonstration') return initDemonstration(tools);
  const privateKey = generatePrivateKey(tools.random);
  const der = issueCertificate(tools.sm2, {
    issuer: { name: root, privateKey },
    subject: root,
    publicKey: publicKeyOf(privateKey),
    serial: drawSerial(tools),
    ...validity(tools.now, 30 * 365),
    profile: { kind: 'authority', pathLength: 1 },
  });
  saveAuthority(tools, 'root', privateKey, der);
  writeState(dir, { schema: 'daoju.authority/1', authorities: { root: { name: root, parent: null, revoked: [] } } });
  return der;
}

function initDemonstration(tools: AuthorityTools): Bytes {
  const { root, authorities } = demonstrationHierarchy();
  saveAuthority(tools, 'root', demonstrationKeys('test-root').privateKey, root);
  const entries: [string, Authority][] = [['root', { name: DEMONSTRATION_ROOT_NAME, parent: null, revoked: [] }]];
  for (const authority of DEMONSTRATION_AUTHORITIES) {
    const short = authority.toLowerCase().replaceAll(' ', '-');
    saveAuthority(tools, short, demonstrationKeys(demonstrationAuthorityKeyName(authority)).privateKey, authorities.get(authority) ?? root);
    entries.push([short, { name: demonstrationAuthorityName(authority), parent: 'root', revoked: [] }]);
  }
  writeState(tools.dir, { schema: 'daoju.authority/1', authorities: Object.fromEntries(entries) });
  return root;
}

/** An organisation's authority below the root: it may issue to people and nodes, and found no further authority. */
export function addAuthority(tools: AuthorityTools, short: string, name: DistinguishedName): Bytes {
  const state = readState(tools.dir);
  if (!NAME.test(short)) throw new ParseError('authority_name_malformed', { expected: NAME.source });
  if (state.authorities[short] !== undefined) throw new ParseError('authority_exists', { authority: short });
  const privateKey = generatePrivateKey(tools.random);
  const publicKey = publicKeyOf(privateKey);
  const der = issue(tools, { by: 'root', subject: name, publicKey, profile: { kind: 'authority', pathLength: 0 }, days: 20 * 365 });
  saveAuthority(tools, short, privateKey, der);
  writeState(tools.dir, { ...state, authorities: { ...state.authorities, [short]: { name, parent: 'root', revoked: [] } } });
  return der;
}

/** DER, also kept under `issued`. @throws {ParseError} `authority_unknown`, `key_passphrase` */
export function issue(tools: AuthorityTools, { by, subject, publicKey, profile, days }: IssueRequest): Bytes {
  const serial = drawSerial(tools);
  const issuer = issuerOf(tools, by);
  const der = issueCertificate(tools.sm2, {
    issuer,
    subject,
    publicKey: new Uint8Array(publicKey),
    serial,
    ...validity(tools.now, days),
    profile,
  });
  writeFileSync(path.join(tools.dir, 'issued', `${by}-${toHex(serial)}.pem`), toPem(der));
  return der;
}

/** From `at` on; what was signed before stays valid. @throws {ParseError} `authority_unknown`, `serial_malformed` */
export function revoke(tools: AuthorityTools, by: string, serial: string, at: Instant): void {
  const state = readState(tools.dir);
  const authority = authorityOf(state, by);
  if (!/^(?:[0-9a-f]{2}){1,20}$/.test(serial)) throw new ParseError('serial_malformed', { expected: '1 to 20 bytes in lower-case hex' });
  const others = authority.revoked.filter((each) => each.serial !== serial);
  const revoked = [...others, { serial, at: toIso(at) }];
  writeState(tools.dir, { ...state, authorities: { ...state.authorities, [by]: { ...authority, revoked } } });
}

/** A full list of everything revoked so far; its number is the second of issue. */
export function makeCrl(tools: AuthorityTools, by: string, days: number): Bytes {
  const authority = authorityOf(readState(tools.dir), by);
  const thisUpdate = instant(tools.now - (tools.now % 1000));
  const list = issueCrl(tools.sm2, {
    issuer: issuerOf(tools, by),
    number: Math.floor(tools.now / 1000),
    thisUpdate,
    nextUpdate: instant(thisUpdate + days * DAY_MS),
    revoked: authority.revoked.map(({ serial, at }) => ({ serial: fromHex(serial), at: parseInstant(at) })),
  });
  writeFileSync(path.join(tools.dir, `${by}.crl.pem`), toPem(list, 'X509 CRL'));
  return list;
}

export function authorityChain(dir: string, by: string): readonly string[] {
  const { parent } = authorityOf(readState(dir), by);
  const own = path.join(dir, `${by}.pem`);
  return parent === null ? [own] : [own, ...authorityChain(dir, parent)];
}

function issuerOf({ dir, passphrase }: AuthorityTools, by: string) {
  const { name } = authorityOf(readState(dir), by);
  return { name, privateKey: openPrivateKey(readFileSync(path.join(dir, `${by}.key.pem`), 'utf8'), passphrase) };
}

function authorityOf(state: State, by: string): Authority {
  const authority = state.authorities[by];
  if (authority === undefined)
    throw new ParseError('authority_unknown', { authority: by, known: Object.keys(state.authorities).join(' ') });
  return authority;
}

function saveAuthority({ dir, passphrase, random }: AuthorityTools, short: string, privateKey: Bytes, der: Bytes): void {
  writeFileSync(path.join(dir, `${short}.key.pem`), sealPrivateKey(privateKey, passphrase, random), { mode: 0o600 });
  writeFileSync(path.join(dir, `${short}.pem`), toPem(der));
}

/** 16 random bytes behind a first one that is neither zero nor negative. */
function drawSerial({ random }: AuthorityTools): Bytes {
  return concat(Uint8Array.of(0x40), random(15));
}

function validity(now: Instant, days: number) {
  const notBefore = instant(now - (now % 1000));
  return { notBefore, notAfter: instant(notBefore + days * DAY_MS) };
}

function readState(dir: string): State {
  if (!existsSync(stateFile(dir))) throw new ParseError('authority_missing', { dir });
  const state: State = JSON.parse(readFileSync(stateFile(dir), 'utf8'));
  return state;
}

function writeState(dir: string, state: State): void {
  writeFileSync(stateFile(dir), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
}
