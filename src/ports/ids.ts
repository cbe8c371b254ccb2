/** Makes new ids: a prefix of the contract and a part that no two ids share. */
export interface Ids {
  next(prefix: IdPrefix): string;
}

export type IdPrefix = 'ven_' | 'cmp_' | 'clm_' | 'red_' | 'pay_' | 'ord_' | 'whk_';
