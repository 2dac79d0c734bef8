'use client';
/** A record in words, read from the same bytes that become the proposal (O-11). */
import { useTranslations } from 'use-intl';
import { parseMemberRecord } from '#ledger/block/member-record.ts';
import { MEMBER_FLAG, ROLE } from '#ledger/codec/config.ts';
import { isZero, toHex } from '#ledger/primitives/bytes.ts';

const ROLES = ['operator', 'studio', 'supervisor', 'notary', 'court', 'observer', 'settlement'] as const;

export function RecordWords({ text }: { readonly text: string }) {
  const t = useTranslations('proposals');
  const { member, accountOpen } = parseMemberRecord(text);
  const role = ROLES.find((each) => ROLE[each] === member.role);
  const duties = [
    ...((member.flags & MEMBER_FLAG.mayLead) !== 0 ? [t('mayLead')] : []),
    ...((member.flags & MEMBER_FLAG.mirrorsMedia) !== 0 ? [t('mirrors')] : []),
    t(isZero(member.cert) ? 'certificateNone' : 'certificatePinned'),
  ];
  const rows = [
    [t('recordOrg'), `${member.id} ${member.org}`],
    [t('recordRole'), role === undefined ? String(member.role) : t(`role.${role}`)],
    [t('recordEndpoint'), member.endpoint],
    [t('recordDuties'), duties.join(' · ')],
    [t('recordNode'), toHex(member.pub)],
    [t('recordGovernance'), toHex(member.govPub)],
    [t('recordAccount'), toHex(member.acct)],
  ] as const;
  return (
    <>
      <dl className="space-y-1 rounded-md border border-line p-3">
        {rows.map(([label, value]) => (
          <div key={label} className="grid gap-x-3 sm:grid-cols-[8rem_1fr]">
            <dt className="text-ink-3">{label}</dt>
            <dd className="break-all">{value}</dd>
          </div>
        ))}
      </dl>
      {accountOpen === null ? null : <p className="text-ink-2">{t('recordOpens')}</p>}
    </>
  );
}
