import { expect } from 'vitest';
import type { Coupon } from '../../../src/domain/coupon/coupon.ts';
import type { PageRequest } from '../../../src/ports/store.ts';
import { claim, couponOf, givenCampaign, PLAIN, readPages, users } from '../given.ts';
import type { Checks } from '../store-under-test.ts';

/** Lists and look-ups. */
export const listChecks: Checks = {
  'finds a coupon by its id and by its code, however it is typed': async ({ store }) => {
    const id = await givenCampaign(store);
    const [ann, bob] = (await claim(store, id, ['ann', 'bob'])).map(couponOf);
    expect(await store.coupon(ann!.id)).toEqual(ann);
    expect(await store.coupon(bob!.code)).toEqual(bob);
    expect(await store.coupon(bob!.code.toLowerCase())).toEqual(bob);
    expect(await store.coupon(bob!.code.replaceAll('-', ''))).toEqual(bob);
    const typed = bob!.code.replaceAll('0', 'o').replaceAll('1', 'l').toLowerCase();
    expect(await store.coupon(typed)).toEqual(bob);
  },

  'finds no coupon for what is neither id nor code': async ({ store }) => {
    const id = await givenCampaign(store);
    const coupon = couponOf((await claim(store, id, ['ann']))[0]);
    const strange = ['', ' ', 'cpn_', 'ann', id, `${coupon.id}x`, coupon.id.slice(0, -1), '%', '_'];
    strange.push(
      coupon.code.slice(0, -1),
      `${coupon.code}0`,
      '00000-00000-00000-00000',
      '-'.repeat(20),
    );
    for (const text of strange) expect([text, await store.coupon(text)]).toEqual([text, null]);
  },

  'lists campaigns and vendors newest first, in pages': async ({ store }) => {
    for (const number of [1, 2, 3, 4, 5, 6, 7]) {
      await givenCampaign(store, { id: `cmp_${number}`, vendorId: `ven_${number}` });
    }
    const idsOf = (pages: readonly (readonly { id: string }[])[]) =>
      pages.map((page) => page.map((item) => item.id.slice(4)).join(''));
    const campaigns = (page: PageRequest) => store.campaigns(page);
    const vendors = (page: PageRequest) => store.vendors(page);
    expect(idsOf(await readPages(campaigns, 3))).toEqual(['765', '432', '1']);
    expect(idsOf(await readPages(vendors, 3))).toEqual(['765', '432', '1']);
    // A full last page has no page after it.
    expect(idsOf(await readPages(campaigns, 7))).toEqual(['7654321']);
    expect(idsOf(await readPages(vendors, 100))).toEqual(['7654321']);
  },

  'lists campaigns as they stand now': async ({ store }) => {
    const id = await givenCampaign(store);
    await claim(store, id, ['ann', 'bob']);
    await store.updateCampaign(id, { title: 'New' }, PLAIN);
    const page = await store.campaigns({ limit: 1, cursor: null });
    expect(page).toEqual({ items: [await store.campaign(id)], nextCursor: null });
    expect((await store.campaign(id))?.issued).toBe(2);
  },

  'lists the coupons of a user oldest first, over all campaigns': async ({ store, clock }) => {
    const a = await givenCampaign(store, { id: 'cmp_a', perUserLimit: 3 });
    const b = await givenCampaign(store, { id: 'cmp_b' });
    const mine: Coupon[] = [];
    const asked: [string, string[]][] = [
      [a, ['bob', 'ann', 'ann']],
      [b, ['ann']],
      [a, ['ann', 'cid']],
    ];
    for (const [id, userIds] of asked) {
      const coupons = (await claim(store, id, userIds)).map(couponOf);
      mine.push(...coupons.filter((coupon) => coupon.userId === 'ann'));
      // Within one millisecond the order of two campaigns is the store's own affair.
      clock.advance(1);
    }
    expect(mine).toHaveLength(4);
    const list = (page: PageRequest) => store.couponsOfUser('ann', page);
    expect((await readPages(list, 3)).flat()).toEqual(mine);
    expect((await readPages(list, 1)).flat()).toEqual(mine);
    expect(await readPages((page) => store.couponsOfUser('nobody', page), 3)).toEqual([[]]);
  },

  'gives an empty list one empty page': async ({ store }) => {
    const empty = { items: [], nextCursor: null };
    expect(await store.campaigns({ limit: 20, cursor: null })).toEqual(empty);
    expect(await store.vendors({ limit: 20, cursor: null })).toEqual(empty);
    expect(await store.couponsOfUser('ann', { limit: 20, cursor: null })).toEqual(empty);
  },

  'neither repeats nor skips a row that was there when paging began': async ({ store }) => {
    for (const number of [1, 2, 3, 4]) await givenCampaign(store, { id: `cmp_${number}` });
    const first = expectPage(await store.campaigns({ limit: 2, cursor: null }));
    await givenCampaign(store, { id: 'cmp_5' });
    const second = expectPage(await store.campaigns({ limit: 2, cursor: first.nextCursor }));
    const ids = [...first.items, ...second.items].map((item) => item.id);
    expect(ids).toEqual(['cmp_4', 'cmp_3', 'cmp_2', 'cmp_1']);
    expect(second.nextCursor).toBeNull();
  },

  'keeps a cursor good over a restart': async ({ store, reopen }) => {
    for (const number of [1, 2, 3]) await givenCampaign(store, { id: `cmp_${number}` });
    const first = expectPage(await store.campaigns({ limit: 1, cursor: null }));
    const { store: again } = await reopen();
    const second = expectPage(await again.campaigns({ limit: 1, cursor: first.nextCursor }));
    expect(second.items.map((item) => item.id)).toEqual(['cmp_2']);
  },

  'says bad-cursor to a cursor that the list has not given': async ({ store }) => {
    const ids = users(3, 'cmp_');
    for (const [index, id] of ids.entries()) {
      await givenCampaign(store, { id, vendorId: `ven_${index}` });
      await claim(store, id, ['ann', 'bob']);
    }
    const lists = {
      campaigns: (page: PageRequest) => store.campaigns(page),
      vendors: (page: PageRequest) => store.vendors(page),
      ann: (page: PageRequest) => store.couponsOfUser('ann', page),
    };
    const good: Record<string, string> = {};
    for (const [name, list] of Object.entries(lists)) {
      const cursor = expectPage(await list({ limit: 1, cursor: null })).nextCursor!;
      expect(cursor).toMatch(/^[\w-]+$/);
      good[name] = cursor;
    }
    const garbage = [
      '',
      ' ',
      '0',
      '1',
      '-1',
      'null',
      '💥',
      'bm9wZQ',
      'A'.repeat(5000),
      '%00',
      '../..',
    ];
    for (const [name, list] of Object.entries(lists)) {
      const own = good[name]!;
      const others = Object.values(good).filter((cursor) => cursor !== own);
      const spelled = [`${own}=`, `${own}!`, ` ${own}`, own.slice(0, -1)];
      for (const cursor of [...garbage, ...others, ...spelled]) {
        const said = await list({ limit: 1, cursor });
        expect([name, cursor, said]).toEqual([name, cursor, 'bad-cursor']);
      }
    }
  },
};

function expectPage<Page extends object>(result: Page | 'bad-cursor'): Page {
  if (result === 'bad-cursor') throw new Error('the list did not know its own cursor');
  return result;
}
