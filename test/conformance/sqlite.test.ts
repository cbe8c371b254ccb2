import { openSqlite } from './open-sqlite.ts';
import { storeSuite } from './store-suite.ts';

storeSuite('the SQLite store', openSqlite);
