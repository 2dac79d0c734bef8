'use client';
/** One report: what it counts, up to which number of the feed it is complete, its files, and whether signature and digests hold here. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { readRefusal } from '#app/_client/api.ts';
import { formatCount } from '#app/_client/format.ts';
import { saveFile } from '#app/_client/save-file.ts';
import { staffApi } from '#app/_client/staff-api.ts';
import { Loaded } from '#app/_components/loaded.tsx';
import { RefusalNote } from '#app/_components/refusal-note.tsx';
import { Button, Id, Skeleton, TextLink } from '#app/_components/ui.tsx';
import { useCountName, useRoomName } from '#app/_components/use-code-name.ts';
import { portableSm2 } from '#ledger/crypto/sm2.ts';
import { sm3 } from '#ledger/crypto/sm3.ts';
import { concat, fromBase64, fromHex, toHex, utf8 } from '#ledger/primitives/bytes.ts';
import type { ReportDetail } from '#server/trpc/views.ts';
import { Amendment } from './amendment.tsx';
import { FilingDetail } from './filing.tsx';
import { formatFigure, readManifest } from './read-manifest.ts';

// Verifying draws no randomness; whoever signed drew it.
const sm2 = portableSm2(() => {
  throw new Error('reports are only verified here');
});

function isGenuine({ manifest, sm3: digest, sig, publicKey }: ReportDetail): boolean {
  const signed = concat(utf8('daoju.report/1\n'), utf8(manifest));
  return toHex(sm3(utf8(manifest))) === digest && sm2.verify(fromHex(publicKey, 64), signed, fromHex(sig, 64));
}

export function ReportSheet({ reportId, onOpen }: { readonly reportId: string; readonly onOpen: (reportId: string) => void }) {
  const report = useQuery({ queryKey: ['report', reportId], queryFn: () => staffApi.report.get(reportId) });
  return (
    <Loaded query={report} skeleton={<Skeleton className="h-80" />}>
      {(data) => <Detail report={data} onOpen={onOpen} />}
    </Loaded>
  );
}

function Detail({ report, onOpen }: { readonly report: ReportDetail; readonly onOpen: (reportId: string) => void }) {
  const t = useTranslations('reports');
  const manifest = readManifest(report);
  const { completeness } = manifest;
  const countName = useCountName();
  const roomName = useRoomName();
  const holds = useMemo(() => isGenuine(report), [report]);
  const save = async (name: string) => {
    const file = await staffApi.report.file(report.reportId, name);
    saveFile(name, fromBase64(file.base64), file.mediaType);
  };
  const saveSigned = () => {
    const { manifest: document, sm3: digest, keyId, sig, txId } = report;
    saveFile(
      `${report.kind}-${report.period}-v${report.version}.signed.json`,
      JSON.stringify({ manifest: document, sm3: digest, keyId, sig, txId }, null, 2),
      'application/json',
    );
  };
  const client = useQueryClient();
  const amend = useMutation({
    mutationFn: () => staffApi.report.order(report.kind, report.period),
    onSuccess: () => client.invalidateQueries({ queryKey: ['reports'] }),
  });
  return (
    <div className="space-y-5 text-[13px]">
      <FilingDetail filing={report.filing} onAmend={() => amend.mutate()} isBusy={amend.isPending || amend.isSuccess} />
      <div aria-live="polite">
        {amend.isSuccess ? t('queued') : null}
        {amend.isError ? <RefusalNote refusal={readRefusal(amend.error)} /> : null}
      </div>
      <Amendment report={report} onOpen={onOpen} />
      <section className="space-y-1">
        <h3 className="font-semibold">{t('counts')}</h3>
        <dl className="space-y-1">
          {Object.entries(manifest.counts).map(([name, value]) => (
            <div key={name} className="flex justify-between gap-4">
              <dt className="text-ink-2">{countName(name)}</dt>
              <dd className="num">{formatFigure(name, value)}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section className="space-y-1">
        <h3 className="font-semibold">{t('completeness')}</h3>
        <p>
          {completeness.first === null || completeness.last === null
            ? t('silent', { room: roomName(completeness.room) })
            : t('complete', {
                room: roomName(completeness.room),
                first: formatCount(completeness.first),
                last: formatCount(completeness.last),
                count: formatCount(completeness.count),
              })}
        </p>
      </section>
      <section className="space-y-2">
        <h3 className="font-semibold">{t('files')}</h3>
        <ul className="divide-y divide-line rounded-md border border-line">
          {manifest.files.map((file) => (
            <li key={file.name} className="flex flex-wrap items-center justify-between gap-2 px-3 py-2">
              <span className="min-w-0 break-all font-mono text-xs">{file.name}</span>
              <span className="flex items-center gap-2">
                <Id value={file.sm3} />
                <Button onClick={() => void save(file.name)}>{t('save')}</Button>
              </span>
            </li>
          ))}
        </ul>
        <p className="flex flex-wrap gap-x-4">
          {t('schemas')}
          {report.schemas.map(({ name, path }) => (
            <TextLink key={name} href={path} prefetch={false} className="inline-flex min-h-6 items-center">
              {name}
            </TextLink>
          ))}
        </p>
      </section>
      <section className="space-y-2">
        <h3 className="font-semibold">{t('signature')}</h3>
        <p className={`flex items-center gap-2 ${holds ? 'text-green' : 'text-red'}`}>
          {holds ? <CircleCheck size={16} aria-hidden /> : <CircleX size={16} aria-hidden />} {holds ? t('verified') : t('broken')}
        </p>
        <p className="break-all text-ink-2">{t('onLedger', { txId: report.txId })}</p>
        <Button onClick={saveSigned}>{t('saveAll')}</Button>
      </section>
    </div>
  );
}
