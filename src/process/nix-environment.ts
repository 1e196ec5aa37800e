import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';

/** What an evaluation may know of its surroundings: how to reach programs, the store, the network and the user's nix.conf. */
const kept = [
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TZ|TERM)$/,
  /^(?:XDG_(?:CONFIG|CACHE|DATA|STATE|RUNTIME)_(?:HOME|DIRS|DIR))$/,
  /^NIX_(?:CONF_DIR|USER_CONF_FILES|CONFIG|REMOTE|STORE_DIR|STATE_DIR|LOG_DIR|DATA_DIR|LOCALSTATE_DIR|DAEMON_SOCKET_PATH|SSL_CERT_FILE|SSHOPTS)$/,
  /^(?:SSL_CERT_FILE|SSL_CERT_DIR|CURL_CA_BUNDLE|GIT_SSL_CAINFO|SSH_AUTH_SOCK|GIT_SSH|GIT_SSH_COMMAND)$/,
  /^(?:https?_proxy|all_proxy|no_proxy)$/i,
  /^(?:LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|GC_INITIAL_HEAP_SIZE)$/,
];

/**
 * The evaluator's environment: nothing in it changes what nixpkgs evaluates to (NIXPKGS_CONFIG, NIXPKGS_ALLOW_*, NIX_PATH,
 * overlays of the user are left out), and no secrets are in reach of the expressions.
 */
export function evaluatorEnvironment(
  environment: NodeJS.ProcessEnv,
  cacheDirectory: string,
  store: StoreProbe = probeStore,
): NodeJS.ProcessEnv {
  const clean: NodeJS.ProcessEnv = { LC_ALL: 'C.UTF-8', NO_COLOR: '1' };
  for (const [name, value] of Object.entries(environment)) {
    if (kept.some((pattern) => pattern.test(name))) clean[name] = value;
  }
  if (clean['NIX_REMOTE'] === undefined && needsOwnStore(environment, store)) {
    const root = encodeURIComponent(join(cacheDirectory, 'store')).replaceAll('%2F', '/');
    clean['NIX_REMOTE'] = `local?root=${root}`;
  }
  return clean;
}

/** Where a path of the store is on this machine: below the root of a store that has one, else where it says. */
export function onDisk(path: string, environment: NodeJS.ProcessEnv): string {
  const root = /^local\?(?:.*&)?root=([^&]+)/.exec(environment['NIX_REMOTE'] ?? '')?.[1];
  return root === undefined ? path : join(decodeURIComponent(root), path);
}

/** What there is of a Nix store on this machine. */
export interface StoreProbe {
  writable: (path: string) => boolean;
  exists: (path: string) => boolean;
}

const probeStore: StoreProbe = {
  exists: existsSync,
  writable: (path) => {
    try {
      accessSync(path, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  },
};

/** Whether the evaluator would reach the store through another process, so that opening it writes nothing here. */
export function asksDaemon(environment: NodeJS.ProcessEnv, store: StoreProbe = probeStore): boolean {
  const remote = environment['NIX_REMOTE'] ?? '';
  if (remote !== '') return /^(?:daemon$|unix:|ssh(?:-ng)?:)/.test(remote);
  return store.exists(socketOf(environment)) && !store.writable(stateOf(environment));
}

/**
 * Even a read-only evaluation opens the store's database. Where neither a daemon nor a writable state directory is at
 * hand (a container with a read-only /nix), an empty store below the cache stands in: paths still begin with /nix/store.
 */
function needsOwnStore(environment: NodeJS.ProcessEnv, store: StoreProbe): boolean {
  if (store.exists(socketOf(environment))) return false;
  for (const path of [stateOf(environment), '/nix/var', '/nix', '/']) {
    if (store.exists(path)) return !store.writable(path);
  }
  return true;
}

function stateOf(environment: NodeJS.ProcessEnv): string {
  return environment['NIX_STATE_DIR'] ?? '/nix/var/nix';
}

function socketOf(environment: NodeJS.ProcessEnv): string {
  return environment['NIX_DAEMON_SOCKET_PATH'] ?? join(stateOf(environment), 'daemon-socket/socket');
}
