import type { Discount, NewCampaign, NewVendor, Vendor } from '../sdk/index.ts';
import type { Random } from './random.ts';

const PLACES = ['Hangang', 'Seoul', 'Busan', 'Jeju', 'Harbour', 'Old Town', 'North Gate', 'Garden'];
const TRADES = ['Tea', 'Bakery', 'Books', 'Coffee', 'Noodles', 'Flowers', 'Records', 'Cycles'];
const OCCASIONS = [
  'Opening',
  'Spring',
  'Midnight',
  'Birthday',
  'Rainy day',
  'Early bird',
  'Weekend',
];
const NAMES = ['mina', 'jun', 'sora', 'tae', 'yuna', 'leo', 'ines', 'omar', 'ada', 'kofi', 'rosa'];
const QUANTITIES = [10, 50, 100, 100, 100, 500, 1_000, 5_000];
const LIMITS = [1, 1, 1, 1, 2, 5];

export function randomVendor(random: Random): NewVendor {
  return { name: `${random.pick(PLACES)} ${random.pick(TRADES)} ${random.whole(1, 999)}` };
}

/** A campaign that is open at once, in its vendor's currency. */
export function randomCampaign(random: Random, vendor: Vendor): NewCampaign {
  const { currency } = vendor.balance;
  return {
    vendorId: vendor.id,
    title: `${random.pick(OCCASIONS)} coupons of ${vendor.name}`,
    discount: randomDiscount(random, currency),
    quantity: random.pick(QUANTITIES),
    perUserLimit: random.pick(LIMITS),
  };
}

/** An id that reads like a person and that no other number shares. */
export function randomUserId(random: Random, number: number): string {
  return `${random.pick(NAMES)}-${String(number).padStart(4, '0')}`;
}

function randomDiscount(random: Random, currency: string): Discount {
  if (random.next() < 0.5) return { type: 'fixed', amount: random.whole(1, 20) * 500, currency };
  const maxAmount = random.whole(5, 50) * 1_000;
  return { type: 'percent', percent: random.whole(1, 10) * 5, maxAmount, currency };
}
