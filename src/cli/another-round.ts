import { HOST_DEFAULT, PORT_DEFAULT } from '../config.ts';

/** What a new campaign is made after: one whose coupons are gone. */
export interface GoneCampaign {
  readonly vendorId: string;
  readonly currency: string;
}

const CURRENCY_DEFAULT = 'KRW';
const AMOUNT = 5_000;

/** The flag that leads a command to a server; empty for the one where it looks by itself. */
export function urlFlag(url: string): string {
  return url === `http://${HOST_DEFAULT}:${PORT_DEFAULT}` ? '' : ` --url ${url}`;
}

/** The two commands that make a campaign and rush it; `ID` is what the first one prints. */
export function anotherRound({ vendorId, currency }: GoneCampaign, url: string): string[] {
  const money = currency === CURRENCY_DEFAULT ? '' : ` --currency ${currency}`;
  const flag = urlFlag(url);
  return [
    'npx firstcome campaigns create' +
      ` --vendor ${vendorId} --title "Another round" --amount ${AMOUNT}${money}${flag}`,
    `npx firstcome rush --campaign ID${flag}`,
  ];
}
