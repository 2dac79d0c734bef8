'use client';
/** Passports of everything one holds of a game that ends, in one file (T-27, P-43). */
import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { api, readRefusal } from '#app/_client/api.ts';
import { saveFile } from '#app/_client/save-file.ts';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button } from '#app/_components/ui.tsx';
import type { PortfolioRow } from '#server/trpc/views.ts';

export function SavePassports({ rows }: { readonly rows: readonly PortfolioRow[] }) {
  const t = useTranslations('sunset');
  const save = useMutation({
    mutationFn: async () => {
      const [{ zipSync }, { fromBase64 }] = await Promise.all([import('fflate'), import('#ledger/primitives/bytes.ts')]);
      const files: Record<string, Uint8Array> = {};
      // One after the other: each is built from the tables.
      for (const { itemId } of rows) files[`${itemId}.plproof`] = fromBase64((await api.passport.get(itemId)).file);
      saveFile('passports.zip', zipSync(files, { level: 0 }), 'application/zip');
      return rows.length;
    },
  });
  return (
    <div className="space-y-2 pt-1">
      <Button onClick={() => save.mutate()} disabled={save.isPending || rows.length === 0}>
        <Download size={14} aria-hidden /> {save.isPending ? t('saving') : t('savePassports', { count: rows.length })}
      </Button>
      <p role="status">{save.isSuccess ? t('saved', { count: save.data }) : null}</p>
      {save.isError ? <RefusalNote refusal={readRefusal(save.error)} /> : null}
    </div>
  );
}
