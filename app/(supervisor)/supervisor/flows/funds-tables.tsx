'use client';
/** The graph in words and numbers: movements with the institution's own numbers, and accounts whose two sides are equal. */
import { useTranslations } from 'use-intl';
import { Chip, Panel, TextLink, Yuan } from '#app/_components/ui.tsx';
import type { FundsFlow } from '#server/trpc/views.ts';
import { useFundsWords } from './funds-words.ts';

export function FundsTables({ flow, onChoose }: { readonly flow: FundsFlow; readonly onChoose: (acct: string) => void }) {
  const t = useTranslations('funds');
  const words = useFundsWords();
  const names = new Map(flow.nodes.map((node) => [node.id, words.node(node)]));
  const inOrder = [...flow.nodes].sort((a, b) => a.level - b.level);
  const levels = new Map(inOrder.map(({ id, level }) => [id, level]));
  const edges = [...flow.edges].sort((a, b) => (levels.get(a.from) ?? 0) - (levels.get(b.from) ?? 0));
  return (
    <div className="space-y-5">
      <Panel title={t('edges')} flush>
        <table className="data-table as-cards" data-testid="funds-edges">
          <thead>
            <tr>
              <th>{t('fromAccount')}</th>
              <th>{t('toAccount')}</th>
              <th className="end">{t('amount')}</th>
              <th>{t('booked')}</th>
            </tr>
          </thead>
          <tbody>
            {edges.map((edge) => (
              <tr key={`${edge.from}>${edge.to}>${edge.kind}`}>
                <td data-label={t('fromAccount')}>
                  <span>
                    {names.get(edge.from)} <Chip>{words.act(edge.kind)}</Chip>
                  </span>
                </td>
                <td data-label={t('toAccount')}>{names.get(edge.to)}</td>
                <td data-label={t('amount')} className="end">
                  <Yuan fen={edge.amountFen} />
                </td>
                <td data-label={t('booked')}>
                  <Booked edge={edge} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
      <Panel title={t('nodes')} flush>
        <table className="data-table as-cards">
          <thead>
            <tr>
              <th>{t('account')}</th>
              {(['in', 'earlier', 'out', 'stays', 'further', 'again'] as const).map((key) => (
                <th key={key} className="end">
                  {t(key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {inOrder.map((node) => (
              <tr key={node.id}>
                <td data-label={t('account')}>
                  {node.acct === null ? (
                    words.node(node)
                  ) : (
                    <button
                      type="button"
                      className="min-h-6 text-start text-accent hover:underline"
                      title={t('lookAt')}
                      onClick={() => onChoose(node.acct ?? '')}
                    >
                      {words.node(node)}
                    </button>
                  )}
                </td>
                {(
                  [
                    ['in', node.inFen],
                    ['earlier', node.earlierFen],
                    ['out', node.outFen],
                    ['stays', node.staysFen],
                    ['further', node.furtherFen],
                    ['again', String(BigInt(node.againFen) + BigInt(node.onwardFen))],
                  ] as const
                ).map(([key, fen]) => (
                  <td key={key} data-label={t(key)} className="end">
                    {fen === '0' ? '—' : <Yuan fen={fen} />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
    </div>
  );
}

const SHOWN = 3;

function Booked({ edge }: { readonly edge: FundsFlow['edges'][number] }) {
  const t = useTranslations('funds');
  if (edge.entries.length === 0) return <>—</>;
  return (
    <span className="flex flex-wrap items-center gap-x-2 text-[13px]">
      {edge.entries.slice(0, SHOWN).map(({ entryId, tradeId, providerNo }) => {
        const text = providerNo === null ? t('onItsWay') : `#${providerNo}`;
        return tradeId === null ? (
          <span key={entryId} className="num">
            {text}
          </span>
        ) : (
          <TextLink key={entryId} href={`/supervisor/trades/${tradeId}`} className="num">
            {text}
          </TextLink>
        );
      })}
      {edge.count > SHOWN ? <span className="text-ink-3">{t('count', { count: String(edge.count) })}</span> : null}
    </span>
  );
}
