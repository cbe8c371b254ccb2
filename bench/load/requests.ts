import type { LoadOptions } from './load-options.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const KEY_SALT = 0x5bd1e995;
const ID_CHARS = 20;

/** Makes the n-th request of a run, byte for byte as load.c makes it. */
export function requestMaker(
  options: LoadOptions,
  paths: readonly string[],
): (request: number) => string {
  const frame = options.shape === 'batch' ? ['{"userIds":[', ']}'] : ['{"userId":', '}'];
  const users = options.usersPerRequest;
  const bodyBytes = frame.join('').length + users * (ID_CHARS + 3) - 1;
  const heads = paths.map(
    (path) =>
      `POST ${path} HTTP/1.1\r\nHost: ${options.host}:${options.port}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${bodyBytes}\r\n`,
  );
  return (request) => {
    const group = Math.floor(request / options.repeats);
    const ids: string[] = [];
    for (let place = 0; place < users; place += 1) {
      const n = group * users + place;
      const user = options.firstUser + (options.distinctUsers > 0 ? n % options.distinctUsers : n);
      ids.push(
        `"${options.ids === 'sequential' ? sequentialId(user) : hashId(user, options.seed)}"`,
      );
    }
    const key =
      options.keys === 1
        ? `Idempotency-Key: ${hashId(request + options.firstUser, options.seed ^ KEY_SALT)}\r\n`
        : '';
    return `${heads[group % heads.length]}${key}\r\n${frame[0]}${ids.join(',')}${frame[1]}`;
  };
}

/** 20 characters that look like a hash and differ for different numbers. */
export function hashId(number: number, salt: number): string {
  let id = '';
  for (let word = 0; word < 4; word += 1) {
    let bits = mix32((Math.imul(number >>> 0, 0x9e3779b1) + mix32(salt + word)) >>> 0);
    for (let i = 0; i < 5; i += 1, bits >>>= 5) id += ALPHABET[bits & 31];
  }
  return id;
}

export function sequentialId(number: number): string {
  return `user-${String(number).padStart(ID_CHARS - 5, '0')}`;
}

/** The finaliser of MurmurHash3: every bit of the answer hangs on every bit of the number. */
export function mix32(value: number): number {
  let h = value >>> 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
