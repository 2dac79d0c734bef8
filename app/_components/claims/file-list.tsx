'use client';
/** Files to a claim: chosen, shown with what they are, taken away again before anything is sent. */
import { FileUp, X } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Chosen } from '#app/_client/claim-signing.ts';

const MOST = 3;
const LARGEST = 400_000;
const MIMES = ['image/png', 'image/jpeg', 'image/webp', 'application/pdf', 'text/plain'];

export function FileList({
  files,
  onChange,
}: {
  readonly files: readonly Chosen[];
  readonly onChange: (files: readonly Chosen[]) => void;
}) {
  const t = useTranslations('claims');
  const id = useId();
  const [refused, setRefused] = useState<string | null>(null);
  const add = async (picked: readonly File[]) => {
    const { readChosen } = await import('#app/_client/claim-signing.ts');
    const fits = picked.filter(({ size, type }) => size > 0 && size <= LARGEST && MIMES.includes(type)).slice(0, MOST - files.length);
    setRefused(picked.find((file) => !fits.includes(file))?.name ?? null);
    onChange([...files, ...(await Promise.all(fits.map(readChosen)))]);
  };
  return (
    <div className="space-y-2">
      <p className="text-[13px] font-medium text-ink-2">{t('files')}</p>
      {files.length === 0 ? null : (
        <ul className="divide-y divide-line rounded-md border border-line text-[13px]">
          {files.map((file) => (
            <li key={file.sm3} className="flex items-center gap-2 ps-3">
              <span className="min-w-0 flex-1 truncate">{file.input.name}</span>
              <button
                type="button"
                aria-label={t('removeFile', { name: file.input.name })}
                className="inline-grid size-11 place-items-center text-ink-3 hover:text-red sm:size-9"
                onClick={() => onChange(files.filter((each) => each !== file))}
              >
                <X size={15} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      {files.length >= MOST ? null : (
        <>
          <input
            id={id}
            type="file"
            multiple
            accept={MIMES.join(',')}
            className="peer sr-only"
            onChange={(event) => {
              void add([...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
          <label
            htmlFor={id}
            className="inline-flex min-h-11 cursor-pointer items-center gap-2 rounded-md border border-dashed border-line-strong px-3 text-sm hover:border-accent hover:text-accent peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent sm:min-h-9"
          >
            <FileUp size={15} aria-hidden /> {t('addFile')}
          </label>
        </>
      )}
      <p className="text-xs text-ink-3">{t('filesHelp')}</p>
      {refused === null ? null : (
        <p role="alert" className="text-xs text-red">
          {t('tooLarge', { name: refused })}
        </p>
      )}
    </div>
  );
}
