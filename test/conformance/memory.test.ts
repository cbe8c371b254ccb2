import { openMemory } from './open-memory.ts';
import { storeSuite } from './store-suite.ts';

storeSuite('the memory store', openMemory);
