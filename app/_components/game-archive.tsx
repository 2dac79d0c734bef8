'use client';
/** What the members keep of a game that has ended (T-27): download, hash, and the statement of it on the ledger. */
import { Download } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { formatCount } from '#app/_client/format.ts';
import type { GameArchiveView } from '#server/trpc/views.ts';

const KIB = 1024;

export function GameArchive({ file }: { readonly file: GameArchiveView }) {
  const t = useTranslations('sunset.archive');
  const { height, sm3, size, txId, href } = file;
  return (
    <div className="space-y-1 text-[13px]" data-testid="game-archive">
      <p>
        <strong>{t('title')}</strong> <span className="text-ink-2">{t('text', { command: 'cli -- verify' })}</span>
      </p>
      <p className="num text-ink-2 [overflow-wrap:anywhere]">{t('facts', { height, size: sizeText(size), sm3 })}</p>
      <p className="flex flex-wrap gap-x-4 gap-y-1">
        <a
          href={href}
          download
          className="inline-flex min-h-6 items-center gap-1 font-medium text-accent underline-offset-3 hover:underline"
        >
          <Download size={14} aria-hidden /> {t('download')}
        </a>
        {txId === null ? null : (
          <a href={`/ledger/v1/receipt/${txId}`} download className="inline-flex min-h-6 items-center text-accent hover:underline">
            {t('stated')}
          </a>
        )}
      </p>
    </div>
  );
}

const sizeText = (bytes: number): string =>
  bytes < KIB * KIB ? `${formatCount(Math.ceil(bytes / KIB))} KiB` : `${Math.round((bytes / KIB / KIB) * 10) / 10} MiB`;
