'use client';
/** Who refused and why, and who has signed two things that exclude each other. */
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { Empty } from '#app/_components/empty.tsx';
import { Chip, Id, Panel, Time } from '#app/_components/ui.tsx';
import type { NodeData } from './node-data.ts';
import { namesOf } from './signature-grid.tsx';

/** What a member checks by rules that the ledger does not know (`ledger.md` 15.3) is said in words. */
const TOLD = [
  ...(['envelope_missing', 'envelope_open', 'commitment_mismatch', 'terms_breach', 'class_terms_breach'] as const),
  ...(['assessment_mismatch', 'cap_exceeded', 'media_missing'] as const),
] as const;
type Told = (typeof TOLD)[number];
const isTold = (code: string): code is Told => TOLD.some((each) => each === code);

export function RefusalTable({ node }: { readonly node: NodeData }) {
  const t = useTranslations('node');
  const names = namesOf(node);
  return (
    <Panel title={t('refusals')} flush>
      {node.refusals.length === 0 ? (
        <Empty title={t('noRefusals')} />
      ) : (
        <table className="data-table as-cards">
          <thead>
            <tr>
              <th>{t('when')}</th>
              <th>{t('blocks')}</th>
              <th>{t('member')}</th>
              <th>{t('code')}</th>
              <th>{t('tx')}</th>
            </tr>
          </thead>
          <tbody>
            {node.refusals.map((refusal) => (
              <tr key={`${refusal.height}:${refusal.member}:${refusal.at}`}>
                <td data-label={t('when')}>
                  <Time at={new Date(refusal.at).toISOString()} style="full" />
                </td>
                <td data-label={t('blocks')} className="num">
                  {formatCount(refusal.height)}
                </td>
                <td data-label={t('member')}>{names.get(refusal.member) ?? refusal.member}</td>
                <td data-label={t('code')}>
                  <code>{refusal.code}</code>
                  {isTold(refusal.code) ? <p className="mt-0.5 max-w-prose text-xs text-ink-2">{t(`why.${refusal.code}`)}</p> : null}
                </td>
                <td data-label={t('tx')}>{refusal.txId === null ? '—' : <Id value={refusal.txId} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

const KINDS = ['evidenceKind.k1', 'evidenceKind.k2', 'evidenceKind.k3', 'evidenceKind.k4', 'evidenceKind.k5'] as const;

export function EvidenceList({ node }: { readonly node: NodeData }) {
  const t = useTranslations('node');
  const names = namesOf(node);
  return (
    <Panel title={t('evidence')}>
      {node.evidence.length === 0 ? (
        <p className="text-sm text-ink-2">{t('noEvidence')}</p>
      ) : (
        <ul className="space-y-3">
          {node.evidence.map((each) => (
            <li key={`${each.kind}:${each.a}`} className="text-sm">
              <Chip tone="bad">{names.get(each.member) ?? each.member}</Chip> {t(KINDS[each.kind - 1] ?? 'unknown')}
              {' · '}
              <Time at={new Date(each.foundAt).toISOString()} style="full" />
              <p className="mt-1 text-xs text-ink-2">
                {t('first')} <Id value={each.a} head={16} /> {t('second')} <Id value={each.b} head={16} />
              </p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
