import { defaultProvider } from '@aws-sdk/credential-provider-node';

type Init = Parameters<typeof defaultProvider>[0];
type Provider = ReturnType<typeof defaultProvider>;

/**
 * The AWS SDK's own chain of credentials, for a client's `credentialDefaultProvider`. A forced refresh begins anew and reads the
 * shared files again: the SDK keeps their first content, so that keys which another program renews there would never be seen.
 */
export function freshCredentials(init: Init): Provider {
  const begin = (): Provider => defaultProvider({ ...init, ignoreCache: true });
  let provider = begin();
  return async (options) => {
    if (options?.forceRefresh === true) provider = begin();
    return await provider(options);
  };
}
