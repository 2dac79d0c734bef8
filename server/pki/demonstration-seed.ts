/**
 * The hierarchy of a demonstration chain as an outside authority would have delivered it: root, authorities, two certificates per subject, and
 * revocation lists that the simulated authorities keep fresh. Labelled NOT_LICENSED everywhere.
 */
import { DEMONSTRATION_STAFF, DEMONSTRATION_STUDIO } from '#drizzle/seed/demonstration-keys.ts';
import { type ConsortiumConfig, ROLE } from '#ledger/codec/config.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { demonstrationKeys } from '#ledger/node/demonstration-keys.ts';
import {
  DEMONSTRATION_AUTHORITIES,
  type DemonstrationAuthority,
  demonstrationAuthorityOfRole,
  demonstrationCertificate,
  demonstrationCrl,
  demonstrationHierarchy,
  demonstrationMemberCertificate,
} from '#ledger/node/demonstration-pki.ts';
import { parseCertificate } from '#ledger/pki/certificate.ts';
import { parseCrl } from '#ledger/pki/crl.ts';
import type { DistinguishedName } from '#ledger/pki/issue-certificate.ts';
import { type Bytes, equalBytes, fromHex, toHex } from '#ledger/primitives/bytes.ts';
import { type Instant, instant } from '#ledger/primitives/instant.ts';
import type { Sql } from '#server/db.ts';
import type { StaffRole } from '#server/trpc/views.ts';
import { kindOf, nameText, organisationOf } from './names.ts';
import { type CertificatePurpose, insertAnchor, insertCertificate, insertCrl, insertGrant, listCrls } from './pki.repo.ts';

export type DemonstrationSeed = {
  readonly certificates: (at: Instant) => readonly { readonly der: Bytes; readonly purpose: CertificatePurpose }[];
  /** Issues what is missing or has less than half its time left, with everything revoked so far. */
  readonly freshen: (sql: Sql, now: Instant) => Promise<void>;
};

const DAY_MS = 86_400_000;
const CRL_DAYS = 30;

/** Which authority may name which role: the operator's cannot make a supervisor. */
const ROLES: readonly {
  readonly unit: string;
  readonly authority: DemonstrationAuthority;
  readonly role: StaffRole;
  readonly organisation: string;
}[] = [
  { unit: 'tax', authority: 'Supervisor CA', role: 'sup_tax', organisation: 'Supervisor (demonstration)' },
  { unit: 'market', authority: 'Supervisor CA', role: 'sup_market', organisation: 'Supervisor (demonstration)' },
  { unit: 'finance', authority: 'Supervisor CA', role: 'sup_finance', organisation: 'Supervisor (demonstration)' },
  { unit: 'audit', authority: 'Supervisor CA', role: 'auditor', organisation: 'Supervisor (demonstration)' },
  { unit: 'operator', authority: 'Operator CA', role: 'operator', organisation: 'Operator (demonstration)' },
  { unit: 'notary', authority: 'Notary CA', role: 'notary', organisation: 'Notary (demonstration)' },
  // Of many studios: whom somebody speaks for stands in the certificate.
  { unit: 'studio', authority: 'Studio CA', role: 'studio', organisation: '' },
];

/** The studio's console is entered with a certificate too; its key is the one of the issuing account. */
const CERTIFIED = [...DEMONSTRATION_STAFF, DEMONSTRATION_STUDIO.account] as const;
type CertifiedName = (typeof CERTIFIED)[number];

const STAFF: Readonly<Record<CertifiedName, { readonly unit: string; readonly commonName: string }>> = {
  'staff-tax': { unit: 'tax', commonName: '演示税务监管员' },
  'staff-market': { unit: 'market', commonName: '演示市场监管员' },
  'staff-finance': { unit: 'finance', commonName: '演示资金监管员' },
  'staff-operator': { unit: 'operator', commonName: '演示运营员' },
  'staff-notary': { unit: 'notary', commonName: '演示公证员' },
  studio: { unit: 'studio', commonName: '示例工作室' },
};

export type DemonstrationStaff = { readonly name: string; readonly role: StaffRole; readonly certificate: Bytes };

/** Signing certificates of the published staff keys, the same on every machine. */
export function demonstrationStaff(at: Instant): readonly DemonstrationStaff[] {
  return CERTIFIED.map((name) => ({ name, role: roleOf(name).role, certificate: staffCertificate(name, 'signing', at) }));
}

function roleOf(name: CertifiedName): (typeof ROLES)[number] {
  const role = ROLES.find(({ unit }) => unit === STAFF[name].unit);
  if (role === undefined) throw new Error(`no role for ${name}`);
  return role;
}

function staffCertificate(name: CertifiedName, kind: 'signing' | 'encryption', at: Instant): Bytes {
  const { authority, role, organisation } = roleOf(name);
  const { unit, commonName } = STAFF[name];
  const keys = demonstrationKeys(name);
  return demonstrationCertificate({
    authority,
    subject: {
      commonName,
      organization: role === 'studio' ? 'Demonstration Studio' : organisation,
      organizationalUnit: unit,
      serialNumber: name.toUpperCase(),
    },
    publicKey: kind === 'signing' ? keys.publicKey : keys.encPublicKey,
    profile: { kind },
    at,
  });
}

const SEAL: Omit<DistinguishedName, 'organization'> = { commonName: 'Operator seal', organizationalUnit: 'seal' };
const TIME_STAMPER: DistinguishedName = { commonName: 'Simulated time stamp authority', organization: 'NOT_LICENSED' };
export const TIME_STAMPER_KEY = 'test-time-stamper';

