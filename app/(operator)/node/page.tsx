'use client';
/** The node (O-01, O-02, O-11): its state in words, the other members, signatures, refusals, contradictions, configurations. */
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { api } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { usePreferences } from '#app/_components/providers.tsx';
import { Chip, Id, PageTitle, Panel, Skeleton, Stat, Time } from '#app/_components/ui.tsx';
import { ConfigurationList } from './configuration-list.tsx';
import type { NodeData } from './node-data.ts';
import { ProposalsPanel } from './proposals-panel.tsx';
import { EvidenceList, RefusalTable } from './refusal-table.tsx';
import { SignatureGrid } from './signature-grid.tsx';

const POLL_MS = 3_000;
const GIB = 1_073_741_824;

export default function NodePage() {
  const t = useTranslations('node');
  const { isMember } = usePreferences();
  const query = useQuery({ queryKey: ['node'], queryFn: () => api.node.get(), refetchInterval: POLL_MS });
  return (
    <div className="space-y-4">
      <PageTitle text={t('title')} />
      <header>
        <h1 className="text-xl font-bold">{t('title')}</h1>
        <p className="mt-1 max-w-3xl text-sm text-ink-2">{t('lead')}</p>
      </header>
      <Loaded query={query} skeleton={<Skeleton className="h-[70vh]" />}>
        {(node) => (
          <div className="space-y-4">
            <StatePanel node={node} />
            <MembersPanel node={node} />
            <SignatureGrid node={node} />
            <RefusalTable node={node} />
            <EvidenceList node={node} />
            {isMember ? <p className="text-sm text-ink-2">{t('changesElsewhere')}</p> : <ProposalsPanel node={node} />}
            <ConfigurationList node={node} />
          </div>
        )}
      </Loaded>
    </div>
  );
}

const TONE = {
  alone: 'accent',
  certifying: 'good',
  waiting_for_signer: 'bad',
  waiting_for_members: 'wait',
  abstaining: 'wait',
  halted: 'bad',
} as const;

function StatePanel({ node }: { readonly node: NodeData }) {
  const t = useTranslations('node');
  const { status, disk } = node;
  const leader = status.members.find((member) => member.id === status.leader);
  return (
    <Panel
      title={
        <span role="status">
          <Chip tone={TONE[status.state]}>{t(`state.${status.state}`)}</Chip>
        </span>
      }
    >
      {status.halted === null ? null : <p className="mb-3 text-sm text-red">{status.halted}</p>}
      {status.isClockBehind ? (
        <p role="alert" className="mb-3 text-sm text-red">
          {t('clockBehind', { seconds: formatCount(Math.round(status.clockBehindMs / 1_000)) })}
        </p>
      ) : null}
      <dl className="grid grid-cols-1 min-[380px]:grid-cols-2 gap-4 md:grid-cols-4">
        <Stat label={t('height')} large note={t('signedBy', { signed: status.signers, all: Math.max(1, status.members.length) })}>
          {formatCount(status.height)}
        </Stat>
        <Stat label={t('certified')}>
          <span className="[&_time]:whitespace-normal">
            <Time at={new Date(status.certifiedAt).toISOString()} />
          </span>
        </Stat>
        <Stat label={t('waiting')}>{formatCount(status.waiting)}</Stat>
        <Stat label={t('role')}>{node.role === null ? t('unknown') : t(roleKey(node.role))}</Stat>
        <Stat label={t('ordering')} note={status.term === null ? undefined : `${t('term')} ${status.term}`}>
          {t(`orderings.${status.ordering ?? 'none'}`)}
        </Stat>
        <Stat label={t('leader')}>
          <span className="whitespace-normal wrap-anywhere">{leader?.org ?? '—'}</span>
        </Stat>
        <Stat label={t('epoch')}>{status.epoch}</Stat>
        <Stat label={t('version')}>{node.version}</Stat>
        <Stat label={t('disk')} note={disk === null ? undefined : `${t('database')} ${gib(disk.databaseBytes)}`}>
          {disk === null ? t('unknown') : gib(disk.freeBytes)}
        </Stat>
        <Stat label={t('clock')} note={t('clockNote')}>
          {node.clockOffsetMs} ms
        </Stat>
        <Stat
          label={t('signer')}
          note={t('signerNote', { signed: formatCount(status.signer.signed), refused: formatCount(status.signer.refused) })}
        >
          <span className="whitespace-normal wrap-anywhere">
            {t(`signerForm.${status.signer.form}`)}{' '}
            {status.signer.failure === null ? null : <Chip tone="bad">{t(`signerFailure.${status.signer.failure}`)}</Chip>}
          </span>
        </Stat>
        <Stat label={t('chain')}>
          <Id value={status.chain} />
        </Stat>
      </dl>
    </Panel>
  );
}

