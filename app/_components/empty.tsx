/** Nothing here, in words and with a way on. Apart from what shows refusals, so that the pages of every visit stay light. */
import type { ReactNode } from 'react';

export function Empty(props: { readonly title: string; readonly text?: string; readonly children?: ReactNode; readonly isPage?: boolean }) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-10 text-center">
      {props.isPage === true ? <h1 className="text-lg font-semibold">{props.title}</h1> : <p className="font-medium">{props.title}</p>}
      {props.text === undefined ? null : <p className="max-w-md text-ink-2">{props.text}</p>}
      {props.children === undefined ? null : <div className="mt-2 flex flex-wrap justify-center gap-2">{props.children}</div>}
    </div>
  );
}