/** Of the simulated authority: critical timeStamping and nothing else. */
export function timeStamperCertificate(at: Instant): Bytes {
  const { publicKey } = demonstrationKeys(TIME_STAMPER_KEY);
  return demonstrationCertificate({ authority: 'Time Stamp CA', subject: TIME_STAMPER, publicKey, profile: { kind: 'time_stamping' }, at });
}

/** Under the published authorities, those that governance has pinned: a member that took a certificate of its own is not among them. */
function nodeCertificates(config: ConsortiumConfig, genesisAt: Instant) {
  return config.members.flatMap((member) => {
    const der = demonstrationMemberCertificate(member, genesisAt);
    return equalBytes(sm3(der), member.cert) ? [{ der, purpose: 'node' as const }] : [];
  });
}

const authorityCertificates = () =>
  [...demonstrationHierarchy().authorities.values()].map((der) => ({ der, purpose: 'authority' as const }));

/** What a member without a market needs to know of a demonstration: the authorities and the members below them. */
export function demonstrationMembersSeed({
  config,
  genesisAt,
}: {
  readonly config: () => ConsortiumConfig;
  readonly genesisAt: Instant;
}): DemonstrationSeed {
  return { certificates: () => [...authorityCertificates(), ...nodeCertificates(config(), genesisAt)], freshen: freshener() };
}

function freshener(): DemonstrationSeed['freshen'] {
  let freshUntil = instant(0);
  return async (sql, now) => {
    if (now < freshUntil) return;
    await freshenLists(sql, now);
    freshUntil = instant(now + (CRL_DAYS / 2) * DAY_MS);
  };
}

/** `operator` signs evidence packages in its organisation's name, which after a takeover is another than at genesis (`ledger.md` 13.3); `config` names the members whose node certificates governance has pinned. */
export function demonstrationSeed(options: {
  readonly config: ConsortiumConfig;
  readonly genesisAt: Instant;
  readonly operator: { readonly acct: Uint8Array; readonly publicKey: Uint8Array };
}): DemonstrationSeed {
  const { config, genesisAt, operator } = options;
  const own = config.members.find((member) => equalBytes(member.acct, operator.acct)) ?? config.members[0];
  const authority = demonstrationAuthorityOfRole(own?.role ?? ROLE.operator);
  const subject = { ...SEAL, organization: own?.org ?? '' };
  const certificates = (at: Instant) => {
    const seal = (publicKey: Uint8Array, kind: 'signing' | 'encryption') =>
      demonstrationCertificate({ authority, subject, publicKey, profile: { kind }, at });
    return [
      ...authorityCertificates(),
      ...nodeCertificates(config, genesisAt),
      { der: seal(operator.publicKey, 'signing'), purpose: 'seal' as const },
      ...(own === undefined ? [] : [{ der: seal(own.encPub, 'encryption'), purpose: 'seal' as const }]),
      ...CERTIFIED.flatMap((name) =>
        (['signing', 'encryption'] as const).map((kind) => ({
          der: staffCertificate(name, kind, at),
          purpose: name === DEMONSTRATION_STUDIO.account ? ('studio' as const) : ('staff' as const),
        })),
      ),
      {
        der: timeStamperCertificate(at),
        purpose: 'time_stamp' as const,
      },
    ];
  };
  return { certificates, freshen: freshener() };
}

/** A second start adds what is new since: the next year's certificates overlap the old ones. */
export async function seedDemonstration(sql: Sql, now: Instant, seed: DemonstrationSeed): Promise<void> {
  const { root, authorities } = demonstrationHierarchy();
  const anchor = parseCertificate(root);
  await insertAnchor(sql, { sm3: anchor.fingerprint, der: root, subject: nameText(anchor.subject), isLicensed: false, addedAt: now });
  for (const { der, purpose } of seed.certificates(now)) {
    const certificate = parseCertificate(der);
    const { subject } = certificate;
    const facts = { kind: kindOf(certificate), purpose, subject: nameText(subject), organisation: organisationOf(subject), addedAt: now };
    await insertCertificate(sql, certificate, facts);
  }
  for (const { unit, authority, role, organisation } of ROLES) {
    const der = authorities.get(authority);
    if (der !== undefined) await insertGrant(sql, { authority: sm3(der), unit, role, organisation }, now);
  }
}

async function freshenLists(sql: Sql, now: Instant): Promise<void> {
  const { root, authorities } = demonstrationHierarchy();
  const issuers = [['root', root] as const, ...DEMONSTRATION_AUTHORITIES.map((name) => [name, authorities.get(name) ?? root] as const)];
  const stored = await listCrls(sql, now);
  for (const [name, der] of issuers) {
    const issuer = toHex(sm3(parseCertificate(der).subject.raw));
    const last = stored.find((row) => row.issuer === issuer);
    if (last !== undefined && last.nextUpdate - now > (CRL_DAYS / 2) * DAY_MS) continue;
    const revoked = last === undefined ? [] : [...parseCrl(last.der).revoked].map(([serial, at]) => ({ serial: fromHex(serial), at }));
    // DER has whole seconds, and a list from the future is none.
    const thisUpdate = instant(now - (now % 1000));
    const nextUpdate = instant(thisUpdate + CRL_DAYS * DAY_MS);
    // The second of issue as number: it rises, whoever of server and command wrote the list before.
    const list = demonstrationCrl(name, { number: Math.floor(now / 1000), thisUpdate, nextUpdate, revoked });
    await insertCrl(sql, sm3(list), { der: list, issuer, thisUpdate, nextUpdate }, now);
  }
}
