'use client';
/** Choosing a file, in the page's own language: the browser's button speaks the browser's. */
import { FileUp } from 'lucide-react';
import { useId } from 'react';
import { useTranslations } from 'use-intl';

type One = { readonly file: File | null; readonly onPick: (file: File | null) => void };
type Several = { readonly files: readonly File[]; readonly onPickAll: (files: readonly File[]) => void };

export function FilePick(props: { readonly label: string; readonly accept: string } & (One | Several)) {
  const t = useTranslations('signIn');
  const id = useId();
  const isSeveral = 'files' in props;
  const names = isSeveral ? props.files.map(({ name }) => name) : props.file === null ? [] : [props.file.name];
  const pick = (picked: FileList | null) => {
    if (isSeveral) props.onPickAll([...(picked ?? [])]);
    else props.onPick(picked?.[0] ?? null);
  };
  return (
    <div>
      <span className="mb-1 block text-[13px] font-medium text-ink-2">{props.label}</span>
      <input
        id={id}
        type="file"
        accept={props.accept}
        className="peer sr-only"
        multiple={isSeveral}
        onChange={(event) => pick(event.target.files)}
        aria-label={props.label}
      />
      <label
        htmlFor={id}
        className="flex min-h-11 cursor-pointer items-center gap-2 rounded-md border border-dashed border-line-strong px-3 text-sm hover:border-accent hover:text-accent peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent"
      >
        <FileUp size={15} className="flex-none" aria-hidden />
        <span className="truncate">{names.length === 0 ? t('choose') : names.join(', ')}</span>
      </label>
    </div>
  );
}
