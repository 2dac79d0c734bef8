/** The signer with its passphrase, asked for once when the key is locked. */
import { useState } from 'react';
import type { Signer } from '#app/_client/signing.ts';
import { useMe } from '#app/_components/session.tsx';

export function useSigner() {
  const me = useMe();
  const [isAsked, setAsked] = useState(false);
  const [passphrase, setPassphrase] = useState('');
  /** Null: the passphrase is asked for now, or nobody is signed in. */
  const open = async (): Promise<Signer | null> => {
    if (me === null || me === undefined) return null;
    const { openSigner } = await import('#app/_client/keys/open-signer.ts');
    const signer = await openSigner(me, isAsked ? passphrase : null);
    setAsked(signer === null);
    if (signer !== null) setPassphrase('');
    return signer;
  };
  return { isAsked, passphrase, setPassphrase, open };
}
