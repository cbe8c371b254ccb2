import { randomBytes } from 'node:crypto';

const SANE = /^[A-Za-z0-9._:-]{1,128}$/;

/** Gives every request its id: the caller's own, if it sent a sane one, else a new one. */
export class RequestIds {
  /** Tells this process from every other, so that a counter does for the rest. */
  readonly #prefix = `req_${randomBytes(9).toString('base64url').replaceAll(/[-_]/g, '0')}`;
  #count = 0;

  of(given: string | undefined): string {
    return given !== undefined && SANE.test(given) ? given : this.next();
  }

  next(): string {
    this.#count += 1;
    return `${this.#prefix}.${this.#count}`;
  }
}