function MembersPanel({ node }: { readonly node: NodeData }) {
  const t = useTranslations('node');
  const { status } = node;
  if (status.members.length === 0) return null;
  return (
    <Panel title={t('members')} flush>
      <table className="data-table as-cards">
        <thead>
          <tr>
            <th>{t('member')}</th>
            <th>{t('role')}</th>
            <th className="end">{t('height')}</th>
            <th className="end">{t('lag')}</th>
            <th>{t('lastHeard')}</th>
            <th>{t('certificate')}</th>
          </tr>
        </thead>
        <tbody>
          {status.members.map((member) => (
            <tr key={member.id}>
              <td data-label={t('member')} className="font-semibold">
                {member.org} {member.isSelf ? <Chip tone="accent">{t('self')}</Chip> : null}
              </td>
              <td data-label={t('role')}>{t(roleKey(member.role))}</td>
              <td data-label={t('height')} className="num end">
                {member.height === null ? '—' : formatCount(member.height)}
              </td>
              <td data-label={t('lag')} className="num end">
                <Lag lag={node.lags.find((lag) => lag.member === member.id)} />
              </td>
              <td data-label={t('lastHeard')}>
                {member.failure !== null ? (
                  <Chip tone="bad">{member.failure}</Chip>
                ) : (
                  <span>
                    <Chip tone="good">{t('reachable')}</Chip> {member.isSelf ? null : <LastHeard at={member.seenAt} now={node.now} />}
                  </span>
                )}
              </td>
              <td data-label={t('certificate')}>
                <CertificateEnd certificate={node.certificates.find((each) => each.member === member.id)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Lag({ lag }: { readonly lag: NodeData['lags'][number] | undefined }) {
  const t = useTranslations('node');
  if (lag === undefined) return '—';
  if (lag.blocks === 0) return t('level');
  const facts = { blocks: lag.blocks, seconds: formatCount(lag.seconds) };
  return lag.isMore ? t('behindMore', facts) : t('behind', facts);
}

/** When the certificate of its node key ends: what somebody has to renew in time. */
function CertificateEnd({ certificate }: { readonly certificate: NodeData['certificates'][number] | undefined }) {
  const t = useTranslations('node');
  if (certificate === undefined || certificate.state === 'none') return t('certificateNone');
  if (certificate.state === 'unknown') return <span title={t('certificateUnknownNote')}>{t('certificateUnknown')}</span>;
  const { days, warning, subject } = certificate;
  const words = days < 0 ? t('certificateOver') : t('certificateDays', { days: formatCount(days) });
  return <span title={subject}>{warning === null ? words : <Chip tone={warning <= 7 ? 'bad' : 'wait'}>{words}</Chip>}</span>;
}

function LastHeard({ at, now }: { readonly at: number | null; readonly now: number }) {
  const t = useTranslations('node');
  return at === null ? t('silent') : t('ago', { seconds: Math.max(0, Math.round((now - at) / 1_000)) });
}

const gib = (bytes: number) => `${Math.round((bytes / GIB) * 10) / 10} GiB`;

const ROLE_KEYS = ['roles.r0', 'roles.r1', 'roles.r2', 'roles.r3', 'roles.r4', 'roles.r5', 'roles.r6'] as const;
const roleKey = (role: number) => ROLE_KEYS[role] ?? 'unknown';
