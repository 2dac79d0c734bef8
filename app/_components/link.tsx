'use client';
/** A link within the market. Next asks the server for every link that comes into sight: a list of kinds made dozens of requests, of which at
 *  most one was used. This one asks when somebody points at the link or tabs to it, which is still before the press. */
import NextLink from 'next/link';
import { type ComponentProps, useState } from 'react';

export function Link({ prefetch = null, onPointerEnter, onFocus, ...rest }: ComponentProps<typeof NextLink>) {
  const [isMeant, setMeant] = useState(false);
  return (
    <NextLink
      {...rest}
      prefetch={isMeant ? prefetch : false}
      onPointerEnter={(event) => {
        setMeant(true);
        onPointerEnter?.(event);
      }}
      onFocus={(event) => {
        setMeant(true);
        onFocus?.(event);
      }}
    />
  );
}
