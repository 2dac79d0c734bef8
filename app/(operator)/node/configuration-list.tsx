'use client';
/** Every configuration that the ledger has had, with the votes it came by (O-11). */
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import { Chip, Panel, TextLink } from '#app/_components/ui.tsx';
import type { NodeData } from './node-data.ts';
import { namesOf } from './signature-grid.tsx';

export function ConfigurationList({ node }: { readonly node: NodeData }) {
  const t = useTranslations('node');
  const names = namesOf(node);
  return (
    <Panel title={t('configurations')}>
      <p className="mb-3 max-w-3xl text-xs text-ink-3">{t('configurationsNote')}</p>
      <ol className="space-y-4">
        {node.configurations.map((config) => (
          <li key={config.epoch} className="text-sm">
            <p className="font-semibold">
              {t('epoch')} {config.epoch}{' '}
              <span className="font-normal text-ink-2">
                {config.entry !== null ? (
                  <TextLink href={`/explorer/entries/${config.entry}`} className="inline-flex min-h-8 items-center">
                    {t('entry', { index: formatCount(config.entry) })}
                  </TextLink>
                ) : config.epoch === 0 ? (
                  t('genesis')
                ) : (
                  t('recovery')
                )}
              </span>{' '}
              {config.isInForce ? <Chip tone="good">{t('inForce')}</Chip> : null}
            </p>
            <p className="text-ink-2">
              {t('members')}: {config.members.map(({ id, org }) => `${id} ${org}`).join(' · ')}
            </p>
            <p className="text-ink-2">
              {t('finality')}: {config.finality} · {t('governance')}: {config.governance}
            </p>
            {config.approvals.length === 0 ? null : (
              <p className="text-ink-2">
                {t('approvedBy')}:{' '}
                {config.approvals.map((member) => (
                  <Chip key={member} tone="accent">
                    {names.get(member) ?? member}
                  </Chip>
                ))}
              </p>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
