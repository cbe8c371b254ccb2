import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import {
  balanced,
  decidePostings,
  type AccountKind,
  type Posting,
  type TransactionType,
} from '../../domain/ledger/ledger.ts';
import { BulkInsert } from './bulk-insert.ts';
import { TRANSACTION_TYPES } from './rows.ts';
import { prepareStatements } from './statements.ts';

/** In the order of their numbers in the `kind` column. */
const ACCOUNT_KINDS: readonly AccountKind[] = ['vendor', 'promotion-cost', 'paid-out'];
/** The number in `vendor_no` of accounts that are of no vendor. */
const PLATFORM = 0;

/** Why and whose money moves. */
export interface Movement {
  readonly type: TransactionType;
  /** The number of the redemption, or of the payout. */
  readonly sourceNo: number;
  readonly vendorNo: number;
  readonly currency: string;
  /** One of the vendor's, one of the platform's. */
  readonly postings: readonly Posting[];
  /** Where the log tells the vendor of it. */
  readonly position: number;
}

/** Posts to the ledger, inside the writer's open transaction. */
export class Ledger {
  readonly #sql;
  readonly #transactions: BulkInsert;
  readonly #entries: BulkInsert;

  constructor(db: DatabaseSync) {
    this.#sql = prepareStatements(db, 'ledger.sql', ['account', 'openAccount', 'setBalance']);
    this.#sql.account.setReadBigInts(true);
    this.#transactions = new BulkInsert(db, 'ledger.sql', 'insertTransaction');
    this.#entries = new BulkInsert(db, 'ledger.sql', 'insertEntry');
  }

  /** Begins a run of movements, which are written when it ends. */
  begin(nowMs: number): LedgerRun {
    return { nowMs, accounts: new Map(), transactions: [], entries: [] };
  }

  balanceOf(run: LedgerRun, vendorNo: number, currency: string): number {
    return Number(this.#account(run, 'vendor', vendorNo, currency).balance);
  }

  /** Decides whether a movement can be posted on the accounts as they are in this run. */
  decide(
    run: LedgerRun,
    { vendorNo, currency, postings }: Pick<Movement, 'vendorNo' | 'currency' | 'postings'>,
  ): ReturnType<typeof decidePostings> {
    return decidePostings(postings, (kind) => {
      const ownerNo = kind === 'vendor' ? vendorNo : PLATFORM;
      return this.#account(run, kind, ownerNo, currency).balance;
    });
  }

  /** Moves money; gives the vendor's balance with it. */
  post(run: LedgerRun, movement: Movement): number {
    const { type, sourceNo, vendorNo, currency, position } = movement;
    const [first, second, ...others] = balanced(movement.postings);
    if (first?.account !== 'vendor' || second === undefined || others.length > 0) {
      throw new Error(`a ${type} has one posting of the vendor's and one of the platform's`);
    }
    const vendor = this.#account(run, first.account, vendorNo, currency);
    const platform = this.#account(run, second.account, PLATFORM, currency);
    vendor.balance += BigInt(first.amountMinor);
    platform.balance += BigInt(second.amountMinor);
    if (!Number.isSafeInteger(Number(vendor.balance))) {
      throw new RangeError(`the balance of account ${vendor.no} would be beyond 2^53-1`);
    }
    const typeNo = TRANSACTION_TYPES.indexOf(type);
    run.transactions.push(typeNo, sourceNo, run.nowMs);
    run.entries.push(vendor.no, position, typeNo, sourceNo, first.amountMinor, vendor.balance);
    run.entries.push(platform.no, position, typeNo, sourceNo, second.amountMinor, platform.balance);
    return Number(vendor.balance);
  }

  /** Ends a run: writes its transactions and entries, and the balances of the accounts. */
  end(run: LedgerRun): void {
    this.#transactions.run(run.transactions.splice(0));
    this.#entries.run(run.entries.splice(0));
    for (const { no, balance, balanceBefore } of run.accounts.values()) {
      if (balance === balanceBefore) continue;
      const { changes } = this.#sql.setBalance.run(balance, no, balanceBefore);
      if (Number(changes) !== 1) throw new Error(`account ${no} was posted to beside the writer`);
    }
    run.accounts.clear();
  }

  #account(run: LedgerRun, kind: AccountKind, vendorNo: number, currency: string): OpenAccount {
    const name = `${kind} ${vendorNo} ${currency}`;
    const known = run.accounts.get(name);
    if (known !== undefined) return known;
    const key = [ACCOUNT_KINDS.indexOf(kind), vendorNo, currency] as const;
    const row = this.#sql.account.get(...key) ?? this.#sql.openAccount.get(...key)!;
    const balance = (row['balance'] as bigint | undefined) ?? 0n;
    const account = { no: Number(row['no']), balance, balanceBefore: balance };
    run.accounts.set(name, account);
    return account;
  }
}

/** Movements of one transaction. */
export interface LedgerRun {
  readonly nowMs: number;
  readonly accounts: Map<string, OpenAccount>;
  /** Rows to be written, value after value. */
  readonly transactions: SQLInputValue[];
  readonly entries: SQLInputValue[];
}

interface OpenAccount {
  readonly no: number;
  /**
   * As of the movements so far in the open transaction. The platform's may exceed 2^53-1, as many
   * vendors' together can; 2^63 is what SQLite holds, and refuses to go beyond.
   */
  balance: bigint;
  readonly balanceBefore: bigint;
}
